"""Shares of cohorts as dots with their intervals, beside the share of all: light SVG that takes the page's colours."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ROW, TOP, FOOT = 19, 8, 34
LEFT, PLOT, RIGHT = 236, 262, 182
LONGEST = 31
NICE = (0.05, 0.1, 0.2, 0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Dot:
    """One line of the chart.

    Attributes:
        label: whose share it is.
        value: in [0, 1]; None where it is not shown.
        low: lower end of the interval.
        high: upper end.
        text: what stands on the right: numbers, or the reason why there are none.
        apart: whether a thin line separates it from the one above.
    """

    label: str
    value: float | None
    low: float | None
    high: float | None
    text: str
    apart: bool = False


def draw_dots(dots: Sequence[Dot], *, reference: float | None, axis: str, title: str) -> str:
    """An SVG with a line a dot; a dashed line marks the reference.

    Args:
        dots: from top to bottom.
        reference: such as the share of all; None for none.
        axis: what the x axis is.
        title: what is read out where the picture cannot be seen.
    """
    ends = [end for dot in dots for end in (dot.high, dot.value) if end is not None] + [reference or 0.0]
    most = next((nice for nice in NICE if nice >= max(ends)), 1.0)
    height, width = TOP + ROW * len(dots) + FOOT, LEFT + PLOT + RIGHT
    parts = [f'<svg class="dots" viewBox="0 0 {width} {height}" role="img" aria-label="{escape(title)}">']
    parts += _axis(most, TOP + ROW * len(dots), axis)
    if reference is not None:
        x = _place(reference, most)
        parts.append(f'<line class="reference" x1="{x}" x2="{x}" y1="{TOP}" y2="{TOP + ROW * len(dots)}"/>')
    for place, dot in enumerate(dots):
        parts += _line(dot, TOP + ROW * (place + 0.5), most)
    return "".join([*parts, "</svg>"])


def _place(value: float, most: float) -> str:
    return f"{LEFT + PLOT * min(max(value, 0.0), most) / most:.1f}"


def _axis(most: float, bottom: float, axis: str) -> list[str]:
    parts = []
    for value in (most * fifth / 5 for fifth in range(6)):
        x = _place(value, most)
        parts.append(f'<line class="rule" x1="{x}" x2="{x}" y1="{TOP}" y2="{bottom}"/>')
        parts.append(f'<text class="tick" x="{x}" y="{bottom + 14}" text-anchor="middle">{100 * value:g}</text>')
    middle = LEFT + PLOT / 2
    parts.append(f'<text class="tick" x="{middle}" y="{bottom + 29}" text-anchor="middle">{escape(axis)}</text>')
    return parts


def _line(dot: Dot, y: float, most: float) -> list[str]:
    parts = []
    if dot.apart:
        edge = y - ROW / 2
        parts.append(f'<line class="rule" x1="0" x2="{LEFT + PLOT + RIGHT}" y1="{edge:g}" y2="{edge:g}"/>')
    short = dot.label if len(dot.label) <= LONGEST else f"{dot.label[: LONGEST - 1]}…"
    parts.append(f'<text x="{LEFT - 10}" y="{y + 4:g}" text-anchor="end">{escape(short)}</text>')
    if dot.value is not None:
        if dot.low is not None and dot.high is not None:
            x1, x2 = _place(dot.low, most), _place(dot.high, most)
            parts.append(f'<line class="interval" x1="{x1}" x2="{x2}" y1="{y:g}" y2="{y:g}"/>')
        parts.append(f'<circle class="dot" cx="{_place(dot.value, most)}" cy="{y:g}" r="4.5"/>')
    parts.append(f'<text class="{"" if dot.value is not None else "faint"}" x="{LEFT + PLOT + 12}" y="{y + 4:g}">')
    return [*parts, f"{escape(dot.text)}</text>"]
