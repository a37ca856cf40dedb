"""What a store does, wherever it is: a database that this process opens itself, or a server."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Protocol, runtime_checkable

from attain.tracking.entities import ArtifactInfo, DatasetInput, Experiment, MetricPoint, Page, Run, Status, View
from attain.tracking.registry_entities import ModelVersion

NOTHING: Mapping[str, str] = {}

File = tuple[str, Path | bytes]
"""A path inside a run, and the local file or the bytes to keep there."""


class Registry(Protocol):
    """The part of the model registry that is there on every store, as `attain.tracking.sql.registry` documents it."""

    def ensure_model(self, name: str) -> None:
        """Make a registered model if there is none of this name."""

    def create_version(
        self,
        name: str,
        source: str,
        run_id: str = "",
        *,
        description: str = "",
        tags: Mapping[str, object] = NOTHING,
    ) -> ModelVersion:
        """Add a version to a registered model."""

    def version(self, name: str, version: int | str) -> ModelVersion:
        """A version."""

    def version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that an alias names; `latest` names the last one."""

    def set_alias(self, name: str, alias: str, version: int | str) -> None:
        """Let an alias name a version."""


class Store(Protocol):
    """Experiments, runs and what belongs to them, as `attain.tracking.sql.store.Store` documents each method.

    Safe to use from several threads and processes. All methods raise `Invalid` for a value that breaks a rule,
    `NotFound` for an id that is not there, `Unavailable` if the store cannot be reached or used.
    """

    name: str
    """What the store is called in journals: a file's name, else the address without password."""
    folder: Path
    """Where this process keeps its journals of the store."""

    @property
    def registry(self) -> Registry:
        """The registered models."""

    @property
    def place(self) -> str:
        """Where the store is, for people."""

    def close(self) -> None:
        """Let go of connections; the store can still be used and opens them again."""

    # Experiments

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Mapping[str, str] = NOTHING
    ) -> str:
        """Make an experiment; its id."""

    def experiment(self, experiment_id: str) -> Experiment:
        """The experiment with an id, deleted or not."""

    def experiment_named(self, name: str) -> Experiment | None:
        """The experiment with a name, deleted or not."""

    def ensure_experiment(self, name: str) -> Experiment:
        """The experiment with a name, made now if there is none."""

    def list_experiments(
        self, view: View = "ACTIVE_ONLY", max_results: int = 1000, page_token: str | None = None
    ) -> Page[Experiment]:
        """Experiments, the last made first."""

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
        """Start a run."""

    def get_run(self, run_id: str) -> Run:
        """A run as it stands now, deleted or not."""

    def update_run(
        self, run_id: str, status: Status | None = None, end_time: int | None = None, name: str | None = None
    ) -> None:
        """Change a run's state or name."""

    def delete_run(self, run_id: str) -> None:
        """Mark a run as deleted."""

    def restore_run(self, run_id: str) -> None:
        """Bring back a deleted run."""

    def log_batch(
        self,
        run_id: str,
        metrics: Sequence[MetricPoint] = (),
        params: Mapping[str, object] = NOTHING,
        tags: Mapping[str, object] = NOTHING,
    ) -> None:
        """Log up to 1,000 things at once: all of them or none."""

    def add_points(self, points: Sequence[tuple[str, MetricPoint]]) -> set[str]:
        """Add points of many runs, each kept once however often it is sent; ids of runs that do not exist."""

    def delete_tag(self, run_id: str, key: str) -> None:
        """Take a tag from a run."""

    def log_inputs(self, run_id: str, datasets: Sequence[DatasetInput]) -> None:
        """Say which data sets a run read."""

    def metric_history(
        self, run_id: str, key: str, max_results: int = 10_000, page_token: str | None = None
    ) -> Page[MetricPoint]:
        """Every point of one metric, by timestamp, step, value."""

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

    def count_runs(self, experiment_ids: Sequence[str], filter: str = "", view: View = "ACTIVE_ONLY") -> int:
        """How many runs `search_runs` finds on all pages."""

    # Files

    def artifact(self, run_id: str, path: str) -> ArtifactInfo:
        """One file of a run."""

    def artifacts_under(self, run_id: str, folder: str = "") -> list[ArtifactInfo]:
        """Every file of a run at or under a path."""

    # Jobs

    def heartbeat(self, run_ids: Sequence[str]) -> None:
        """Say that this process attends these runs (and their claims) and lives."""

    def claim(self, key: str, run_id: str) -> bool:
        """Take a job's key for a run; False if another run has it whose process may still live."""

    def release(self, key: str) -> None:
        """Give a job's key up."""

    def claimed(self, keys: Sequence[str]) -> dict[str, str]:
        """Which keys are held by a living process, and for which run."""

    def finished_runs(self, keys: Sequence[str]) -> dict[str, str]:
        """Which keys have a finished run, and which it is."""


@runtime_checkable
class MovesFiles(Protocol):
    """A store that is elsewhere: it carries the bytes of artifacts itself."""

    def upload(self, run_id: str, files: Sequence[File]) -> None:
        """Keep files with a run."""

    def open_file(self, run_id: str, path: str) -> BinaryIO:
        """Open a file of a run for reading; the caller closes it."""
