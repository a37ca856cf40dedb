"""What a model is handed beside the data when it learns."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np


def _silent(step: int, **values: float) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class FitContext:
    """Grows by fields with defaults, so that adapters written today keep working.

    Attributes:
        rng: the only source of randomness that a model uses.
        report: `report(step, loss=0.4)` adds a point to each named training curve of the run.
        warn: takes a sentence about what did not go as planned and was mended, such as a training that diverged.
        device: `cpu`, `cuda`, or `auto` for a GPU where there is one; for models that can use it.
        checkpoint: a folder of this one fit, in which a model may keep how far it has come; when the same fit is begun
            again it may go on from there. None where nothing is to be kept.
        seed: of the run, the same in each of its folds.
        folder: where relative paths in params start: the folder of the suite's file, or the working folder.
    """

    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    report: Callable[..., None] = _silent
    warn: Callable[[str], None] = logging.getLogger(__name__).warning
    device: str = "auto"
    checkpoint: Path | None = None
    seed: int = 0
    folder: Path = Path()
