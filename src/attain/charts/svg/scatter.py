"""Two numbers of many things against each other; a third by colour and a fourth by size where they help."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attain.charts.svg.frame import (
    COLOURS,
    Head,
    Kind,
    Rows,
    across,
    dot,
    framed,
    mark,
    text,
    upwards,
)

HEIGHT, RIGHT = 340, 150
LETTERS = 20
LEAST, GREATEST = 3.0, 9.0
"""Radius of the smallest and of the largest dot."""
MOST_MARKS = 60
"""With more dots, a keyboard does not stop at each: the table has them all."""


@dataclass(frozen=True)
class Point:
    """One thing; None where a number is not known. `group` is the word that its colour stands for, "" for none."""

    name: str
    x: float | None
    y: float | None
    group: str = ""
    size: float | None = None


@dataclass(frozen=True)
class Scatter:
    """Things by two numbers.

    Attributes:
        title: what is seen.
        x, y: what the axes measure, with the unit.
        points: the things.
        said: one line for the reader.
        colour, size: what they stand for; "" for nothing.
        x_kind, y_kind: a `log` axis leaves out what is not above 0.
    """

    title: str
    x: str
    y: str
    points: Sequence[Point]
    said: str = ""
    colour: str = ""
    size: str = ""
    x_kind: Kind = "number"
    y_kind: Kind = "number"

    @property
    def groups(self) -> list[str]:
        """The words that colours stand for; all beyond the last colour share it, as `others`."""
        found = sorted({one.group for one in self.points if one.group})
        return found if len(found) <= COLOURS else [*found[: COLOURS - 1], "others"]

    def svg(self) -> str:
        """See `frame.Chart`."""
        drawn = [(one, *where) for one in self.points if (where := self._place(one)) is not None]
        if not drawn:
            return ""
        x = across([a for _, a, _ in drawn], self.x, self.x_kind, RIGHT)
        y = upwards([b for _, _, b in drawn], self.y, self.y_kind, HEIGHT)
        groups = self.groups
        sizes = [one.size for one, *_ in drawn if one.size is not None and math.isfinite(one.size)]
        parts = []
        for one, a, b in drawn:
            number = groups.index(one.group if one.group in groups else "others") if one.group else 0
            drawing = dot(x.at(a), y.at(b), number, _radius(one.size, sizes))
            said = f"{one.name}: {self.x} {a:.4g}, {self.y} {b:.4g}"
            said += f", {self.colour} {one.group}" if one.group else ""
            said += f", {self.size} {one.size:.4g}" if one.size is not None else ""
            parts.append(mark(said, drawing) if len(drawn) <= MOST_MARKS else drawing)
        for number, group in enumerate(groups):
            place = 24 + 18 * number
            words = group if len(group) <= LETTERS else group[: LETTERS - 1] + "…"
            parts += [dot(x.end + 14, place - 4, number), text(x.end + 22, place, words, f"name-{number}")]
        return framed(self.title, x, y, parts, height=HEIGHT, kind="scatter")

    def table(self) -> tuple[Head, Rows]:
        """See `frame.Chart`: one row a thing."""
        rows: Rows = [[one.name, one.x, one.y, one.group, one.size] for one in self.points]
        return ["name", self.x, self.y, self.colour or "colour", self.size or "size"], rows

    def _place(self, one: Point) -> tuple[float, float] | None:
        if one.x is None or one.y is None or not (math.isfinite(one.x) and math.isfinite(one.y)):
            return None
        if (self.x_kind == "log" and one.x <= 0) or (self.y_kind == "log" and one.y <= 0):
            return None
        return one.x, one.y


def _radius(size: float | None, known: Sequence[float]) -> float:
    """So that the area of a dot grows with its number."""
    if size is None or not math.isfinite(size) or not known or max(known) <= min(known):
        return LEAST + 1
    share = (size - min(known)) / (max(known) - min(known))
    return math.sqrt(LEAST**2 + share * (GREATEST**2 - LEAST**2))
