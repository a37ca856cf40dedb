"""Items as learners met them: how hard each is, whether that is what was asked for, and who chose which option."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attain.charts.style import FAINT, INK, LETTER, PALETTE, RULE, SMALL, canvas, line_style, ticks

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_NAMED = 40
"""More items are drawn as a band without names."""
MOST_OPTIONS = 12
"""Items whose options are drawn."""
CROWDED = 120
"""More items are drawn small, and their intervals faint."""
MARKERS = "osD^vPX*"
LONGEST = 34


@dataclass(frozen=True)
class Hard:
    """Difficulty of an item; `ranked` where there are answers enough."""

    item: str
    system: str
    b: float
    low: float
    high: float
    n: int
    ranked: bool


@dataclass(frozen=True)
class Aimed:
    """Target and achieved difficulty of an item."""

    system: str
    target: float
    b: float
    low: float
    high: float


@dataclass(frozen=True)
class Chosen:
    """One option of an item; `ability` is the mean of those who chose it, None where that is not shown."""

    text: str
    key: bool
    share: float
    ability: float | None
    note: str = ""


def ordered(items: Sequence[Hard]) -> tuple[Hard, ...]:
    """The hardest first; those without answers enough come last, as they have no place."""
    return tuple(sorted(items, key=lambda one: (not one.ranked, -one.b, one.item)))


def draw_difficulties(items: Sequence[Hard], *, detail: str) -> "Figure":
    """Each item's difficulty and interval, the hardest on top.

    Raises:
        ValueError: there is no item.
    """
    shown = ordered(items)
    if not shown:
        raise ValueError("There is no item to draw.")
    title = "How hard items are"
    if len(shown) > MOST_NAMED:
        return _band(shown, title, detail)
    names = [_short(one.item) for one in shown]
    height, indent = 1.5 + 0.23 * len(shown), LETTER * max(map(len, names))
    figure, axes = canvas(title, detail, height=height, width=7.4, indent=indent)
    ax = axes[0][0]
    systems = list(dict.fromkeys(one.system for one in shown))
    for place, one in enumerate(shown):
        colour = PALETTE[systems.index(one.system) % len(PALETTE)] if one.ranked else FAINT
        marker = MARKERS[systems.index(one.system) % len(MARKERS)]
        ax.plot([one.low, one.high], [place, place], color=colour, linewidth=1.6, linestyle="-" if one.ranked else ":")
        ax.plot(one.b, place, marker, color=colour, markerfacecolor=colour if one.ranked else "white", markersize=5)
        words = f"{one.b:+.2f} [{one.low:+.2f}, {one.high:+.2f}]  n = {one.n:,}"
        words += "" if one.ranked else "  not enough data"
        ax.text(1.02, place, words, transform=ax.get_yaxis_transform(), fontsize=SMALL, va="center", color=INK)
    ax.set_yticks(range(len(shown)), names)
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.grid(visible=False, axis="y")
    ticks(ax, x=6)
    ax.set_xlabel("difficulty in logits (harder to the right)", loc="left")
    if len(systems) > 1:
        _legend(figure, systems)
    return figure


def _band(shown: Sequence[Hard], title: str, detail: str) -> "Figure":
    figure, axes = canvas(title, detail, height=4.2, width=7.4)
    ax = axes[0][0]
    ranked = [one for one in shown if one.ranked]
    x = np.arange(1, len(ranked) + 1)
    ax.vlines(x, [one.low for one in ranked], [one.high for one in ranked], color=PALETTE[5], linewidth=1, alpha=0.6)
    ax.plot(x, [one.b for one in ranked], ".", color=PALETTE[0], markersize=3)
    without = len(shown) - len(ranked)
    said = f"place by difficulty among the {len(ranked):,} items with answers enough"
    ax.set_xlabel(said + (f" (not drawn: {without:,} others)" if without else ""), loc="left")
    ax.set_ylabel("difficulty in logits")
    return figure


def draw_targets(points: Sequence[Aimed], *, detail: str) -> "Figure":
    """Achieved difficulty over target, with a line a system.

    Raises:
        ValueError: there is no point.
    """
    if not points:
        raise ValueError("There is no item with a target to draw.")
    systems = list(dict.fromkeys(one.system for one in points))
    figure, axes = canvas("Are items as hard as was asked for?", detail, height=4.4, width=7.0)
    ax = axes[0][0]
    levels = sorted({one.target for one in points})
    step = float(min(np.diff(levels), default=1.0))
    for place, system in enumerate(systems):
        own = [one for one in points if one.system == system]
        x, y = np.array([one.target for one in own]), np.array([one.b for one in own])
        beside = x + aside(x, place, len(systems), step)
        colour, crowded = PALETTE[place % len(PALETTE)], len(points) > CROWDED
        low, high = [one.low for one in own], [one.high for one in own]
        ax.vlines(beside, low, high, color=colour, linewidth=0.5 if crowded else 0.8, alpha=0.2 if crowded else 0.5)
        mark = MARKERS[place % len(MARKERS)]
        ax.plot(beside, y, mark, color=colour, markersize=2 if crowded else 4, linestyle="none", label=system)
        if len(own) > 2 and np.ptp(x) > 0:
            slope, height = np.polyfit(x, y, 1)
            ends = np.array([x.min(), x.max()])
            ax.plot(ends, height + slope * ends, linewidth=1.8, **line_style(place))
    if len(levels) <= 12:
        ax.set_xticks(levels, [f"{level:g}" for level in levels])
    ax.set_xlabel("target: the difficulty that was asked for", loc="left")
    ax.set_ylabel("achieved difficulty in logits")
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=SMALL)
    return figure


def aside(target: NDArray[np.float64], place: int, systems: int, step: float) -> NDArray[np.float64]:
    """How far beside its target each item is drawn, so that neither systems nor items lie on each other; shape (n,).

    Each system has a strip beside each target, and its items are spread over that evenly, in their order.

    >>> aside(np.array([1.0, 1.0, 2.0]), 0, 1, 1.0).round(3).tolist()
    [-0.175, 0.175, 0.0]
    """
    width = 0.7 * step / systems
    out = np.zeros(len(target))
    for level in np.unique(target):
        own = np.flatnonzero(target == level)
        out[own] = width * ((np.arange(len(own)) + 0.5) / len(own) - 0.5)
    return out + width * (place - (systems - 1) / 2)


def draw_options(items: Sequence[tuple[str, int, Sequence[Chosen]]], *, detail: str) -> "Figure":
    """Share of learners by option, of some items; the right option is filled.

    Args:
        items: id, learners who chose any option, and the options.
        detail: what a reader must know.

    Raises:
        ValueError: there is no item.
    """
    shown = items[:MOST_OPTIONS]
    if not shown:
        raise ValueError("There is no item with options to draw.")
    rows = [len(options) + 1.2 for _, _, options in shown]
    indent = LETTER * max(len(_named(one)) for _, _, options in shown for one in options)
    height = 1.0 + 0.22 * sum(rows)
    figure, axes = canvas("Who chose which option", detail, height=height, rows=rows, width=7.4, indent=indent)
    for (ax,), (item, n, options) in zip(axes, shown, strict=True):
        _options(ax, item, n, options)
    for (ax,) in axes[:-1]:
        ax.tick_params(labelbottom=False)
    axes[-1][0].set_xlabel("share of the learners who chose any option", loc="left")
    return figure


def _options(ax: "Axes", item: str, n: int, options: Sequence[Chosen]) -> None:
    for place, one in enumerate(options):
        colour = PALETTE[0] if one.key else PALETTE[1]
        ax.barh(place, one.share, color=colour if one.key else "white", edgecolor=colour, height=0.62, linewidth=1.1)
        able = "" if one.ability is None else f", mean ability {one.ability:+.2f}"
        words = f"{one.share:.1%}{able}" + (f"  {one.note}" if one.note else "")
        ax.text(1.02, place, words, transform=ax.get_yaxis_transform(), fontsize=SMALL, va="center", color=INK)
    ax.set_yticks(range(len(options)), [_named(one) for one in options])
    ax.set_ylim(len(options) - 0.4, -1.2)
    ax.set_xlim(0, 1)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0 %", "25 %", "50 %", "75 %", "100 %"])
    ax.axvline(0.05, color=RULE, linewidth=1.0, linestyle="--", zorder=0)
    ax.grid(visible=False, axis="y")
    ax.text(0.006, -0.85, f"{_short(item)} (n = {n:,})", fontsize=SMALL, va="center", color=FAINT)


def _legend(figure: "Figure", systems: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D([], [], color=PALETTE[place % len(PALETTE)], marker=MARKERS[place % len(MARKERS)], label=_short(system))
        for place, system in enumerate(systems)
    ]
    figure.legend(handles=marks, loc="outside lower left", ncols=3, frameon=False, fontsize=SMALL)


def _named(option: Chosen) -> str:
    return f"{_short(option.text)}{' ✓' if option.key else ''}"


def _short(text: str) -> str:
    """A text that fits beside the axis; the middle goes, for pieces of one generator differ at their ends.

    >>> _short("recorded system=a-model-of-some-size/p12/0")
    'recorded system=a-…some-size/p12/0'
    """
    ends = LONGEST // 2
    return text if len(text) <= LONGEST else f"{text[: ends + 1]}…{text[2 - ends :]}"
