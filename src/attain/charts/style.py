"""The look of all figures: colours that colour-blind people can tell apart, labels beside lines, room for words.

Matplotlib is imported when the first figure is made, and only as an object: no pyplot, no window, no global settings.
"""

import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
"""Okabe and Ito's colours, the palest (yellow) left out."""
DASHES: tuple[Any, ...] = ("-", (0, (5, 2)), (0, (1, 1.5)), (0, (6, 2, 1, 2)), (0, (3, 1, 1, 1, 1, 1)))
"""Line styles, so that lines differ on grey paper too; matplotlib's own types of them vary."""
INK, FAINT, RULE = "#222222", "#5F5F5F", "#D9D9D9"
WIDTH = 6.0
"""Inches; 600 pixels at 100 dots an inch, where the smallest text is 11 pixels high."""
TITLE, TEXT, SMALL = 11.5, 9.5, 8.5
LETTER = 0.072
"""Inches that a letter of small text takes, on the average."""


def canvas(
    title: str,
    detail: str,
    *,
    height: float,
    rows: Sequence[float] = (1,),
    columns: int = 1,
    width: float = WIDTH,
    indent: float = 0.0,
    share_x: bool = False,
) -> "tuple[Figure, list[list[Axes]]]":
    """A figure with a title that says what is seen, a line of detail, and its axes.

    Args:
        title: one sentence or name.
        detail: how many, of what, and what a reader must know.
        height: inches.
        rows: relative heights of the rows of axes.
        columns: how many axes stand side by side.
        width: inches.
        indent: inches that long names take left of the axes, where the line of detail begins.
        share_x: whether axes above each other have one x axis.

    Returns:
        The figure, and its axes row by row.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor="white")
    words = textwrap.fill(detail, int((width - indent) / LETTER))
    figure.suptitle(title, x=0.012, ha="left", fontsize=TITLE, fontweight="bold", color=INK)
    grid = figure.subplots(
        len(rows), columns, squeeze=False, sharex="col" if share_x else False, height_ratios=list(rows)
    )
    axes: list[list[Axes]] = grid.tolist()
    for ax in figure.axes:
        _plain(ax)
    axes[0][0].set_title(words, loc="left", fontsize=SMALL, color=FAINT)
    return figure, axes


def line_style(index: int) -> dict[str, Any]:
    """Colour and dashes of the line with this number; matplotlib's keywords."""
    return {"color": PALETTE[index % len(PALETTE)], "linestyle": DASHES[(index // len(PALETTE) + index) % len(DASHES)]}


def label(ax: "Axes", x: float, y: float, text: str, color: str = INK) -> None:
    """Text just to the right of a point, outside the axes if need be."""
    place = {"textcoords": "offset points", "annotation_clip": False, "va": "center"}
    ax.annotate(text, (x, y), (5, 0), fontsize=SMALL, color=color, **place)  # type: ignore[arg-type]  # plain keywords


def ticks(ax: "Axes", *, x: int | None = None, thousands: bool = False) -> None:
    """At most so many ticks on the x axis; a comma in the thousands of the y axis."""
    from matplotlib.ticker import MaxNLocator, StrMethodFormatter

    if x is not None:
        ax.xaxis.set_major_locator(MaxNLocator(x))
    if thousands:
        ax.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))


def whole_numbers(ax: "Axes") -> None:
    """Ticks of the x axis at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def spread(places: Sequence[float], gap: float, highest: float = np.inf) -> NDArray[np.float64]:
    """Places moved apart as little as needed, so that neighbours are at least `gap` from each other.

    All are moved down together where one would come to lie above `highest`.

    >>> spread([0.5, 0.5, 0.9], 0.1).round(2).tolist()
    [0.45, 0.55, 0.9]
    """
    wanted = np.asarray(places, dtype=np.float64)
    order = np.argsort(wanted, kind="stable")
    shift = gap * np.arange(len(wanted))
    blocks: list[tuple[float, int]] = []  # mean and size of runs that would collide: isotonic regression
    for value in wanted[order] - shift:
        mean, size = float(value), 1
        while blocks and blocks[-1][0] > mean:
            before, count = blocks.pop()
            mean, size = (before * count + mean * size) / (count + size), count + size
        blocks.append((mean, size))
    moved = np.empty_like(wanted)
    moved[order] = np.concatenate([np.full(size, mean) for mean, size in blocks] or [np.empty(0)]) + shift
    return moved - max(0.0, float(moved.max(initial=-np.inf)) - highest)


def save(figure: "Figure", folder: Path, name: str) -> list[Path]:
    """Write `name.svg` and `name.png` (twice 600 pixels wide) into `folder`; equal figures give equal bytes."""
    import matplotlib as mpl

    folder.mkdir(parents=True, exist_ok=True)
    svg, png = folder / f"{name}.svg", folder / f"{name}.png"
    title = figure.get_suptitle()
    with mpl.rc_context({"svg.hashsalt": "attain", "svg.fonttype": "none"}):
        figure.savefig(svg, metadata={"Date": None, "Creator": None, "Title": title})
        figure.savefig(png, dpi=200, metadata={"Software": None, "Title": title})
    return [svg, png]


def _plain(ax: "Axes") -> None:
    ax.spines[["top", "right"]].set_visible(False)
    ax.spines[["left", "bottom"]].set_color(FAINT)
    ax.tick_params(colors=INK, labelsize=SMALL, color=FAINT)
    ax.grid(color=RULE, linewidth=0.6)
    ax.set_axisbelow(True)
    for axis in (ax.xaxis, ax.yaxis):
        axis.label.set(fontsize=TEXT, color=INK)
