"""The chart of trends: a line for each model and data set, and what changed."""

from collections.abc import Sequence

from attain.charts.svg.lines import Line, Lines
from attain.server.ui.pages._changes import Point, Series, day
from attain.server.ui.pages._primary import Primary

MOST_LINES, MOST_MARKS = 6, 16
NEAR = 0.1
"""Changes that lie nearer together than this share of the drawing stand at one rule."""


def drawn(found: Sequence[Series], metric: Primary) -> Lines:
    """The first of some series as lines, with a rule where something changed in them."""
    shown = found[:MOST_LINES]
    data = {one.data for one in shown}
    lines = []
    for one in shown:
        band = [(float(p.at), p.low, p.high) for p in one.points if p.low is not None and p.high is not None]
        lines.append(
            Line(one.model if len(data) == 1 else one.name, [(float(p.at), p.value) for p in one.points], band)
        )
    marks = _marks(shown)
    return Lines(
        f"{metric.name}{f' on {min(data)}' if len(data) == 1 and min(data) else ''} by the day of the run",
        "started (UTC)",
        metric.name,
        lines,
        said=f"{metric.told[:1].upper()}{metric.told[1:]}; shaded: 95 % intervals; dashed rules: what changed.",
        moments=[(at, f"{day(int(at))}: {words}") for at, _, words in marks],
        flags=[flag for _, flag, _ in marks],
        x_kind="date",
    )


def _marks(shown: Sequence[Series]) -> list[tuple[float, str, str]]:
    """Where something changed: the moment, which of code, data and config, and the words; near ones together."""
    points = [(point.at, one.name, point) for one in shown for point in one.points]
    span = max(at for at, _, _ in points) - min(at for at, _, _ in points)
    grouped: list[list[tuple[int, str, Point]]] = []
    for one in sorted((one for one in points if one[2].changed), key=lambda one: (one[0], one[1])):
        if grouped and one[0] - grouped[-1][0][0] <= NEAR * span:
            grouped[-1].append(one)
        else:
            grouped.append([one])
    return [_mark(group) for group in grouped[-MOST_MARKS:]]


def _mark(group: Sequence[tuple[int, str, Point]]) -> tuple[float, str, str]:
    kinds = [kind for kind in ("code", "data", "config") if any(kind in point.kinds for _, _, point in group)]
    words = list(dict.fromkeys(f"{point.changed} ({name})" for _, name, point in group))
    more = f" and {len(words) - 4} more" if len(words) > 4 else ""
    return float(group[0][0]), "\n".join(kinds), f"{'; '.join(words[:4])}{more}"
