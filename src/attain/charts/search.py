"""Figures of a search of params: how the best value came about, and which params mattered."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from attain.charts.style import FAINT, PALETTE, canvas, whole_numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_history(
    complete: Mapping[int, float], pruned: Mapping[int, float], *, metric: str, direction: str, model: str
) -> "Figure":
    """Each trial's value by its number, and the best so far as a line.

    Args:
        complete: number of a trial to its value.
        pruned: likewise, of trials that were given up, their value at that moment.
        metric: what the value is.
        direction: `max` or `min`.
        model: whose params are sought.
    """
    detail = f"{len(complete)} trials completed, {len(pruned)} given up (crosses); line: the best so far"
    figure, axes = canvas(f"Search of params of {model}", detail, height=3.4)
    ax = axes[0][0]
    numbers = sorted(complete)
    best = (np.maximum if direction == "max" else np.minimum).accumulate([complete[n] for n in numbers])
    ax.plot(numbers, [complete[n] for n in numbers], "o", markersize=4, color=PALETTE[0], gid="trials")
    ax.plot(sorted(pruned), [pruned[n] for n in sorted(pruned)], "x", markersize=4, color=FAINT, gid="pruned")
    ax.step(numbers, best, where="post", linewidth=1.4, color=PALETTE[1], gid="best so far")
    whole_numbers(ax)
    ax.set_xlabel("trial")
    ax.set_ylabel(f"{metric} on parts of the training learners")
    return figure


def draw_importance(shares: Mapping[str, float], *, metric: str, n_trials: int) -> "Figure":
    """A bar a param, the most important at the top.

    Args:
        shares: param to the part of the differences in the metric that it accounts for, 0 to 1.
        metric: what differs.
        n_trials: how many trials the shares were found from.
    """
    figure, axes = canvas(
        "Which params mattered", f"shares of the differences in {metric} (PED-ANOVA); {n_trials} trials",
        height=1.4 + 0.3 * len(shares),
    )  # fmt: skip
    ax = axes[0][0]
    names = sorted(shares, key=lambda name: shares[name])
    ax.barh(names, [shares[name] for name in names], color=PALETTE[0], height=0.6)
    ax.set_xlim(0, 1)
    ax.set_xlabel("share")
    return figure
