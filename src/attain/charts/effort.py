"""Effort and outcome: what each threshold of mastery asks of learners, and how they do after it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from attain.charts.style import FAINT, canvas, label, line_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Stop:
    """A rule that ends practice.

    Attributes:
        words: what stands beside the point, such as a threshold.
        effort: opportunities that it asks for.
        outcome: share right after it.
    """

    words: str
    effort: float
    outcome: float


def draw_effort(curves: Mapping[str, Sequence[Stop]], *, dataset: str) -> "Figure":
    """A line a model through its thresholds, a lone point for a rule without one; up and to the left is better."""
    detail = "Mean opportunities until a skill is called mastered, and share right of the answers after that."
    figure, axes = canvas(f"Effort and outcome on {dataset}", detail, height=4.6)
    ax = axes[0][0]
    for index, (name, stops) in enumerate(curves.items()):
        style = line_style(index)
        ax.plot([s.effort for s in stops], [s.outcome for s in stops], marker="o", markersize=4, label=name, **style)
        for stop in (stops[0], stops[-1]):
            label(ax, stop.effort, stop.outcome, stop.words, color=style["color"])
    ax.set_xlabel("effort: opportunities on a skill")
    ax.set_ylabel("outcome: share right afterwards")
    if curves:
        ax.legend(frameon=False, fontsize="small", labelcolor=FAINT)
    return figure
