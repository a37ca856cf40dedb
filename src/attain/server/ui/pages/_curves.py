"""Curves of several runs over each other: by step or by time, smoothed, on a logarithmic scale; as the address asks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from attain.charts.svg.lines import Line, Lines
from attain.server.ui.ask import Ask
from attain.tracking.entities import MetricPoint, Run
from attain.tracking.errors import Invalid

POINTS, MOST = 300, 8


@dataclass(frozen=True)
class Shown:
    """How curves are drawn: across (`step` or `time`), upwards (`number` or `log`), and how smooth (0 to below 1)."""

    across: str
    upwards: str
    smooth: str


def shown(ask: Ask) -> Shown:
    """As the address asks.

    Raises:
        Invalid: the smoothing is no number from 0 to below 1.
    """
    across = "time" if ask.one("across") == "time" else "step"
    upwards = "log" if ask.one("upwards") == "log" else "number"
    typed = ask.one("smooth").strip()
    try:
        part = float(typed or 0)
    except ValueError:
        part = math.nan
    if not 0 <= part < 1:
        raise Invalid(f"{typed!r} is no smoothing: it is a number from 0 (none) to below 1, such as 0.6.")
    return Shown(across, upwards, typed)


def curves(ask: Ask, runs: Sequence[Run], how: Shown) -> list[Lines]:
    """Metrics that runs logged at several steps, those of all runs over each other."""
    keys = dict.fromkeys(key for run in runs for key, point in run.latest.items() if point.step > 0)
    out = []
    for key in list(keys)[:MOST]:
        found = ask.store.thinned_histories([run.run_id for run in runs], key, POINTS)
        lines = [_line(run, found[run.run_id], how) for run in runs if found[run.run_id]]
        said = f"{len(lines)} runs" + (f", smoothed by {how.smooth}" if float(how.smooth or 0) else "")
        x = "seconds since the run began" if how.across == "time" else "step"
        out.append(
            Lines(f"{key} by {how.across}", x, key, lines, said, y_kind="log" if how.upwards == "log" else "number")
        )
    return out


def _line(run: Run, points: Sequence[MetricPoint], how: Shown) -> Line:
    part, so_far = float(how.smooth or 0), math.nan
    out = []
    for point in points:
        if math.isfinite(point.value):
            so_far = point.value if math.isnan(so_far) else part * so_far + (1 - part) * point.value
        value = so_far if part else point.value
        x = (point.timestamp - run.start_time) / 1000 if how.across == "time" else float(point.step)
        out.append((x, value))
    return Line(run.name, sorted(out) if how.across == "time" else out)
