"""What an import reads, wherever MLflow keeps it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from attain.tracking.entities import Experiment, MetricPoint, Run
from attain.tracking.registry_entities import LoggedModel, ModelPoint, ModelVersion, RegisteredModel

Owner = Run | LoggedModel
"""What has files."""


def id_of(owner: Owner) -> str:
    """The id of what has files."""
    return owner.run_id if isinstance(owner, Run) else owner.model_id


@dataclass(frozen=True)
class SourceFile:
    """An artifact: its path inside the run, and its size in bytes where the source tells it."""

    path: str
    size: int | None


@dataclass(frozen=True)
class Unreadable:
    """A run whose files are damaged, and what is wrong with them."""

    name: str
    why: str


class Source(Protocol):
    """An MLflow store, read piece by piece: nothing asks for more than a page or a file at a time."""

    origin: str
    """What the store is called in tags of what was imported from it."""

    def experiments(self) -> Iterator[Experiment]:
        """Every experiment, deleted ones also."""

    def runs(self, experiment_id: str) -> Iterator[Run | Unreadable]:
        """Every run of an experiment, deleted ones also, with params, tags, latest metrics, inputs and outputs."""

    def points(self, run: Run) -> Iterator[MetricPoint]:
        """Every point of every metric of a run."""

    def models(self, experiment_id: str) -> Iterator[LoggedModel]:
        """Every logged model of an experiment with params and tags, deleted ones where the source shows them."""

    def model_points(self, model: LoggedModel) -> Iterator[ModelPoint]:
        """Every point that is about a logged model, as far as the source tells them."""

    def files(self, owner: Owner) -> Iterator[SourceFile]:
        """Every artifact of a run or logged model. Raises `NotFound` if they cannot be reached."""

    def open(self, owner: Owner, path: str) -> BinaryIO:
        """An artifact, for reading; the caller closes it."""

    def registered_models(self) -> Iterator[RegisteredModel]:
        """Every registered model."""

    def versions(self, name: str) -> Iterator[ModelVersion]:
        """Every version of a registered model, the first one first."""
