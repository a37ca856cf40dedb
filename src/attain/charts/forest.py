"""Models side by side: value and interval of each on each metric, and which of them are clearly behind."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from attain.charts.style import FAINT, INK, LETTER, PALETTE, SMALL, canvas, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Direction = Literal["max", "min", "none"]
Standing = Literal["best", "tied", "behind", "unranked"]
_WORDS: Mapping[Standing, str] = {
    "best": "best value",
    "tied": "no clear difference from the best",
    "behind": "clearly behind the best",
    "unranked": "",
}
PLOT = 2.5
"""Inches between the names of models and what is said of them."""
_BETTER: Mapping[Direction, str] = {"max": "more is better", "min": "less is better", "none": "neither side is better"}


@dataclass(frozen=True)
class Estimate:
    """A model's value on one metric; None where it does not exist, with the reason."""

    model: str
    value: float | None
    low: float | None = None
    high: float | None = None
    reason: str = ""


@dataclass(frozen=True)
class Row:
    """An estimate and how it stands to the best."""

    estimate: Estimate
    standing: Standing


@dataclass(frozen=True)
class Panel:
    """One metric.

    Attributes:
        metric: its id.
        direction: which way is better.
        unit: of the values.
        rows: the models, best first (by value, where the metric has no better side), undefined ones last.
    """

    metric: str
    direction: Direction
    unit: str
    rows: tuple[Row, ...]


def panel(
    metric: str, direction: Direction, unit: str, estimates: Iterable[Estimate], clear: Iterable[tuple[str, str]] | None
) -> Panel:
    """Put models in order and say how each stands to the best.

    Args:
        metric: the metric's id.
        direction: which way is better.
        unit: of the values.
        estimates: one a model.
        clear: pairs of models whose paired difference is clear, in either order; None where they were not compared.
    """
    sign = 1 if direction == "min" else -1
    ordered = sorted(estimates, key=lambda e: (e.value is None, sign * (e.value or 0), e.model))
    apart = {frozenset(pair) for pair in clear or ()}
    rows = []
    for estimate in ordered:
        standing: Standing = "unranked"
        if direction != "none" and clear is not None and estimate.value is not None and len(ordered) > 1:
            behind = frozenset((ordered[0].model, estimate.model)) in apart
            standing = "best" if estimate.value == ordered[0].value else "behind" if behind else "tied"
        rows.append(Row(estimate, standing))
    return Panel(metric, direction, unit, tuple(rows))


def draw_forest(panels: Iterable[Panel], *, title: str, n_units: int, units: str = "learners") -> "Figure":
    """One panel a metric, one line a model, with its numbers and its standing in words.

    Raises:
        ValueError: there is no panel.
    """
    shown = list(panels)
    if not shown:
        raise ValueError("There is no metric to draw.")
    heights = [len(p.rows) + 1.2 for p in shown]
    detail = f"Value and 95 % interval (bootstrap over {n_units:,} {units}). Overlap is no test; read the words."
    names = LETTER * max(len(row.estimate.model) for p in shown for row in p.rows)
    words = LETTER * max(len(text) for p in shown for text in _words(p))
    height, width = 1.1 + 0.27 * sum(heights) + 0.25 * len(shown), max(7.4, names + PLOT + words)
    figure, axes = canvas(title, detail, height=height, rows=heights, width=width, indent=names)
    for (ax,), one in zip(axes, shown, strict=True):
        _panel(ax, one)
    return figure


def _panel(ax: "Axes", one: Panel) -> None:
    for place, (row, words) in enumerate(zip(one.rows, _words(one), strict=True)):
        estimate, best = row.estimate, row.standing in ("best", "unranked")
        if estimate.value is None:
            ax.text(
                0.01,
                place,
                f"no value: {estimate.reason}",
                transform=ax.get_yaxis_transform(),
                fontsize=SMALL,
                va="center",
            )
            continue
        colour = FAINT if row.standing == "behind" else PALETTE[0]
        if estimate.low is not None and estimate.high is not None:
            ax.plot([estimate.low, estimate.high], [place, place], color=colour, linewidth=1.8, solid_capstyle="butt")
        ax.plot(estimate.value, place, "o", color=colour, markerfacecolor=colour if best else "white", markersize=6)
        ax.text(1.02, place, words, transform=ax.get_yaxis_transform(), fontsize=SMALL, va="center", color=INK)
    ax.set_yticks(range(len(one.rows)), [row.estimate.model for row in one.rows])
    ax.set_ylim(len(one.rows) - 0.5, -0.5)
    ax.grid(visible=False, axis="y")
    ax.margins(x=0.12)
    ticks(ax, x=5)
    ax.set_xlabel(f"{one.metric} ({one.unit}; {_BETTER[one.direction]})", fontsize=SMALL + 0.5, loc="left")


def _words(one: Panel) -> list[str]:
    """What stands beside each row: its numbers and its standing; nothing where there is no value."""
    digits = _digits(row.estimate for row in one.rows)
    return [
        "  ".join(filter(None, [_numbers(row.estimate, digits), _WORDS[row.standing]]))
        if row.estimate.value is not None
        else ""
        for row in one.rows
    ]


def _digits(estimates: Iterable[Estimate]) -> int:
    """Decimals for a panel: two digits of the widest interval's half."""
    halves = [(e.high - e.low) / 2 for e in estimates if e.low is not None and e.high is not None]
    widest = max(halves, default=0.0)
    return int(np.clip(1 - np.floor(np.log10(widest)), 0, 6)) if widest > 0 else 4


def _numbers(estimate: Estimate, digits: int) -> str:
    value, *interval = [end for end in (estimate.value, estimate.low, estimate.high) if end is not None]
    if not interval:
        return f"{value:.4g}" if abs(value) < 1000 else f"{value:,.0f}"
    low, high = interval
    return f"{value:.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
