"""Sending runs on to an MLflow server, as often as wanted: a run is there once, and gets only what is new."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

from attain.core.fingerprint import of_json
from attain.tracking import wire
from attain.tracking.artifacts import open_artifact
from attain.tracking.entities import PARENT_TAG, MetricPoint, Run
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.http_client import Http, Json, encoded
from attain.tracking.login import login_of
from attain.tracking.rules import BATCH_METRICS, BATCH_PARAMS, BATCH_TAGS
from attain.tracking.store_protocol import Store

T = TypeVar("T")

MLFLOW, FILES = "/api/2.0/mlflow/", "/api/2.0/mlflow-artifacts/artifacts/"
RUN_TAG, STATE_TAG = "attain.run_id", "attain.sent_state"


@dataclass(frozen=True)
class Sent:
    """What was new: numbers of runs, points of metrics and files."""

    runs: int = 0
    points: int = 0
    files: int = 0

    def __add__(self, other: "Sent") -> "Sent":
        return Sent(self.runs + other.runs, self.points + other.points, self.files + other.files)


class Sink:
    """An MLflow server that takes runs of a store.

    Args:
        store: where the runs are.
        uri: the address of the server; the login is that of the address, or of `MLFLOW_TRACKING_*`.
        patience_s: how long a request waits for a server that is away.
    """

    def __init__(self, store: Store, uri: str, *, patience_s: float | None = None) -> None:
        environment = {name: value for name, value in os.environ.items() if name.startswith("MLFLOW_")}
        self._store, self._http = store, Http(uri, login_of(uri, environment), patience_s=patience_s)
        self._experiments: dict[str, str] = {}  # ids there, by ids here
        self._runs: dict[str, Run] = {}  # runs there, by ids here
        self._known_files: dict[str, dict[str, int]] = {}  # sizes by path, by ids of runs there

    @property
    def address(self) -> str:
        """The server's address."""
        return self._http.address

    def follow(self, run_id: str, points: Sequence[MetricPoint]) -> None:
        """Bring a run that goes on up to what it is here, with these new points of metrics. Raises as `send`."""
        run = self._store.get_run(run_id)
        there, _ = self._ensure(run)
        self._texts(run, there)
        for some in _pieces(points, BATCH_METRICS):
            self._batch(there, metrics=wire.metrics_json(some))
        self._files(run, there)

    def send(self, run_id: str, *, followed: bool = False) -> Sent:
        """Bring a run there up to what it is here: params, tags, full histories, inputs, files, status, parent.

        Args:
            run_id: the run here.
            followed: its points were sent as they came; they are sent again only if the last ones differ.

        Raises:
            Unavailable: the server or the store is away; what was sent stays, and the next time goes on.
            Invalid: the server refuses something, or keeps its files where it does not hand them on.
        """
        run = self._store.get_run(run_id)
        there, new = self._ensure(run)
        state = _state(run)
        points = 0
        if there.tags.get(STATE_TAG) != state:
            self._texts(run, there)
            points = 0 if followed and self._same_latest(run, there) else self._points(run, there)
        files = self._files(run, there)
        ended = {"end_time": run.end_time} if run.end_time is not None else {}
        self._post("runs/update", {"run_id": there.run_id, "status": run.status, **ended})
        self._post("runs/set-tag", {"run_id": there.run_id, "key": STATE_TAG, "value": state})
        self._note(run, tags={STATE_TAG: state})
        return Sent(int(new), points, files)

    def _ensure(self, run: Run) -> tuple[Run, bool]:
        """The run there, made now if there is none (then True); its parent before it."""
        if run.run_id in self._runs:
            return self._runs[run.run_id], False
        experiment = self._experiment(run.experiment_id)
        asked = {
            "experiment_ids": [experiment],
            "filter": f"tags.`{RUN_TAG}` = '{run.run_id}'",
            "run_view_type": "ALL",
            "max_results": 1,
        }
        found = self._post("runs/search", asked).get("runs", [])
        new = not found
        self._runs[run.run_id] = wire.run(found[0] if found else self._made(run, experiment))
        if self._runs[run.run_id].lifecycle_stage == "deleted":
            raise Invalid(f"Run {run.name!r} ({run.run_id}) was deleted on {self.address}; restore it there first.")
        return self._runs[run.run_id], new

    def _made(self, run: Run, experiment: str) -> Json:
        tags = {RUN_TAG: run.run_id} | self._parent(run)
        asked = {
            "experiment_id": experiment,
            "run_name": run.name,
            "user_id": run.user_id,
            "start_time": run.start_time,
            "tags": wire.pairs_json(tags),
        }
        made: Json = self._post("runs/create", asked, repeat=False)["run"]
        return made

    def _parent(self, run: Run) -> dict[str, str]:
        """The tag that names the parent there; none where the parent is gone here."""
        if run.parent_run_id is None:
            return {}
        try:
            parent = self._store.get_run(run.parent_run_id)
        except NotFound:
            return {}
        return {PARENT_TAG: self._ensure(parent)[0].run_id}

    def _experiment(self, experiment_id: str) -> str:
        if experiment_id not in self._experiments:
            name = self._store.experiment(experiment_id).name
            try:
                found = self._get("experiments/get-by-name", experiment_name=name)["experiment"]
                if found.get("lifecycle_stage") == "deleted":
                    raise Invalid(f"Experiment {name!r} is deleted on {self.address}; restore it there first.")
                self._experiments[experiment_id] = found["experiment_id"]
            except NotFound:
                made = self._post("experiments/create", {"name": name}, repeat=False)
                self._experiments[experiment_id] = made["experiment_id"]
        return self._experiments[experiment_id]

    def _texts(self, run: Run, there: Run) -> None:
        """Send params, tags and inputs that are not known to be there."""
        missing = {key: value for key, value in run.params.items() if key not in there.params}
        tags = {key: value for key, value in run.tags.items() if key != PARENT_TAG} | self._parent(run)
        changed = {key: value for key, value in tags.items() if there.tags.get(key) != value}
        for params in _pieces(missing.items(), BATCH_PARAMS):
            self._batch(there, params=wire.pairs_json(dict(params)))
        for some in _pieces(changed.items(), BATCH_TAGS):
            self._batch(there, tags=wire.pairs_json(dict(some)))
        if run.inputs and run.inputs != there.inputs:
            self._post("runs/log-inputs", {"run_id": there.run_id, "datasets": wire.datasets_json(run.inputs)})
        self._note(run, tags=changed)

    def _note(self, run: Run, tags: Mapping[str, str]) -> None:
        """Keep in mind that a run there has the params and inputs of the one here, and these tags."""
        there = self._runs[run.run_id]
        params = {**there.params, **run.params}
        self._runs[run.run_id] = replace(there, params=params, tags={**there.tags, **tags}, inputs=run.inputs)

    def _same_latest(self, run: Run, there: Run) -> bool:
        """Whether the last point of each metric there is that of here."""
        found = wire.run(self._get("runs/get", run_id=there.run_id)["run"])
        return _latest(found) == _latest(run)

    def _points(self, run: Run, there: Run) -> int:
        """Send the histories; a point that is there already is not doubled by the server."""
        sent = 0
        for some in _pieces(self._histories(run), BATCH_METRICS):
            self._batch(there, metrics=wire.metrics_json(some))
            sent += len(some)
        return sent

    def _histories(self, run: Run) -> Iterator[MetricPoint]:
        for key in run.latest:
            token: str | None = None
            while True:
                page = self._store.metric_history(run.run_id, key, page_token=token)
                yield from page.items
                if (token := page.next_token) is None:
                    break

    def _files(self, run: Run, there: Run) -> int:
        """Send files that are not there, or not in this size."""
        files = self._store.artifacts_under(run.run_id)
        if not files:
            return 0
        if not there.artifact_uri.startswith("mlflow-artifacts:"):
            raise Invalid(
                f"{self.address} keeps the files of runs at {there.artifact_uri!r} and does not take them itself. "
                "Start it with --serve-artifacts and --artifacts-destination."
            )
        root = there.artifact_uri.removeprefix("mlflow-artifacts:").lstrip("/")
        if there.run_id not in self._known_files:
            self._known_files[there.run_id] = dict(self._listed(there.run_id))
        known = self._known_files[there.run_id]
        sent = 0
        for file in files:
            if known.get(file.path, -1) != file.size:
                with open_artifact(self._store, run.run_id, file.path) as stream:
                    self._http.put(f"{FILES}{root}/{encoded(file.path)}", stream, file.size or 0)
                known[file.path] = file.size or 0
                sent += 1
        return sent

    def _listed(self, run_id: str) -> Iterator[tuple[str, int]]:
        """Every file that a run has there, with its size."""
        folders = [""]
        while folders:
            asked: dict[str, object] = {"run_id": run_id, "path": folders.pop() or None}
            for one in self._get("artifacts/list", **asked).get("files", []):
                if one.get("is_dir"):
                    folders.append(one["path"])
                else:
                    yield one["path"], int(one.get("file_size", -1))

    def _batch(self, there: Run, **what: list[Json]) -> None:
        self._post("runs/log-batch", {"run_id": there.run_id, **what})

    def _get(self, path: str, /, **query: object) -> Json:
        return self._http.call("GET", MLFLOW + path, query=query)

    def _post(self, path: str, body: Json, *, repeat: bool = True) -> Json:
        return self._http.call("POST", MLFLOW + path, body, repeat=repeat)


def _state(run: Run) -> str:
    """A hash of what changes of a run."""
    inputs = [[one.name, one.digest] for one in run.inputs]
    return of_json([run.status, _latest(run), sorted(run.params.items()), sorted(run.tags.items()), inputs])


def _latest(run: Run) -> list[tuple[str, int, int, str]]:
    return sorted((p.key, p.step, p.timestamp, str(p.value)) for p in run.latest.values())


def _pieces(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some
