"""Calibration: of the answers scored about 0.7, how many are right, and how many such answers are there?"""

from collections.abc import Sequence
from dataclasses import dataclass

from attain.charts.svg.frame import FOOT, LEFT, TOP, Axis, Head, Rows, dot, framed, mark, path

HEIGHT, RIGHT_END, BARS = 330, 420, 48
"""Height of the drawing, its right end, and the room of the bars that say how many there are."""


@dataclass(frozen=True)
class Bin:
    """Rows with about the same score; what would tell of too few is None.

    Attributes:
        score: mean of the scores.
        share: share of rows whose target is 1, with `low` and `high`, its 95 % interval.
        n: how many rows.
    """

    score: float | None
    share: float | None
    low: float | None
    high: float | None
    n: int | None


@dataclass(frozen=True)
class CalibrationChart:
    """Bins from 0 to 1, and what a row is called (`answers`, `enrolments`).

    `sizes` draws how many there are of each below, for bins of equal width.
    """

    title: str
    bins: Sequence[Bin]
    rows: str = "rows"
    said: str = ""
    sizes: bool = True

    def svg(self) -> str:
        """See `frame.Chart`."""
        shown = [one for one in self.bins if one.score is not None and one.share is not None]
        if not shown:
            return ""
        fifths = (0, 0.2, 0.4, 0.6, 0.8, 1)
        below, room = (f" (below: number of {self.rows})", BARS) if self.sizes else ("", 0)
        x = Axis(0, 1, LEFT, RIGHT_END, f"score{below}", ticks=fifths)
        y = Axis(0, 1, HEIGHT - FOOT - room, TOP, "share that came true", ticks=fifths)
        parts = [path([(x.at(0), y.at(0)), (x.at(1), y.at(1))], "ideal")]
        parts += self._bars(x) if self.sizes else []
        parts.append(path([(x.at(one.score or 0), y.at(one.share or 0)) for one in shown], "line line-0"))
        parts += [_point(one, x, y, self.rows) for one in shown]
        return framed(self.title, x, y, parts, width=RIGHT_END + 16, height=HEIGHT, kind="square", foot=room)

    def table(self) -> tuple[Head, Rows]:
        """See `frame.Chart`: one row a bin."""
        head = ["mean score", "share that came true", "low", "high", self.rows]
        return head, [[one.score, one.share, one.low, one.high, one.n] for one in self.bins]

    def _bars(self, x: Axis) -> list[str]:
        most, width, ground = max((one.n or 0) for one in self.bins), 1 / len(self.bins), HEIGHT - FOOT - 2
        out = []
        for number, one in enumerate(self.bins):
            tall = (BARS - 22) * (one.n or 0) / most if most else 0
            place = f'x="{x.at(number * width) + 1:.1f}" y="{ground - tall:.1f}"'
            out.append(f'<rect class="bar" {place} width="{x.at(width) - x.at(0) - 2:.1f}" height="{tall:.1f}"/>')
        return out


def _point(one: Bin, x: Axis, y: Axis, rows: str) -> str:
    assert one.score is not None
    assert one.share is not None
    place, said = x.at(one.score), f"scored about {one.score:.2f}: {one.share:.1%} came true"
    drawn = dot(place, y.at(one.share))
    if one.low is not None and one.high is not None:
        drawn = path([(place, y.at(one.low)), (place, y.at(one.high))], "line line-0") + drawn
        said += f" (95 % interval {one.low:.1%} to {one.high:.1%})"
    return mark(f"{said}, {one.n:,} {rows}" if one.n is not None else said, drawn)
