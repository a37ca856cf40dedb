"""What an import reads, wherever MLflow keeps it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from attain.tracking.entities import Experiment, MetricPoint, Run
from attain.tracking.registry_entities import ModelVersion, RegisteredModel


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
        """Every run of an experiment, deleted ones also, with params, tags, latest metrics and inputs."""

    def points(self, run: Run) -> Iterator[MetricPoint]:
        """Every point of every metric of a run."""

    def files(self, run: Run) -> Iterator[SourceFile]:
        """Every artifact of a run. Raises `NotFound` if they cannot be reached."""

    def open(self, run: Run, path: str) -> BinaryIO:
        """An artifact, for reading; the caller closes it."""

    def registered_models(self) -> Iterator[RegisteredModel]:
        """Every registered model."""

    def versions(self, name: str) -> Iterator[ModelVersion]:
        """Every version of a registered model, the first one first."""
