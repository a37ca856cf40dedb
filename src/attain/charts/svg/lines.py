"""Curves as light SVG that takes the page's colours: one panel, several lines, each with its name at its end."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

WIDTH, HEIGHT = 620, 220
LEFT, RIGHT, TOP, FOOT = 58, 120, 10, 34
MOST = 300
"""Points of a line that are drawn at most: of each stretch the least and the greatest value stay."""


@dataclass(frozen=True)
class Line:
    """One curve: its name, and its points by ascending x; values that are no numbers leave a gap."""

    name: str
    points: Sequence[tuple[float, float]]


def thinned(points: Sequence[tuple[float, float]], most: int = MOST) -> list[tuple[float, float]]:
    """At most about so many points, of each stretch the extremes.

    >>> thinned([(0, 1), (1, 5), (2, 0), (3, 2)], 2)
    [(1, 5), (2, 0)]
    """
    if len(points) <= most:
        return list(points)
    stretches, out = max(1, most // 2), []
    for at in range(stretches):
        part = points[at * len(points) // stretches : (at + 1) * len(points) // stretches]
        known = [point for point in part if math.isfinite(point[1])]
        if known:
            out += sorted({min(known, key=lambda p: p[1]), max(known, key=lambda p: p[1])})
    return out


def draw_lines(lines: Sequence[Line], *, title: str, x: str, y: str) -> str:
    """An SVG of the lines; "" where no point is a number."""
    drawn = [Line(one.name, [p for p in thinned(one.points) if math.isfinite(p[1])]) for one in lines]
    drawn = [one for one in drawn if one.points]
    if not drawn:
        return ""
    xs = [p[0] for one in drawn for p in one.points]
    ys = [p[1] for one in drawn for p in one.points]
    across, up = _scale(min(xs), max(xs), LEFT, WIDTH - RIGHT), _scale(min(ys), max(ys), HEIGHT - FOOT, TOP)
    parts = [f'<svg class="chart lines" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">']
    parts.append(f"<title>{escape(title)}</title>")
    for value in _ticks(min(ys), max(ys)):
        place = up(value)
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{place:.1f}" y2="{place:.1f}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{place + 4:.1f}" text-anchor="end">{value:g}</text>')
    for value in _ticks(min(xs), max(xs)):
        place = across(value)
        parts.append(_tick(place, HEIGHT - FOOT + 16, f"{value:g}"))
    parts.append(_tick((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, escape(x)))
    parts.append(f'<text class="tick" x="4" y="{TOP + 2}">{escape(y)}</text>')
    ends = _apart([up(one.points[-1][1]) for one in drawn], 13)
    for number, (one, end) in enumerate(zip(drawn, ends, strict=True)):
        path = "M" + "L".join(f"{across(a):.1f},{up(b):.1f}" for a, b in one.points)
        kind = number % 6
        parts.append(f'<path class="line line-{kind}" d="{path}"/>')
        if len(one.points) == 1:
            (only,) = one.points
            parts.append(f'<circle class="dot dot-{kind}" cx="{across(only[0]):.1f}" cy="{up(only[1]):.1f}" r="3"/>')
        label, beside = escape(one.name[:18]), WIDTH - RIGHT + 6
        parts.append(f'<text class="name name-{kind}" x="{beside}" y="{end + 4:.1f}">{label}</text>')
    return "".join([*parts, "</svg>"])


def _tick(x: float, y: float, text: str) -> str:
    return f'<text class="tick" x="{x:.1f}" y="{y:.1f}" text-anchor="middle">{text}</text>'


def draw_spark(values: Sequence[float], *, title: str) -> str:
    """The course of a number in the size of a word; "" for fewer than two."""
    known = [value for value in values if math.isfinite(value)]
    if len(known) < 2:
        return ""
    across, up = _scale(0, len(known) - 1, 2, 88), _scale(min(known), max(known), 18, 4)
    path = "M" + "L".join(f"{across(i):.1f},{up(v):.1f}" for i, v in enumerate(known))
    dot = f'<circle class="dot dot-0" cx="{across(len(known) - 1):.1f}" cy="{up(known[-1]):.1f}" r="2.5"/>'
    return (
        f'<svg class="spark" viewBox="0 0 92 22" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<path class="line line-0" d="{path}"/>{dot}</svg>'
    )


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """From a value within a range to its place on the paper."""
    span = high - low or 1.0
    return lambda value: start + (value - low) / span * (end - start) if high > low else (start + end) / 2


def _ticks(low: float, high: float) -> list[float]:
    """A few round numbers within a range.

    >>> _ticks(0, 1)
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    if high <= low:
        return [low]
    rough = (high - low) / 4
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(k * step, 12) for k in range(first, first + 8) if k * step <= high + 1e-9 * step]


def _apart(places: Sequence[float], gap: float) -> list[float]:
    """Places moved down as far as they must be not to overlap, in the order given."""
    out = list(places)
    order = sorted(range(len(out)), key=lambda i: out[i])
    for before, here in pairwise(order):
        out[here] = max(out[here], out[before] + gap)
    over = max([0.0, *(place - (HEIGHT - FOOT) for place in out)])
    return [place - over for place in out] if over and len(out) * gap < HEIGHT - FOOT else out
