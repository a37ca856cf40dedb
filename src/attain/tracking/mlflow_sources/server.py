"""Reading an MLflow server through its REST protocol."""

from collections.abc import Iterator
from typing import BinaryIO

from attain.tracking import wire
from attain.tracking.entities import Experiment, MetricPoint, Run
from attain.tracking.http_client import Http, Json
from attain.tracking.login import login_of
from attain.tracking.mlflow_sources.source import SourceFile
from attain.tracking.registry_entities import ModelVersion, RegisteredModel

MLFLOW = "/api/2.0/mlflow/"
PAGE = 1_000
RUNS = 200
"""Runs a page: each comes with all its params, tags and latest metrics."""
POINTS = 10_000


class ServerSource:
    """An MLflow server; the login is that of its address or of `MLFLOW_TRACKING_*`."""

    def __init__(self, uri: str) -> None:
        self._http = Http(uri, login_of(uri))
        self.origin = self._http.address

    def experiments(self) -> Iterator[Experiment]:
        """Every experiment, deleted ones also."""
        for found in self._pages("experiments/search", "experiments", {"view_type": "ALL", "max_results": PAGE}):
            yield wire.experiment(found)

    def runs(self, experiment_id: str) -> Iterator[Run]:
        """Every run of an experiment, deleted ones also, the first one first."""
        asked = {
            "experiment_ids": [experiment_id],
            "run_view_type": "ALL",
            "max_results": RUNS,
            "order_by": ["attributes.start_time ASC"],
        }
        for found in self._pages("runs/search", "runs", asked):
            yield wire.run(found)

    def points(self, run: Run) -> Iterator[MetricPoint]:
        """Every point of every metric of a run."""
        for key in run.latest:
            asked = {"run_id": run.run_id, "metric_key": key, "max_results": POINTS}
            yield from (wire.metric(one) for one in self._listed("metrics/get-history", "metrics", asked))

    def files(self, run: Run) -> Iterator[SourceFile]:
        """Every artifact of a run."""
        folders = [""]
        while folders:
            asked = {"run_id": run.run_id, "path": folders.pop() or None}
            for one in self._listed("artifacts/list", "files", asked):
                if one.get("is_dir"):
                    folders.append(one["path"])
                else:
                    yield SourceFile(one["path"], int(one["file_size"]) if one.get("file_size") is not None else None)

    def open(self, run: Run, path: str) -> BinaryIO:
        """An artifact, for reading."""
        return self._http.open("/get-artifact", {"run_id": run.run_id, "run_uuid": run.run_id, "path": path})

    def registered_models(self) -> Iterator[RegisteredModel]:
        """Every registered model."""
        for found in self._listed("registered-models/search", "registered_models", {"max_results": 100}):
            yield RegisteredModel(
                name=found["name"],
                description=found.get("description", ""),
                creation_time=int(found.get("creation_timestamp", 0)),
                last_update_time=int(found.get("last_updated_timestamp", 0)),
                tags=wire.pairs(found.get("tags", [])),
                aliases={one["alias"]: int(one["version"]) for one in found.get("aliases", [])},
            )

    def versions(self, name: str) -> Iterator[ModelVersion]:
        """Every version of a registered model, the first one first."""
        quoted = f"'{name}'" if "'" not in name else f'"{name}"'
        asked = {"filter": f"name = {quoted}", "max_results": PAGE}
        found = [wire.version(one) for one in self._listed("model-versions/search", "model_versions", asked)]
        yield from sorted(found, key=lambda one: one.version)

    def _pages(self, path: str, what: str, body: Json) -> Iterator[Json]:
        """The items of all pages of a list that is asked for by POST."""
        token: str | None = ""
        while token is not None:
            page = self._http.call("POST", MLFLOW + path, body | ({"page_token": token} if token else {}))
            yield from page.get(what, [])
            token = page.get("next_page_token") or None

    def _listed(self, path: str, what: str, query: Json) -> Iterator[Json]:
        """The items of all pages of a list that is asked for by GET."""
        token: str | None = None
        while True:
            page = self._http.call("GET", MLFLOW + path, query=query | {"page_token": token})
            yield from page.get(what, [])
            if not (token := page.get("next_page_token") or None):
                return
