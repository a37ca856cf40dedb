"""What it means to call fewer or more: above the line who is called, below it who is missed; light SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

WIDTH, LEFT, RIGHT, TOP, PLOT, FOOT = 680, 52, 30, 62, 210, 40
STEPS = (1, 2, 5)
ACROSS, UP = 5, 7
"""So many ticks at most on an axis."""
LINE = 17


@dataclass(frozen=True)
class Calls:
    """One bar: how many are called and need it, are called in vain, and are missed."""

    found: int
    in_vain: int
    missed: int

    @property
    def called(self) -> int:
        """How many are called."""
        return self.found + self.in_vain


def draw_calls(bars: Sequence[Calls], *, now: int | None, names: tuple[str, str, str], title: str) -> str:
    """An SVG with a bar for each number of people who are called.

    Args:
        bars: the fewest calls first; at least two.
        now: how many are called as things are, marked by a dashed line; None for no line.
        names: of the three parts, in the order of `Calls`.
        title: what is read out where the picture cannot be seen.
    """
    above, below = max(bar.called for bar in bars), max(bar.missed for bar in bars)
    scale = PLOT / (above + below)
    line = TOP + above * scale
    wide, most = WIDTH - LEFT - RIGHT, max(bar.called for bar in bars)
    parts = [f'<svg class="calls" viewBox="0 0 {WIDTH} {TOP + PLOT + FOOT}" role="img" aria-label="{escape(title)}">']
    parts += _legend(names)
    step = _step((above + below) / UP)
    for value in range(-(below // step) * step, above + 1, step):
        y = line - value * scale
        parts.append(f'<line class="rule" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{abs(value):,}</text>')
    half = 0.36 * wide * min(b.called - a.called for a, b in pairwise(bars)) / most
    for bar in bars:
        x = LEFT + wide * bar.called / most - half
        for kind, y, size in (
            ("found", line - bar.found * scale, bar.found),
            ("vain", line - bar.called * scale, bar.in_vain),
            ("missed", line, bar.missed),
        ):
            box = f'x="{x:.1f}" y="{y:.1f}" width="{2 * half:.1f}" height="{size * scale:.1f}"'
            parts.append(f'<rect class="{kind}" {box}/>')
    parts += _below(most, wide, now)
    return "".join([*parts, "</svg>"])


def _legend(names: tuple[str, str, str]) -> list[str]:
    """What the parts are, in the order in which they stand above each other."""
    parts = []
    for place, (kind, name) in enumerate(zip(("vain", "found", "missed"), (names[1], names[0], names[2]), strict=True)):
        parts.append(f'<rect class="{kind}" x="{LEFT}" y="{3 + LINE * place}" width="11" height="11"/>')
        parts.append(f'<text x="{LEFT + 18}" y="{13 + LINE * place}">{escape(name)}</text>')
    return parts


def _below(most: int, wide: float, now: int | None) -> list[str]:
    """The axis of how many are called, and where the line is now."""
    bottom, parts, step = TOP + PLOT, [], _step(most / ACROSS)
    for value in range(0, most + 1, step):
        x = LEFT + wide * value / most
        parts.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 15}" text-anchor="middle">{value:,}</text>')
    text = "how many are called" + (f" (dashed: {now:,}, as now)" if now is not None else "")
    parts.append(f'<text class="tick" x="{LEFT + wide / 2}" y="{bottom + 32}" text-anchor="middle">{text}</text>')
    if now is not None:
        x = LEFT + wide * min(now, most) / most
        parts.append(f'<line class="reference" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{bottom}"/>')
    return parts


def _step(least: float) -> int:
    """The least of 1, 2, 5, 10, 20, … that is not less.

    >>> _step(0.3), _step(3), _step(180)
    (1, 5, 200)
    """
    size = 1
    while True:
        for one in STEPS:
            if one * size >= least:
                return one * size
        size *= 10
