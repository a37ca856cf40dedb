"""The figures of a run and of a suite, drawn from what they keep."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attain.core.metric import Metric
from attain.core.table import Predictions
from attain.metrics.evaluate import Value
from attain.tracking.store import Store


def draw_run(store: Store, folds: Sequence[str], table: Predictions, label: str, folder: Path) -> None:
    """Draw what there is to draw of a run into a folder."""


def draw_suite(values: Mapping[str, Sequence[Value]], metrics: Sequence[Metric], dataset: str, folder: Path) -> None:
    """Draw the models of a data set beside each other."""
