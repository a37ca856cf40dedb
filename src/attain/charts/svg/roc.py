"""ROC curves: which share of those to be found is found at which share of false alarms."""

from collections.abc import Sequence
from dataclasses import dataclass

from attain.charts.svg.frame import COLOURS, FOOT, LEFT, TOP, Axis, Head, Rows, framed, mark, path, text

HEIGHT, RIGHT_END = 330, 420
LETTERS = 22


@dataclass(frozen=True)
class Curve:
    """One curve: (false alarms, found) from (0, 0) to (1, 1), and its area with the 95 % interval if known."""

    name: str
    points: Sequence[tuple[float, float]]
    area: float
    low: float | None = None
    high: float | None = None

    @property
    def in_words(self) -> str:
        """The area, as it is written beside the curve."""
        ends = "" if self.low is None or self.high is None else f" [{self.low:.3f}, {self.high:.3f}]"
        return f"AUC {self.area:.3f}{ends}"


@dataclass(frozen=True)
class RocChart:
    """Curves on the same rows."""

    title: str
    curves: Sequence[Curve]
    said: str = ""

    def svg(self) -> str:
        """See `frame.Chart`."""
        drawn = [one for one in self.curves if len(one.points) > 1]
        if not drawn:
            return ""
        fifths = (0, 0.2, 0.4, 0.6, 0.8, 1)
        x = Axis(0, 1, LEFT, RIGHT_END, "share of the others flagged too", ticks=fifths)
        y = Axis(0, 1, HEIGHT - FOOT, TOP, "share found", ticks=fifths)
        parts = [path([(x.at(0), y.at(0)), (x.at(1), y.at(1))], "ideal")]
        for number, one in enumerate(drawn):
            kind = number % COLOURS
            line = path([(x.at(a), y.at(b)) for a, b in one.points], f"line line-{kind}")
            parts.append(mark(f"{one.name}: {one.in_words}", line))
            words = f"{one.name[:LETTERS]}: {one.in_words}" if len(drawn) > 1 else one.in_words
            parts.append(text(x.at(1) - 8, y.at(0) - 10 - 16 * (len(drawn) - 1 - number), words, f"name-{kind}", "end"))
        return framed(self.title, x, y, parts, width=RIGHT_END + 16, height=HEIGHT, kind="square")

    def table(self) -> tuple[Head, Rows]:
        """See `frame.Chart`: one row a point."""
        rows: Rows = [[one.name, *point] for one in self.curves for point in one.points]
        return ["curve", "share of the others flagged too", "share found"], rows
