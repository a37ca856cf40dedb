"""Curves with their names at their ends: over steps or over time, with bands of uncertainty and moments of change."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from attain.charts.svg.frame import (
    COLOURS,
    FOOT,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    Head,
    Kind,
    Rows,
    across,
    apart,
    dot,
    framed,
    mark,
    moment,
    path,
    text,
    upwards,
)

MOST = 300
"""Points of a line that are drawn at most: of each stretch the least and the greatest value stay."""
LETTERS = 18
"""Letters of a name that are written at the end of its line; the whole name stands in the table."""


@dataclass(frozen=True)
class Line:
    """One curve.

    Attributes:
        name: what it is.
        points: (x, y) by ascending x; values that are no numbers are left out.
        band: (x, low, high) of an interval around it, by ascending x; may be empty.
    """

    name: str
    points: Sequence[tuple[float, float]]
    band: Sequence[tuple[float, float, float]] = ()


@dataclass(frozen=True)
class Lines:
    """Several curves in one panel.

    Attributes:
        title: what is seen.
        x, y: what the axes measure, with the unit.
        lines: the curves, in the order of their colours.
        said: one line for the reader.
        moments: (x, words): a rule across the panel where something changed.
        flags: short words beside each moment's rule, one a line, in the order of the moments; may be empty.
        x_kind, y_kind: a `log` axis leaves out what is not above 0.
        y_ends: values that the y axis reaches whatever the curves do, such as 0 and 1 for shares.
    """

    title: str
    x: str
    y: str
    lines: Sequence[Line]
    said: str = ""
    moments: Sequence[tuple[float, str]] = ()
    flags: Sequence[str] = ()
    x_kind: Kind = "number"
    y_kind: Kind = "number"
    y_ends: Sequence[float] = ()

    def svg(self) -> str:
        """See `frame.Chart`."""
        drawn = [one for one in map(self._seen, self.lines) if one.points]
        if not drawn:
            return ""
        xs = [p[0] for one in drawn for p in one.points] + [at for at, _ in self.moments]
        ys = [p[1] for one in drawn for p in one.points] + [v for one in drawn for _, *ends in one.band for v in ends]
        ys += self.y_ends
        x, y = across(xs, self.x, self.x_kind), upwards(ys, self.y, self.y_kind)
        flags = [*self.flags, *[""] * len(self.moments)]
        parts = [_moment(x.at(at), words, flag) for (at, words), flag in zip(self.moments, flags, strict=False)]
        ends = apart([y.at(one.points[-1][1]) for one in drawn], 13, y.start)
        for number, (one, end) in enumerate(zip(drawn, ends, strict=True)):
            parts += _drawn(one, number % COLOURS, x, y, end)
        return framed(self.title, x, y, parts)

    def table(self) -> tuple[Head, Rows]:
        """See `frame.Chart`: one row a point."""
        told = moment if self.x_kind == "date" else float
        rows: Rows = [[one.name, told(x), y] for one in map(self._seen, self.lines) for x, y in one.points]
        return ["line", self.x, self.y], rows

    def _seen(self, one: Line) -> Line:
        points = [p for p in thinned(one.points) if math.isfinite(p[1]) and math.isfinite(p[0])]
        band = [p for p in one.band if all(map(math.isfinite, p))]
        if self.x_kind == "log":
            points, band = [p for p in points if p[0] > 0], [p for p in band if p[0] > 0]
        if self.y_kind == "log":
            points, band = [p for p in points if p[1] > 0], [p for p in band if p[1] > 0]
        return Line(one.name, points, band)


@dataclass(frozen=True)
class Spark:
    """The course of a number in the size of a word; nothing for fewer than two values."""

    title: str
    values: Sequence[float]
    said: str = ""

    def svg(self) -> str:
        """See `frame.Chart`."""
        known = [value for value in self.values if math.isfinite(value)]
        if len(known) < 2:
            return ""
        x, y = Axis(0, len(known) - 1, 2, 88, ""), Axis(min(known), max(known), 18, 4, "")
        line = path([(x.at(i), y.at(v)) for i, v in enumerate(known)], "line line-0")
        return (
            f'<svg class="spark" viewBox="0 0 92 22" role="img" aria-label="{escape(self.title)}">'
            f"<title>{escape(self.title)}</title>{line}{dot(x.at(len(known) - 1), y.at(known[-1]), r=2.5)}</svg>"
        )

    def table(self) -> tuple[Head, Rows]:
        """See `frame.Chart`."""
        return ["number", "value"], [[number + 1, value] for number, value in enumerate(self.values)]


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


def _drawn(one: Line, number: int, x: Axis, y: Axis, end: float) -> list[str]:
    """A curve with its band, its last point (which says the curve's numbers), and its name."""
    parts = []
    if len(one.band) > 1:
        upper = [(x.at(at), y.at(high)) for at, _, high in one.band]
        lower = [(x.at(at), y.at(low)) for at, low, _ in reversed(one.band)]
        parts.append(path([*upper, *lower], f"band band-{number}", closed=True))
    last_x, last_y = one.points[-1]
    if len(one.points) > 1:
        parts.append(path([(x.at(a), y.at(b)) for a, b in one.points], f"line line-{number}"))
    least, greatest = min(p[1] for p in one.points), max(p[1] for p in one.points)
    said = f"{one.name}: {last_y:.4g} at the end; from {least:.4g} to {greatest:.4g} in all"
    parts.append(mark(said, dot(x.at(last_x), y.at(last_y), number, 3)))
    if abs(end - y.at(last_y)) > 2:
        parts.append(path([(x.at(last_x) + 3, y.at(last_y)), (x.end + 5, end)], "rule"))
    name = one.name if len(one.name) <= LETTERS else one.name[: LETTERS - 1] + "…"
    parts.append(text(x.end + 7, end + 4, name, f"name name-{number}"))
    return parts


def _moment(place: float, words: str, flag: str) -> str:
    line = f'<line class="moment" x1="{place:.1f}" x2="{place:.1f}" y1="{TOP}" y2="{HEIGHT - FOOT}"/>'
    side: Literal["start", "end"] = "start" if place < (LEFT + WIDTH - RIGHT) / 2 else "end"
    at, words_of_flag = place + (3 if side == "start" else -3), flag.split("\n") if flag else []
    lowest = HEIGHT - FOOT - 4 - 12 * (len(words_of_flag) - 1)
    beside = [text(at, lowest + 12 * number, word, "tick", side) for number, word in enumerate(words_of_flag)]
    return mark(words, line + "".join(beside))
