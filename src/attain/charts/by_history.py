"""Cold start: how a model's AUC and calibration change as more of a learner's answers are known."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from attain.charts.style import FAINT, PALETTE, canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Point:
    """A value on one stretch of the histories, with its 95 % interval over learners; None where undefined."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Stretch:
    """The answers that are each learner's `first` to `last`.

    Attributes:
        first: from 1.
        last: may be infinite.
        answers: how many.
        auc: among them.
        gap: mean score minus share right.
    """

    first: int
    last: float
    answers: int
    auc: Point
    gap: Point

    @property
    def words(self) -> str:
        """`3-5`, or `101+`."""
        return f"{self.first}+" if math.isinf(self.last) else f"{self.first}-{self.last:g}"


def draw_by_history(stretches: Sequence[Stretch], *, model: str) -> "Figure":
    """AUC above, calibration gap below, by the learner's answers so far; stretches without answers are left out."""
    shown = [s for s in stretches if s.answers]
    detail = "All skills together. Bars: 95 % intervals over learners. Later points rest on fewer learners."
    figure, axes = canvas(f"{model} by length of the learner's history", detail, height=5.2, rows=(1, 1), share_x=True)
    above, below = axes[0][0], axes[1][0]
    _draw(above, [s.auc for s in shown], PALETTE[0])
    above.set_ylabel("AUC")
    below.axhline(0, color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)))
    _draw(below, [s.gap for s in shown], PALETTE[1])
    below.set_ylabel("mean score - share right")
    below.set_xticks(range(len(shown)), [f"{s.words}\n({s.answers:,})" for s in shown])
    below.set_xlabel("the learner's how-manieth answer (answers in brackets)")
    return figure


def _draw(ax: "Axes", points: Sequence[Point], colour: str) -> None:
    at = [place for place, point in enumerate(points) if point.value is not None]
    known = [(p.value, p.low, p.high) for p in points if p.value is not None]
    value = np.array([v for v, _, _ in known], dtype=np.float64)
    low = np.array([np.nan if end is None else end for _, end, _ in known], dtype=np.float64)
    high = np.array([np.nan if end is None else end for _, _, end in known], dtype=np.float64)
    reach = np.nan_to_num([value - low, high - value]).clip(min=0)
    ax.errorbar(at, value, reach, fmt="o-", color=colour, markersize=5, capsize=2.5)
