"""Numbers beside each other as dots with their intervals: by cohort, by model, by run."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attain.charts.svg.frame import WIDTH, Axis, Head, Rows, dot, framed, mark, path, text

ROW, NAMES, BESIDE = 26, 170, 110
"""Height of a row, and the room of the names on the left and of the numbers on the right."""
LETTERS = 24


@dataclass(frozen=True)
class Dot:
    """One number: what of, the value with its interval (None if not known), and of how many.

    `without` says why there is no value; an interval that is known all the same is drawn.
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    without: str = "not known"


@dataclass(frozen=True)
class DotChart:
    """Numbers of one kind, from top to bottom.

    `x` says what they measure; `reference` is a value to hold them to; `ends` are those of the axis, where charts are
    to be compared; `unit` stands behind each number.
    """

    title: str
    x: str
    dots: Sequence[Dot]
    said: str = ""
    reference: float | None = None
    counted: str = "n"
    ends: tuple[float, float] | None = None
    unit: str = ""

    def svg(self) -> str:
        """See `frame.Chart`."""
        known = [one for one in self.dots if one.value is not None and math.isfinite(one.value)]
        if not known:
            return ""
        every = [v for one in known for v in (one.value, one.low, one.high) if v is not None and math.isfinite(v)]
        every += [] if self.reference is None else [self.reference]
        every += self.ends or ()
        height = ROW * len(self.dots) + 62
        x = Axis(min(every), max(every), NAMES, WIDTH - BESIDE, self.x)
        y = Axis(0, 1, height - 40, 14, "")
        parts = []
        if self.reference is not None:
            parts.append(path([(x.at(self.reference), 14), (x.at(self.reference), height - 40)], "ideal"))
        for number, one in enumerate(self.dots):
            parts += self._row(one, x, 14 + ROW * (number + 0.5))
        return framed(self.title, x, y, parts, height=height, kind="dots", rules=False)

    def table(self) -> tuple[Head, Rows]:
        """See `frame.Chart`."""
        rows: Rows = [
            [one.name, one.without if one.value is None else one.value, one.low, one.high, one.n] for one in self.dots
        ]
        return ["name", self.x, "low", "high", self.counted], rows

    def _row(self, one: Dot, x: Axis, place: float) -> list[str]:
        name = one.name if len(one.name) <= LETTERS else one.name[: LETTERS - 1] + "…"
        out = [text(NAMES - 12, place + 4, name, "name", "end")]
        if one.value is None or not math.isfinite(one.value):
            return [*out, *self._without(one, x, place)]
        said, drawn = f"{one.name}: {one.value:.4g}{self.unit}", dot(x.at(one.value), place)
        if one.low is not None and one.high is not None:
            drawn = _interval(one.low, one.high, x, place) + drawn
            said += f" (95 % interval {one.low:.4g} to {one.high:.4g})"
        said += f", {self.counted} {one.n:,}" if one.n is not None else ""
        beside = f"{one.value:.4g}{self.unit}" + (f" (n {one.n:,})" if one.n is not None else "")
        return [*out, mark(said, drawn), text(WIDTH - BESIDE + 12, place + 4, beside, "tick")]

    def _without(self, one: Dot, x: Axis, place: float) -> list[str]:
        if one.low is None or one.high is None:
            return [text(NAMES + 4, place + 4, one.without, "tick")]
        said = f"{one.name}: {one.without} (95 % interval {one.low:.4g} to {one.high:.4g})"
        beside = text(WIDTH - BESIDE + 12, place + 4, one.without, "tick")
        return [mark(said, _interval(one.low, one.high, x, place)), beside]


def _interval(low: float, high: float, x: Axis, place: float) -> str:
    return path([(x.at(low), place), (x.at(high), place)], "line line-0")
