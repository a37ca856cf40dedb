"""ROC curves drawn: which share of right answers is found at which share of false alarms."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from attain.charts.roc_curve import Roc
from attain.charts.style import FAINT, SMALL, canvas, line_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_roc(curves: Mapping[str, Roc], intervals: Mapping[str, tuple[float, float]] | None = None) -> "Figure":
    """The curves of one model or of several on the same answers, best area first.

    Args:
        curves: by the model's name.
        intervals: 95 % intervals over learners of their areas, by the same names, where they are known.
    """
    ordered = sorted(curves.items(), key=lambda item: -item[1].auc)
    first = ordered[0][1]
    detail = f"{first.n:,} answers, {first.n_right / first.n:.0%} right; dashed: chance"
    if intervals:
        detail += "; [ ]: 95 % interval over learners"
    figure, axes = canvas("Right answers found against false alarms (ROC)", detail, height=5.2, width=6.0)
    ax = axes[0][0]
    ax.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)))
    left = 0.3 if intervals else 0.56
    for index, (name, curve) in enumerate(ordered):
        style = line_style(index)
        ax.plot(curve.false_alarms, curve.found, linewidth=1.7, **style)
        height = 0.05 + 0.055 * (len(ordered) - 1 - index)
        ax.plot([left, left + 0.06], [height, height], linewidth=1.7, **style)
        words = f"{name}  AUC {curve.auc:.3f}"
        if intervals and name in intervals:
            words += " [{:.3f}, {:.3f}]".format(*intervals[name])
        ax.text(left + 0.075, height, words, fontsize=SMALL + 0.5, va="center", color=style["color"])
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.set_xlabel("share of wrong answers scored above the threshold")
    ax.set_ylabel("share of right answers scored above it")
    return figure
