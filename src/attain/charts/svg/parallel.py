"""Many things along several axes beside each other: which settings go with which results."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from attain.charts.svg.frame import Axis, Head, Rows, mark, path, text

HEIGHT, TOP, FOOT, SIDE, APART, LINE = 320, 44, 24, 70, 150, 14
LETTERS, MOST_WORDS, MOST_TICKS = 20, 14, 6
MOST_MARKS = 40
"""With more lines picked, a keyboard does not stop at each: the table has them all."""
LOG_FROM = 100
"""An axis whose greatest value is as many times its least, both above 0, is logarithmic."""


@dataclass(frozen=True)
class Upright:
    """One axis: its name, the key by which a form asks for a part of it, and the part that is asked for."""

    key: str
    name: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Thread:
    """One thing: its value on each axis (a number, a word, or None), and whether it is picked out."""

    name: str
    values: Sequence[float | str | None]
    picked: bool


@dataclass(frozen=True)
class Parallel:
    """Things as lines across axes. An axis with a word on it spreads its words evenly; the others are numbers."""

    title: str
    axes: Sequence[Upright]
    threads: Sequence[Thread]
    said: str = ""

    def svg(self) -> str:
        """See `frame.Chart`."""
        if len(self.axes) < 2 or not self.threads:
            return ""
        width = 2 * SIDE + APART * (len(self.axes) - 1)
        scales = [_scale([one.values[at] for one in self.threads]) for at in range(len(self.axes))]
        places = [SIDE + APART * at for at in range(len(self.axes))]
        picked = [one for one in self.threads if one.picked]
        parts = [self._line(one, scales, places, "thread") for one in self.threads if not one.picked]
        for one in picked:
            line = self._line(one, scales, places, "thread picked")
            said = ", ".join(f"{a.name} {_word(v)}" for a, v in zip(self.axes, one.values, strict=True))
            parts.append(mark(f"{one.name}: {said}", line) if len(picked) <= MOST_MARKS else line)
        for upright, scale, place in zip(self.axes, scales, places, strict=True):
            parts += _axis(upright, scale, place)
        title, size = escape(self.title), f'width="{width}" viewBox="0 0 {width} {HEIGHT}"'
        head = f'<svg class="chart parallel" {size} role="group" aria-label="{title}">'
        return "".join([head, f"<title>{title}</title>", *parts, "</svg>"])

    def table(self) -> tuple[Head, Rows]:
        """See `frame.Chart`: one row a thing."""
        rows: Rows = [[one.name, *one.values, "picked" if one.picked else ""] for one in self.threads]
        return ["name", *(one.name for one in self.axes), "picked"], rows

    def _line(self, one: Thread, scales: Sequence["_Scale"], places: Sequence[float], kind: str) -> str:
        """A line that breaks where a value is not known."""
        known = [(place, scale.at(value)) for place, scale, value in zip(places, scales, one.values, strict=True)]
        parts: list[list[tuple[float, float]]] = [[]]
        for place, height in known:
            if height is None:
                parts.append([])
            else:
                parts[-1].append((place, height))
        return "".join(path(part, kind) for part in parts if len(part) > 1)


@dataclass(frozen=True)
class _Scale:
    axis: Axis
    words: tuple[str, ...]

    def at(self, value: float | str | None) -> float | None:
        if self.words:
            return self.axis.at(self.words.index(_word(value))) if value is not None else None
        if not isinstance(value, int | float) or not math.isfinite(value):
            return None
        return self.axis.at(value)


def _scale(values: Sequence[float | str | None]) -> _Scale:
    if any(isinstance(value, str) for value in values):
        words = tuple(sorted({_word(value) for value in values if value is not None}))
        return _Scale(Axis(0, len(words) - 1, HEIGHT - FOOT, TOP, ""), words)
    known = [float(v) for v in values if isinstance(v, int | float) and math.isfinite(v)] or [0.0]
    low, high = min(known), max(known)
    wide = low > 0 and high / low >= LOG_FROM
    own = sorted(set(known))
    ticks = own if len(own) <= MOST_TICKS else ()
    return _Scale(Axis(low, high, HEIGHT - FOOT, TOP, "", "log" if wide else "number", ticks), ())


def _axis(upright: Upright, scale: _Scale, place: float) -> list[str]:
    axis, name = scale.axis, upright.name
    out = [path([(place, TOP), (place, HEIGHT - FOOT)], "axis")]
    shown = name if len(name) <= LETTERS else name[: LETTERS - 1] + "…"
    out.append(text(place, 18, shown, "name", "middle"))
    if axis.kind == "log":
        out.append(text(place, 32, "logarithmic", "tick", "middle"))
    if scale.words:
        step = max(1, math.ceil(len(scale.words) / MOST_WORDS))
        for number, word in list(enumerate(scale.words))[::step]:
            cut = word if len(word) <= LETTERS else word[: LETTERS - 1] + "…"
            out.append(text(place + 5, axis.at(number) + 4, cut, "tick"))
        return out
    last = math.inf
    for value, words in axis.marks():
        if last - axis.at(value) >= LINE:
            last = axis.at(value)
            out.append(text(place + 5, last + 4, f"{float(words):.4g}", "tick"))
    if upright.low is not None or upright.high is not None:
        bottom, top = (axis.at(end) for end in _within(axis, upright))
        tall = max(bottom - top, 2)
        out.append(f'<rect class="brushed" x="{place - 7:.1f}" y="{top:.1f}" width="14" height="{tall:.1f}"/>')
    out.append(
        f'<rect class="brush" x="{place - 12:.1f}" y="{TOP}" width="24" height="{HEIGHT - FOOT - TOP}"'
        f' data-key="{escape(upright.key)}" data-low="{axis.low!r}" data-high="{axis.high!r}" data-kind="{axis.kind}">'
        f"<title>{escape(name)}</title></rect>"
    )
    return out


def _within(axis: Axis, upright: Upright) -> tuple[float, float]:
    """The part of the axis that is asked for, as far as it lies on it."""
    low = axis.low if upright.low is None else upright.low
    high = axis.high if upright.high is None else upright.high
    return min(max(low, axis.low), axis.high), min(max(high, axis.low), axis.high)


def _word(value: float | str | None) -> str:
    if value is None:
        return "not known"
    return value if isinstance(value, str) else f"{value:.6g}"
