"""A store that is a server: MLflow's REST protocol, and `/api/attain/…` for what that lacks."""

import io
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import BinaryIO

from attain.core import places
from attain.tracking import wire
from attain.tracking.entities import ArtifactInfo, DatasetInput, Experiment, MetricPoint, Page, Run, Status, View
from attain.tracking.errors import Exists, NotFound
from attain.tracking.http_client import Http, Json, encoded
from attain.tracking.liveness import now_ms, this_process, this_user
from attain.tracking.login import login_of
from attain.tracking.recovery import recover_if_possible
from attain.tracking.remote_registry import RemoteRegistry
from attain.tracking.rules import check_batch
from attain.tracking.store_protocol import NOTHING, File

MLFLOW, ATTAIN = "/api/2.0/mlflow/", "/api/attain/"
FILES = "/api/2.0/mlflow-artifacts/artifacts/"
PIECE = 10_000
"""Names in one request."""
ENDED = ("FINISHED", "FAILED", "KILLED")


def open_remote(uri: str) -> "RemoteStore":
    """The store behind a server's address; what killed processes left for it is sent, if it can be reached.

    Raises:
        Invalid: the address is not one.
    """
    store = RemoteStore(Http(uri, login_of(uri)))
    recover_if_possible(store)
    return store


class RemoteStore:
    """See `store_protocol.Store`. Every method is one request, or a few where several files or pages are meant.

    While the server is away, calls wait and try again for up to `http_client.PATIENCE_S`, then raise `Unavailable`;
    `add_points` and `heartbeat` try once, since the writer comes again by itself.
    """

    def __init__(self, http: Http) -> None:
        self._http, self.name, self.folder = http, http.address, places.home().absolute()
        self.registry = RemoteRegistry(http)
        self._roots: dict[str, str] = {}  # of runs' artifacts, by run id

    @property
    def place(self) -> str:
        """The server's address."""
        return self.name

    def close(self) -> None:
        """Close the connections that are not in use."""
        self._http.close()

    # Experiments

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Mapping[str, str] = NOTHING
    ) -> str:
        """Make an experiment; its id."""
        asked: Json = {"name": name, "tags": wire.pairs_json(tags)}
        if artifact_location:
            asked["artifact_location"] = artifact_location
        made: str = self._post("experiments/create", asked, repeat=False)["experiment_id"]
        return made

    def experiment(self, experiment_id: str) -> Experiment:
        """The experiment with an id, deleted or not."""
        return wire.experiment(self._get("experiments/get", experiment_id=experiment_id)["experiment"])

    def experiment_named(self, name: str) -> Experiment | None:
        """The experiment with a name, deleted or not."""
        try:
            return wire.experiment(self._get("experiments/get-by-name", experiment_name=name)["experiment"])
        except NotFound:
            return None

    def ensure_experiment(self, name: str) -> Experiment:
        """The experiment with a name, made now if there is none. Raises `Exists` if it is deleted."""
        found = self.experiment_named(name)
        if found is None:
            try:
                found = self.experiment(self.create_experiment(name))
            except Exists:  # by another process, since we looked
                found = self.experiment_named(name)
        assert found is not None
        if found.lifecycle_stage == "deleted":
            raise Exists(f"Experiment {name!r} (id {found.experiment_id}) is deleted. Restore it or use another name.")
        return found

    def list_experiments(
        self, view: View = "ACTIVE_ONLY", max_results: int = 1000, page_token: str | None = None
    ) -> Page[Experiment]:
        """Experiments, the last made first."""
        found = self._post(
            "experiments/search", {"view_type": view, "max_results": max_results, "page_token": page_token or ""}
        )
        return Page([wire.experiment(one) for one in found.get("experiments", [])], found.get("next_page_token"))

    # Runs

    def create_run(
        self,
        experiment_id: str,
        name: str | None = None,
        tags: Mapping[str, object] = NOTHING,
        params: Mapping[str, object] = NOTHING,
        parent_run_id: str | None = None,
        start_time: int | None = None,
        *,
        user_id: str | None = None,
        attended: bool = True,
        run_id: str | None = None,
    ) -> Run:
        """Start a run. Its id is made here, so that asking again after a lost answer makes no second run."""
        known = run_id or uuid.uuid4().hex
        asked: Json = {
            "run_id": known,
            "experiment_id": experiment_id,
            "run_name": name or "",
            "tags": wire.pairs_json(tags),
            "params": wire.pairs_json(params),
            "parent_run_id": parent_run_id or "",
            "start_time": now_ms() if start_time is None else start_time,
            "user_id": this_user() if user_id is None else user_id,
            "process": this_process() if attended else "",
        }
        try:
            self._ask("runs/create", asked)
        except Exists:
            if run_id is not None:
                raise
        return self.get_run(known)

    def get_run(self, run_id: str) -> Run:
        """A run as it stands now, deleted or not."""
        return self._with_signs([wire.run(self._get("runs/get", run_id=run_id)["run"])])[0]

    def update_run(
        self, run_id: str, status: Status | None = None, end_time: int | None = None, name: str | None = None
    ) -> None:
        """Change a run's state or name; a status that ends it sets the end (now if not given)."""
        asked: Json = {"run_id": run_id}
        if status is not None:
            asked["status"] = status
            end_time = now_ms() if end_time is None and status in ENDED else end_time
        if end_time is not None:
            asked["end_time"] = end_time
        if name:
            asked["run_name"] = name
        self._post("runs/update", asked)

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted."""
        self._post("runs/delete", {"run_id": run_id})

    def restore_run(self, run_id: str) -> None:
        """Bring back a deleted run."""
        self._post("runs/restore", {"run_id": run_id})

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[MetricPoint] = (),
        params: Mapping[str, object] = NOTHING,
        tags: Mapping[str, object] = NOTHING,
    ) -> None:
        """Log up to 1,000 things at once: all of them or none."""
        check_batch(metrics, params, tags)
        asked = {
            "run_id": run_id,
            "metrics": wire.metrics_json(metrics),
            "params": wire.pairs_json(params),
            "tags": wire.pairs_json(tags),
        }
        self._post("runs/log-batch", asked)

    def add_points(self, points: Sequence[tuple[str, MetricPoint]]) -> set[str]:
        """Add points of many runs, each kept once however often it is sent; ids of runs that do not exist."""
        place = {run_id: at for at, run_id in enumerate(dict.fromkeys(run_id for run_id, _ in points))}
        rows = [[place[run_id], p.key, wire.number(p.value), p.timestamp, p.step] for run_id, p in points]
        return set(self._ask("points", {"run_ids": list(place), "points": rows}, patience_s=0.0)["unknown"])

    def delete_tag(self, run_id: str, key: str) -> None:
        """Take a tag from a run."""
        self._post("runs/delete-tag", {"run_id": run_id, "key": key}, repeat=False)

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput]) -> None:
        """Say which data sets a run read."""
        self._post("runs/log-inputs", {"run_id": run_id, "datasets": wire.datasets_json(datasets)})

    def metric_history(
        self, run_id: str, key: str, max_results: int = 10_000, page_token: str | None = None
    ) -> Page[MetricPoint]:
        """Every point of one metric, by timestamp, step, value."""
        found = self._get(
            "metrics/get-history", run_id=run_id, metric_key=key, max_results=max_results, page_token=page_token
        )
        return Page([wire.metric(one) for one in found.get("metrics", [])], found.get("next_page_token"))

    def search_runs(
        self,
        experiment_ids: Sequence[str],
        filter: str = "",
        order_by: Sequence[str] = (),
        max_results: int = 1000,
        page_token: str | None = None,
        view: View = "ACTIVE_ONLY",
    ) -> Page[Run]:
        """Runs that a filter lets through; the last started first."""
        asked: Json = {
            "experiment_ids": list(experiment_ids),
            "filter": filter,
            "order_by": list(order_by),
            "max_results": max_results,
            "run_view_type": view,
        }
        found = self._post("runs/search", asked | ({"page_token": page_token} if page_token else {}))
        return Page(self._with_signs([wire.run(one) for one in found.get("runs", [])]), found.get("next_page_token"))

    def count_runs(self, experiment_ids: Sequence[str], filter: str = "", view: View = "ACTIVE_ONLY") -> int:
        """How many runs `search_runs` finds on all pages."""
        asked = {"experiment_ids": list(experiment_ids), "filter": filter, "run_view_type": view}
        return int(self._ask("runs/count", asked)["count"])

    # Files

    def artifact(self, run_id: str, path: str) -> ArtifactInfo:
        """One file of a run."""
        for file in self.artifacts_under(run_id, path):
            if file.path == path:
                return file
        raise NotFound(f"The run has no artifact {path!r}.")

    def artifacts_under(self, run_id: str, folder: str = "") -> list[ArtifactInfo]:
        """Every file of a run at or under a path."""
        found = self._ask("artifacts", {"run_id": run_id, "path": folder})["files"]
        return [ArtifactInfo(f["path"], is_dir=False, size=f["size"], sha256=f["sha256"]) for f in found]

    def upload(self, run_id: str, files: Sequence[File]) -> None:
        """Keep files with a run, one request each.

        Raises:
            NotFound: a local file cannot be read.
        """
        root = self._root(run_id)
        for path, content in files:
            where = f"{FILES}{root}/{encoded(path)}"
            if isinstance(content, bytes):
                self._http.put(where, content, len(content))
                continue
            try:
                stream = content.open("rb")
            except OSError as error:
                raise NotFound(f"The file {str(content)!r} cannot be read: {error.strerror}.") from None
            with stream:
                self._http.put(where, stream, stream.seek(0, io.SEEK_END) - stream.seek(0))

    def open_file(self, run_id: str, path: str) -> BinaryIO:
        """Open a file of a run for reading; the caller closes it."""
        return self._http.open(f"{FILES}{self._root(run_id)}/{encoded(path)}")

    # Jobs

    def heartbeat(self, run_ids: Sequence[str]) -> None:
        """Say that this process attends these runs (and their claims) and lives."""
        self._ask("heartbeat", {"run_ids": list(run_ids), "process": this_process()}, patience_s=0.0)

    def claim(self, key: str, run_id: str) -> bool:
        """Take a job's key for a run; False if another run has it whose process may still live."""
        return bool(self._ask("claims/take", {"key": key, "run_id": run_id, "process": this_process()})["granted"])

    def release(self, key: str) -> None:
        """Give a job's key up."""
        self._ask("claims/release", {"key": key})

    def claimed(self, keys: Sequence[str]) -> dict[str, str]:
        """Which keys are held by a living process, and for which run."""
        return self._runs_of("claims/held", "keys", keys)

    def finished_runs(self, keys: Sequence[str]) -> dict[str, str]:
        """Which keys have a finished run, and which it is."""
        return self._runs_of("runs/finished", "keys", keys)

    def _get(self, path: str, /, **query: object) -> Json:
        return self._http.call("GET", MLFLOW + path, query=query)

    def _post(self, path: str, body: Json, *, repeat: bool = True) -> Json:
        return self._http.call("POST", MLFLOW + path, body, repeat=repeat)

    def _ask(self, path: str, body: Json, *, patience_s: float | None = None) -> Json:
        return self._http.call("POST", ATTAIN + path, body, patience_s=patience_s)

    def _runs_of(self, path: str, name: str, asked: Sequence[str]) -> Json:
        """What the server says of runs, asked for by many names, a piece of them at a time."""
        found: Json = {}
        for start in range(0, len(asked), PIECE):
            found |= self._ask(path, {name: list(asked[start : start + PIECE])})["runs"]
        return found

    def _with_signs(self, runs: list[Run]) -> list[Run]:
        """Running runs with who attends them, which MLflow's protocol does not say."""
        running = [run.run_id for run in runs if run.status == "RUNNING"]
        if not running:
            return runs
        signs = self._runs_of("runs/attended", "run_ids", running)
        return [
            replace(run, process=signs[run.run_id][0], heartbeat=signs[run.run_id][1]) if run.run_id in signs else run
            for run in runs
        ]

    def _root(self, run_id: str) -> str:
        """Where the artifacts of a run lie on the server: `<experiment>/<run>/artifacts`."""
        if run_id not in self._roots:
            run = wire.run(self._get("runs/get", run_id=run_id)["run"])
            self._roots[run_id] = run.artifact_uri.removeprefix("mlflow-artifacts:/")
        return self._roots[run_id]
