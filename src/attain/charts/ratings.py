"""What people said of generated pieces: ratings by system, agreement by dimension, a metric against people."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from attain.charts.style import FAINT, INK, PALETTE, SMALL, canvas, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]
Mean = tuple[str, float | None, float | None, float | None]
"""System, mean, ends of its interval."""
Alpha = tuple[float | None, float | None, float | None]
"""Value, ends of its interval."""
COLUMNS = 4
NEAR = (0.06, 0.045)
"""Two points nearer than these shares of the axes have one label."""
ACCEPTED = 0.667
"""Krippendorff (2004): below it not even tentative conclusions."""
MARKS = {"nominal": "s", "ordinal": "o", "interval": "D"}


@dataclass(frozen=True, eq=False)
class Scattered:
    """A metric against people's mean rating in one dimension.

    Attributes:
        metric: its id.
        dimension: what was rated.
        values: shape (n_systems, n_prompts), NaN where there is none.
        human: the same shape.
        systems: names of the rows.
        r: Pearson's of all pieces together.
        low: lower end of its interval, or None.
        high: upper end.
        left_out: systems that are not shown, as their pieces are the references.
    """

    metric: str
    dimension: str
    values: Array
    human: Array
    systems: Sequence[str]
    r: float
    low: float | None
    high: float | None
    left_out: Sequence[str]


def draw_ratings(
    means: Mapping[str, Sequence[Mean]], *, scale: tuple[float, float] | None, raters: int, prompts: int
) -> "Figure":
    """Mean rating of each system with its interval, one panel a dimension; systems in the order of their overall mean.

    Args:
        means: dimension to the systems' means.
        scale: ends of the scale of ratings.
        raters: how many people.
        prompts: how many prompts.
    """
    overall: dict[str, list[float]] = {}
    for own in means.values():
        for system, value, _, _ in own:
            overall.setdefault(system, []).extend([] if value is None else [value])
    order = sorted(overall, key=lambda name: np.mean(overall[name]) if overall[name] else -np.inf)
    columns = min(COLUMNS, len(means))
    rows = -(-len(means) // columns)
    detail = f"{raters} raters, {prompts:,} prompts. Bars: 95 % intervals, raters and prompts drawn anew."
    if raters < 5:
        detail += " With so few raters they are too narrow."
    detail += " Systems by their mean over all panels, the highest on top."
    if scale is not None:
        detail += f" The scale goes from {scale[0]:g} to {scale[1]:g}; each panel shows the part of it that is used."
    longest = max(map(len, order))
    figure, axes = canvas(
        "Mean ratings by people",
        "",
        height=1.3 + rows * (0.75 + 0.2 * len(order)),
        rows=(1,) * rows,
        columns=columns,
        width=max(6.0, 2.0 * columns + 0.065 * longest),
    )
    _caption(figure, detail)
    for number, (dimension, own) in enumerate(means.items()):
        ax = axes[number // columns][number % columns]
        _means(ax, {mean[0]: mean for mean in own}, order)
        ax.set_title(dimension.replace("_", " "), loc="left", fontsize=SMALL, color=INK)
        ax.set_yticks(range(len(order)), order if number % columns == 0 else [""] * len(order), fontsize=SMALL)
    for number in range(len(means), rows * columns):
        axes[number // columns][number % columns].set_visible(False)
    return figure


def draw_agreement(alphas: Mapping[str, Mapping[str, Alpha]], *, raters: int) -> "Figure":
    """Krippendorff's alpha by dimension, at each level of measurement.

    Args:
        alphas: dimension to level to (value, low, high), None where undefined.
        raters: how many people.
    """
    names = list(alphas)[::-1]
    detail = (
        f"Krippendorff's alpha of {raters} raters: 1 perfect, 0 as by chance. Bars: 95 % intervals over prompts. Left "
        f"of the dashed line ({ACCEPTED:g}) its author draws no conclusions."
    )
    figure, axes = canvas("Agreement of the raters", "", height=1.7 + 0.5 * len(names))
    _caption(figure, detail)
    ax = axes[0][0]
    ax.axvline(ACCEPTED, color=FAINT, linewidth=0.9, linestyle=(0, (4, 3)))
    levels = list(dict.fromkeys(level for own in alphas.values() for level in own))
    for place, level in enumerate(levels):
        at = np.arange(len(names)) + 0.22 * ((len(levels) - 1) / 2 - place)
        known = np.array([alphas[name][level] for name in names], dtype=np.float64).T  # None becomes NaN
        reach = np.nan_to_num([known[0] - known[1], known[2] - known[0]]).clip(min=0)
        mark, colour = MARKS.get(level, "o"), PALETTE[place]
        ax.errorbar(known[0], at, xerr=reach, fmt=mark, color=colour, label=level, markersize=4.5, elinewidth=1.2)
    ax.set_yticks(range(len(names)), [name.replace("_", " ") for name in names], fontsize=SMALL)
    ax.set_xlim(right=1.0)
    ax.set_xlabel("alpha")
    if levels:
        ax.legend(fontsize=SMALL, frameon=False, loc="lower left", bbox_to_anchor=(0, 1), ncols=len(levels))
    return figure


def draw_scatter(facts: Scattered) -> "Figure":
    """All pieces on the left, the systems' means on the right: two correlations that need not agree."""
    both = ~np.isnan(facts.values) & ~np.isnan(facts.human)
    n = int(both.sum())
    ends = "" if facts.low is None or facts.high is None else f" [{facts.low:.2f}, {facts.high:.2f}]"
    without = f" Without {', '.join(facts.left_out)}, whose pieces are the references." if facts.left_out else ""
    detail = (
        f"{n:,} pieces, pooled Pearson {facts.r:.2f}{ends}. Of the suite's metrics it is the nearest to people here."
        f"{without}"
    )
    figure, axes = canvas(
        f"{facts.metric} against people: {facts.dimension.replace('_', ' ')}", "", height=3.9, columns=2, width=9.5
    )
    _caption(figure, detail)
    left, right = axes[0]
    jitter = np.random.default_rng(0).uniform(-0.04, 0.04, n) * max(float(np.ptp(facts.human[both])), 1.0)
    left.scatter(facts.values[both], facts.human[both] + jitter, s=7, alpha=0.25, color=PALETTE[0], linewidths=0)
    left.set_title("all pieces (moved up or down a little)", loc="left", fontsize=SMALL, color=INK)
    left.set_ylabel("mean rating by people")
    with np.errstate(invalid="ignore"):
        x, y = (np.where(both, v, 0).sum(axis=1) / both.sum(axis=1) for v in (facts.values, facts.human))
    order = np.argsort(-y)
    right.plot(x[order], y[order], "o", color=PALETTE[1], markersize=4)
    right.margins(0.12)
    for places in _in_one_spot(x[order], y[order]):
        first = order[places[0]]
        label(right, x[first], y[first], ", ".join(str(place + 1) for place in places))
    keys = [right.plot([], [], linestyle="none")[0] for _ in order]
    names = [f"{place}  {facts.systems[i]}" for place, i in enumerate(order, start=1)]
    figure.legend(keys, names, loc="outside right upper", fontsize=SMALL, frameon=False, handlelength=0)
    right.set_title("systems' means, numbered by rating", loc="left", fontsize=SMALL, color=INK)
    for ax in (left, right):
        ax.set_xlabel(facts.metric)
    return figure


def _in_one_spot(x: Array, y: Array) -> list[list[int]]:
    """Numbers of the points, those together whose labels would lie on each other."""
    reach = [max(float(np.nanmax(v) - np.nanmin(v)), 1e-12) for v in (x, y)]
    spots: list[list[int]] = []
    for place in range(len(x)):
        for spot in spots:
            if abs(x[place] - x[spot[0]]) < NEAR[0] * reach[0] and abs(y[place] - y[spot[0]]) < NEAR[1] * reach[1]:
                spot.append(place)
                break
        else:
            spots.append([place])
    return spots


def _means(ax: "Axes", means: Mapping[str, Mean], order: Sequence[str]) -> None:
    for y, system in enumerate(order):
        _, value, low, high = means.get(system, (system, None, None, None))
        if value is None:
            continue
        if low is not None and high is not None:
            ax.plot([low, high], [y, y], color=PALETTE[0], linewidth=1.3)
        ax.plot([value], [y], "o", color=PALETTE[0], markersize=4)
    ax.set_ylim(-0.7, len(order) - 0.3)
    ax.locator_params(axis="x", nbins=4)


def _caption(figure: "Figure", words: str) -> None:
    """The words below all panels; several panels have no room above them."""
    filled = textwrap.fill(words, int(figure.get_figwidth() * 15))
    figure.supxlabel(filled, x=0.012, ha="left", fontsize=SMALL, color=FAINT)
