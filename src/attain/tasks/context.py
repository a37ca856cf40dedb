"""What a model is handed beside the data when it learns."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


def _silent(step: int, **values: float) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class FitContext:
    """Grows by fields with defaults, so that adapters written today keep working.

    Attributes:
        rng: the only source of randomness that a model uses.
        report: `report(step, loss=0.4)` adds a point to each named training curve of the run.
        device: `cpu` or `cuda`, for models that can use it.
    """

    rng: np.random.Generator = field(default_factory=lambda: np.random.default_rng(0))
    report: Callable[..., None] = _silent
    device: str = "cpu"
