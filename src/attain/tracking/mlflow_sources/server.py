"""Reading an MLflow server through its REST protocol."""

from collections.abc import Iterator
from functools import cached_property
from typing import BinaryIO

from attain.tracking import wire
from attain.tracking.entities import Experiment, MetricPoint, Run
from attain.tracking.errors import Unavailable
from attain.tracking.http_client import Http, Json, encoded
from attain.tracking.login import login_of
from attain.tracking.mlflow_sources.source import Owner, SourceFile
from attain.tracking.registry_entities import LoggedModel, ModelPoint, ModelVersion, RegisteredModel

MLFLOW, FILES = "/api/2.0/mlflow/", "/api/2.0/mlflow-artifacts/artifacts/"
PROXIED = "mlflow-artifacts:/"
PAGE = 1_000
RUNS = 200
"""Runs a page: each comes with all its params, tags and latest metrics."""
POINTS = 10_000
MODELS = 50
FIRST_WITH_MODELS = 3
"""The version of MLflow from which on there are logged models."""


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

    def models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """Every logged model of an experiment; none where the server is older than they are."""
        asked = {"experiment_ids": [experiment_id], "max_results": MODELS}
        for found in self._pages("logged-models/search", "models", asked) if self._has_models else ():
            yield wire.logged_model(found)

    def model_points(self, model: LoggedModel) -> Iterator[ModelPoint]:
        """The points that the server shows of a logged model: the last ones."""
        return iter(model.metrics)

    def files(self, owner: Owner) -> Iterator[SourceFile]:
        """Every artifact of a run or logged model."""
        folders = [""]
        while folders:
            for one in self._folder(owner, folders.pop()):
                if one.get("is_dir"):
                    folders.append(one["path"])
                else:
                    yield SourceFile(one["path"], int(one["file_size"]) if one.get("file_size") is not None else None)

    def open(self, owner: Owner, path: str) -> BinaryIO:
        """An artifact, for reading."""
        if isinstance(owner, Run):
            return self._http.open("/get-artifact", {"run_id": owner.run_id, "run_uuid": owner.run_id, "path": path})
        if owner.artifact_uri.startswith(PROXIED):
            root = owner.artifact_uri.removeprefix(PROXIED).strip("/")
            return self._http.open(f"{FILES}{root}/{encoded(path)}")
        return self._http.open(f"/ajax-api/2.0/mlflow/{_of(owner)}/files", {"artifact_file_path": path})

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

    @cached_property
    def _has_models(self) -> bool:
        try:
            with self._http.open("/version") as answer:
                major, _, _ = answer.read(100).partition(b".")
        except Unavailable as error:
            if error.passing:
                raise
            return False  # too old to tell
        return major.isdigit() and int(major) >= FIRST_WITH_MODELS

    def _folder(self, owner: Owner, folder: str) -> Iterator[Json]:
        """What lies directly in a folder."""
        if isinstance(owner, Run):
            return self._listed("artifacts/list", "files", {"run_id": owner.run_id, "path": folder or None})
        return self._listed(f"{_of(owner)}/directories", "files", {"artifact_directory_path": folder or None})

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


def _of(model: LoggedModel) -> str:
    """Where the artifacts of a logged model are asked for."""
    return f"logged-models/{model.model_id}/artifacts"
