"""Scores against a person's: which scores does a model give to answers that a person put on one level?"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attain.charts.style import FAINT, PALETTE, SMALL, canvas

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEVELS = 5
FEWEST = 5
"""Of fewer answers on a level, single scores are drawn, and no median."""


@dataclass(frozen=True)
class Level:
    """The answers whose human score is nearest to a level: quantiles of the model's scores of them."""

    share: float
    n: int
    low: float
    median: float
    high: float
    scores: tuple[float, ...]
    """All of them, where they are few."""


def agreement(target: NDArray[np.floating], score: NDArray[np.floating], levels: int = LEVELS) -> list[Level]:
    """The levels that have answers, from the lowest.

    Args:
        target: shape (n,), in [0, 1]; rows with NaN are left out.
        score: shape (n,), in [0, 1].
        levels: how many, equally spaced.
    """
    known = ~np.isnan(target)
    at = np.floor(target[known] * (levels - 1) + 0.5).astype(int)
    out = []
    for level in np.unique(at):
        own = score[known][at == level]
        low, median, high = (float(q) for q in np.quantile(own, [0.1, 0.5, 0.9]))
        few = tuple(map(float, own)) if len(own) < FEWEST else ()
        out.append(Level(level / (levels - 1), len(own), low, median, high, few))
    return out


def draw_agreement(parts: Mapping[str, list[Level]], *, model: str) -> "Figure":
    """One panel a part: the model's scores (median, and the middle four fifths) at each level of human scores."""
    detail = (
        "Dots: median score of answers on a level of human scores; lines: from the lowest to the highest tenth. "
        "On the dashed line both say the same."
    )
    figure, axes = canvas(f"Scores of {model} against human scores", detail, height=3.9, columns=len(parts))
    for ax, (part, levels) in zip(axes[0], parts.items(), strict=True):
        _panel(ax, part, levels)
    axes[0][0].set_ylabel("model's share of the points")
    return figure


def _panel(ax: "Axes", part: str, levels: list[Level]) -> None:
    ax.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)))
    for level in levels:
        if level.scores:
            ax.plot([level.share] * level.n, level.scores, "_", color=PALETTE[0], markersize=8)
        else:
            ax.plot([level.share] * 2, [level.low, level.high], color=PALETTE[0], linewidth=2)
            ax.plot(level.share, level.median, "o", color=PALETTE[0], markersize=6)
    ax.set(xlim=(-0.08, 1.08), ylim=(-0.04, 1.04))
    ax.set_xticks([level.share for level in levels], [f"{level.share:g}\n({level.n:,})" for level in levels])
    ax.tick_params(axis="x", labelsize=SMALL)
    ax.set_xlabel(f"human share (answers)\n{part.replace('_', ' ')}", fontsize=SMALL + 0.5)
