"""Learning curves: the share of right answers by opportunity on a skill, as observed and as predicted."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attain.charts.shares import BARS, Shares, shares
from attain.charts.style import PALETTE, SMALL, canvas, label, spread, ticks, whole_numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST = 20
FEWEST = 10


@dataclass(frozen=True)
class LearningCurve:
    """Right answers by opportunity, from the first.

    Attributes:
        opportunity: shape (k,), 1 to k.
        observed: shares of right answers.
        predicted: shape (k,), mean score.
    """

    opportunity: NDArray[np.int64]
    observed: Shares
    predicted: NDArray[np.float64]


def learning_curve(
    opportunity: NDArray[np.integer], target: NDArray[np.number], score: NDArray[np.floating], most: int = MOST
) -> LearningCurve:
    """Means by opportunity, up to `most` and as long as each has at least 10 answers.

    Args:
        opportunity: shape (n,), the learner's how-manieth answer on the skill, from 1.
        target: shape (n,), 1 or 0.
        score: shape (n,), predicted probability of a right answer.
        most: the last opportunity shown.
    """
    inside = opportunity <= most
    counts = np.bincount(opportunity[inside] - 1, minlength=most)
    few = np.flatnonzero(counts < FEWEST)
    length = int(few[0]) if len(few) else most
    shown = opportunity <= length
    place = opportunity[shown] - 1
    observed = shares(place, target[shown], length)
    predicted = np.bincount(place, np.asarray(score, float)[shown], length) / np.maximum(observed.n, 1)
    return LearningCurve(np.arange(1, length + 1), observed, predicted)


def draw_learning_curve(facts: LearningCurve, *, model: str) -> "Figure":
    """Observed with intervals and predicted without, and below how many answers stand behind each point.

    Raises:
        ValueError: no opportunity has 10 answers.
    """
    if not len(facts.opportunity):
        raise ValueError(f"No opportunity has {FEWEST} answers to draw.")
    observed = facts.observed
    detail = f"All skills together; later points rest on fewer and other learners. {BARS}"
    figure, axes = canvas(
        f"Right answers by opportunity, and what {model} expected", detail, height=4.8, rows=(3.2, 1), share_x=True
    )
    ax, below = axes[0][0], axes[1][0]
    reach = np.array([observed.share - observed.low, observed.high - observed.share])
    ax.errorbar(facts.opportunity, observed.share, reach, fmt="o-", color=PALETTE[0], markersize=4.5, capsize=2.5)
    ax.plot(facts.opportunity, facts.predicted, "s--", color=PALETTE[1], markersize=4, linewidth=1.5)
    low, high = ax.get_ylim()
    low, high = max(0.0, low - 0.05), min(1.0, high + 0.05)
    ax.set_ylim(low, high)
    ends = spread([observed.share[-1], facts.predicted[-1]], (high - low) * 0.06)
    for place, words, colour in zip(ends, ("observed", "predicted"), PALETTE, strict=False):
        label(ax, float(facts.opportunity[-1]) + 0.15, float(place), words, color=colour)
    ax.set_ylabel("share of right answers")
    below.bar(facts.opportunity, observed.n, 0.8, color=PALETTE[5])
    every = 1 if len(facts.opportunity) <= 12 else 2
    for x, n in list(zip(facts.opportunity, observed.n, strict=True))[::every]:
        below.annotate(_short(int(n)), (x, n), (0, 2), textcoords="offset points", ha="center", fontsize=SMALL - 1)
    below.set_ylim(0, observed.n.max() * 1.3)
    below.set_ylabel("answers")
    below.set_xlabel("opportunity: a learner's first, second, ... answer on a skill")
    whole_numbers(below)
    ticks(below, thousands=True)
    return figure


def _short(n: int) -> str:
    """A count in few signs: 950, 1.2k, 12k."""
    return str(n) if n < 1000 else f"{n / 1000:.1f}k" if n < 9950 else f"{n / 1000:.0f}k"
