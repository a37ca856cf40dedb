"""Calibration drawn: of the answers scored about 0.7, how many are right, and how many such answers are there?"""

from typing import TYPE_CHECKING

import numpy as np

from attain.charts.calibration_bins import FEWEST, Calibration
from attain.charts.shares import BARS
from attain.charts.style import FAINT, PALETTE, SMALL, canvas, ticks

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_calibration(facts: Calibration, *, model: str) -> "Figure":
    """Share right against mean score with 95 % intervals, and below it how many answers there are."""
    right = facts.right
    some = right.n >= FEWEST
    total = int(right.n.sum())
    detail = f"{total:,} answers in {len(right.n)} bins; shares where a bin has {FEWEST} answers or more. {BARS}"
    figure, axes = canvas(f"Calibration of {model}", detail, height=5.4, rows=(3.2, 1), share_x=True)
    ax, below = axes[0][0], axes[1][0]
    ax.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)))
    spread = np.array([right.share - right.low, right.high - right.share])[:, some]
    ax.errorbar(facts.score[some], right.share[some], spread, fmt="o-", color=PALETTE[0], markersize=5, capsize=3)
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.set_ylabel("share of answers that are right")
    ax.text(0.02, 0.97, "above the line: learners do better than predicted", fontsize=SMALL, color=FAINT, va="top")
    ax.text(0.98, 0.03, "below the line: they do worse", fontsize=SMALL, color=FAINT, ha="right")
    ticks(below, thousands=True)
    middle, width = (facts.edges[1:] + facts.edges[:-1]) / 2, np.diff(facts.edges)
    below.bar(middle, right.n, width * 0.92, color=PALETTE[5])
    for x, n in zip(middle, right.n, strict=True):
        written = f"{n:,}" if n >= FEWEST else f"<{FEWEST}" if n else ""
        below.annotate(written, (x, n), (0, 2), textcoords="offset points", ha="center", fontsize=SMALL - 1)
    below.set_ylim(0, right.n.max(initial=1) * 1.25)
    below.set_ylabel("answers")
    below.set_xlabel("score: the predicted probability of a right answer")
    return figure
