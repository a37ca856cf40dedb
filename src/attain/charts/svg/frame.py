"""What all charts of pages share: scales, round ticks, axes with their words, marks that a keyboard reaches.

A chart is a frozen dataclass of facts with `title`, `said` (one line beneath it), `svg()` (text that takes the page's
colours by class, never by style) and `table()` (head and rows: the same facts for who does not see the drawing).
"""

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from itertools import pairwise
from typing import Literal, Protocol

WIDTH, HEIGHT = 620, 240
LEFT, RIGHT, TOP, FOOT = 58, 124, 22, 40
COLOURS = 6
"""Kinds of lines and dots that the style sheet tells apart, by colour and by dashes."""
Head = list[str]
Rows = list[list[object]]
MOST_FLOAT = sys.float_info.max
Kind = Literal["number", "log", "date"]


class Chart(Protocol):
    """What a page shows as a figure with its table."""

    @property
    def title(self) -> str:
        """What is seen, in a few words."""

    @property
    def said(self) -> str:
        """How many, of what, and what a reader must know; may be empty."""

    def svg(self) -> str:
        """The drawing; "" where there is nothing to draw."""

    def table(self) -> tuple[Head, Rows]:
        """The same facts as a table."""


@dataclass(frozen=True)
class Axis:
    """One direction of a drawing.

    Attributes:
        low, high: the values at its ends; for `log` both are above 0, for `date` ms since 1970.
        start, end: the places of the two on the paper.
        words: what is measured, with its unit.
        kind: how values become places and ticks words.
        ticks: the values that are written; round ones where none are given.
    """

    low: float
    high: float
    start: float
    end: float
    words: str
    kind: Kind = "number"
    ticks: Sequence[float] = field(default=())

    def at(self, value: float) -> float:
        """Where a value lies on the paper; the middle where all are the same."""
        low, high, place = self.low, self.high, value
        if self.kind == "log":
            low, high, place = math.log10(low), math.log10(high), math.log10(value)
        if high <= low:
            return (self.start + self.end) / 2
        return self.start + (place / 2 - low / 2) / (high / 2 - low / 2) * (self.end - self.start)

    def marks(self) -> list[tuple[float, str]]:
        """Values to write, each with its words."""
        if self.kind == "date":
            return [
                (value, _day(value, self.high - self.low)) for value in self.ticks or date_ticks(self.low, self.high)
            ]
        found = self.ticks or (log_ticks if self.kind == "log" else round_ticks)(self.low, self.high)
        return [(value, f"{value:.6g}") for value in found]


def across(values: Sequence[float], words: str, kind: Kind = "number", right: float = RIGHT) -> Axis:
    """The x axis for some values."""
    return Axis(min(values), max(values), LEFT, WIDTH - right, words, kind)


def upwards(values: Sequence[float], words: str, kind: Kind = "number", height: float = HEIGHT) -> Axis:
    """The y axis for some values."""
    return Axis(min(values), max(values), height - FOOT, TOP, words, kind)


def framed(
    title: str,
    x: Axis,
    y: Axis,
    parts: Sequence[str],
    *,
    width: float = WIDTH,
    height: float = HEIGHT,
    kind: str = "lines",
    foot: float = 0,
    rules: bool = True,
) -> str:
    """Axes with their words around the parts of a drawing.

    Args:
        title: what is seen.
        x, y: the axes.
        parts: what lies between them.
        width, height: of the whole, in the units of the drawing.
        kind: a class for the style sheet.
        foot: room between the y axis and the words of the x axis.
        rules: whether values of the y axis are written and ruled.
    """
    out = [
        f'<svg class="chart {kind}" viewBox="0 0 {width:g} {height:g}" role="group" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
    ]
    for value, words in y.marks() if rules else ():
        place = y.at(value)
        out.append(f'<line class="rule" x1="{x.start:g}" x2="{x.end:g}" y1="{place:.1f}" y2="{place:.1f}"/>')
        out.append(text(x.start - 6, place + 4, words, "tick", "end"))
    for value, words in x.marks():
        out.append(text(x.at(value), y.start + foot + 16, words, "tick", "middle"))
    out.append(text((x.start + x.end) / 2, height - 6, x.words, "tick", "middle"))
    if y.words:
        out.append(text(4, TOP - 10, y.words, "tick"))
    return "".join([*out, *parts, "</svg>"])


def text(x: float, y: float, words: str, kind: str, anchor: Literal["start", "middle", "end"] = "start") -> str:
    """Words at a place."""
    where = f' text-anchor="{anchor}"' if anchor != "start" else ""
    return f'<text class="{kind}" x="{x:.1f}" y="{y:.1f}"{where}>{escape(words)}</text>'


def mark(said: str, drawn: str) -> str:
    """Something that says its numbers to who rests on it, by mouse, by keyboard or by ear."""
    return (
        f'<g class="mark" tabindex="0" role="img" aria-label="{escape(said)}"><title>{escape(said)}</title>{drawn}</g>'
    )


def dot(x: float, y: float, number: int = 0, r: float = 3.5) -> str:
    """A point of a line or series with this number."""
    return f'<circle class="dot dot-{number % COLOURS}" cx="{x:.1f}" cy="{y:.1f}" r="{r:g}"/>'


def path(places: Sequence[tuple[float, float]], kind: str, *, closed: bool = False) -> str:
    """A line through places, or the shape within it."""
    way = "M" + "L".join(f"{a:.1f},{b:.1f}" for a, b in places)
    return f'<path class="{kind}" d="{way}{"Z" if closed else ""}"/>'


def apart(places: Sequence[float], gap: float, lowest: float) -> list[float]:
    """Places of labels moved down as far as they must be not to overlap, in the order given."""
    out = list(places)
    order = sorted(range(len(out)), key=lambda i: out[i])
    for before, here in pairwise(order):
        out[here] = max(out[here], out[before] + gap)
    over = max([0.0, *(place - lowest for place in out)])
    return [place - over for place in out] if over and len(out) * gap < lowest else out


def round_ticks(low: float, high: float, most: int = 5) -> list[float]:
    """A few round numbers within a range.

    >>> round_ticks(0, 1)
    [0.0, 0.25, 0.5, 0.75, 1.0]
    """
    if not high > low or not math.isfinite(high - low):
        return [low]
    rough = (high - low) / (most - 1)
    size = 10.0 ** math.floor(math.log10(rough)) if rough > 0 else 0
    if size == 0 or not math.isfinite(size):
        return [low, high]
    step = next(factor * size for factor in (1, 2, 2.5, 5, 10) if factor * size >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    values = [k * step for k in range(first, first + most + 3)]
    return [float(f"{value:.12g}") for value in values if value <= min(high + 1e-9 * step, MOST_FLOAT)]


def log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten within a range; its ends where there are fewer than two.

    >>> log_ticks(0.5, 250)
    [1.0, 10.0, 100.0]
    """
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    step = max(1, (last - first) // 5)
    found = [10.0**k for k in range(first, last + 1, step)]
    return found if len(found) > 1 else list(dict.fromkeys((low, high)))


def date_ticks(low: float, high: float) -> list[float]:
    """A few moments within a range of ms, at equal distances."""
    return [low + k * (high - low) / 4 for k in range(5)] if high > low else [low]


def moment(ms: float) -> str:
    """A moment of a date axis as a table says it, in UTC.

    >>> moment(0)
    '1970-01-01 00:00'
    """
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _day(ms: float, span: float) -> str:
    return moment(ms)[:10] if span > 3 * 86_400_000 else moment(ms)[5:]
