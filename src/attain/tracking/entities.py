"""What the store keeps, as plain values that never change."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar, get_args

from attain.tracking.liveness import is_gone, now_ms

T = TypeVar("T")

Status = Literal["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"]
STATUSES: tuple[str, ...] = get_args(Status)
Stage = Literal["active", "deleted"]
View = Literal["ACTIVE_ONLY", "DELETED_ONLY", "ALL"]
ShownStatus = Literal["running", "scheduled", "finished", "failed", "interrupted"]

RUN_NAME_TAG = "mlflow.runName"
PARENT_TAG = "mlflow.parentRunId"
CONTEXT_TAG = "mlflow.data.context"
KEY_TAG = "attain.key"
"""The tag that holds a job's key; a finished run with it makes the job done."""
UNITS_TAG = "attain.units"
"""The tag that says what a run's intervals were drawn over, where that is not learners."""


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list; `next_token` asks for the next part and is None at the end."""

    items: list[T]
    next_token: str | None = None


@dataclass(frozen=True)
class Experiment:
    """A named place for runs; times in ms."""

    experiment_id: str
    name: str
    artifact_location: str
    lifecycle_stage: Stage
    creation_time: int
    last_update_time: int
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class MetricPoint:
    """One value of one metric: `timestamp` in ms, `step` any whole number, `value` may be NaN."""

    key: str
    value: float
    timestamp: int
    step: int = 0


@dataclass(frozen=True)
class DatasetInput:
    """A data set that a run read; `schema` and `profile` are text (JSON), `tags` say how it was used."""

    name: str
    digest: str
    source_type: str = "local"
    source: str = ""
    schema: str | None = None
    profile: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class DatasetUse:
    """That runs of an experiment read a data set, and as what (`training`, …; None where they do not say)."""

    experiment_id: str
    name: str
    digest: str
    context: str | None


@dataclass(frozen=True)
class ArtifactInfo:
    """A file (or folder: no size, no hash) of a run; `path` is relative to the run's artifacts."""

    path: str
    is_dir: bool
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class ModelOutput:
    """A logged model that a run made, at a step of its training."""

    model_id: str
    step: int = 0


@dataclass(frozen=True)
class RunInfo:
    """What a run is, as MLflow's `run.info` has it; times in ms."""

    run_id: str
    run_name: str
    experiment_id: str
    status: Status
    start_time: int
    end_time: int | None
    artifact_uri: str


@dataclass(frozen=True)
class RunData:
    """What was logged to a run, as MLflow's `run.data` has it; of each metric the latest value."""

    metrics: Mapping[str, float]
    params: Mapping[str, str]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Run:
    """One run as it stands now.

    Attributes:
        run_id: 32 hexadecimal digits.
        start_time: ms; `end_time` is None until it ends.
        process: who attends it, as `liveness.this_process` names it; None where nobody on our side does.
        heartbeat: when it was last heard of, ms.
        latest: the point with the greatest (step, timestamp, value) of each metric.
        model_inputs: ids of logged models that it used; `model_outputs` are those that it made.
    """

    run_id: str
    experiment_id: str
    name: str
    status: Status
    start_time: int
    end_time: int | None
    lifecycle_stage: Stage
    user_id: str
    artifact_uri: str
    parent_run_id: str | None = None
    process: str | None = None
    heartbeat: int | None = None
    latest: Mapping[str, MetricPoint] = field(default_factory=dict)
    params: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[DatasetInput, ...] = ()
    model_inputs: tuple[str, ...] = ()
    model_outputs: tuple[ModelOutput, ...] = ()

    @property
    def metrics(self) -> dict[str, float]:
        """The latest value of each metric."""
        return {key: point.value for key, point in self.latest.items()}

    @property
    def info(self) -> RunInfo:
        """What the run is."""
        when = (self.start_time, self.end_time)
        return RunInfo(self.run_id, self.name, self.experiment_id, self.status, *when, self.artifact_uri)

    @property
    def data(self) -> RunData:
        """What was logged to it."""
        return RunData(self.metrics, self.params, self.tags)

    @property
    def units(self) -> str:
        """What intervals were drawn over, and groups are groups of: `learners`, or `prompts`."""
        return self.tags.get(UNITS_TAG, "learners")

    @property
    def shown_status(self) -> ShownStatus:
        """The status as a reader should see it now: a killed run, or one whose process is gone, is interrupted."""
        return shown_status(self.status, self.process, self.heartbeat, now_ms())


def shown_status(status: Status, process: str | None, heartbeat: int | None, now: int) -> ShownStatus:
    """See `Run.shown_status`; `now` in ms.

    >>> shown_status("KILLED", None, None, 0), shown_status("RUNNING", "elsewhere.1.2", 0, now=60_001)
    ('interrupted', 'interrupted')
    """
    if status == "KILLED" or (status == "RUNNING" and is_gone(process, heartbeat, now)):
        return "interrupted"
    shown: dict[str, ShownStatus] = {
        "RUNNING": "running",
        "SCHEDULED": "scheduled",
        "FINISHED": "finished",
        "FAILED": "failed",
    }
    return shown[status]
