"""Metrics of several runs beside each other, the best marked, and whether it is better for sure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attain.core.direction import Direction
from attain.metrics.names import from_key
from attain.server.ui.pages._paired import LABEL, Pair
from attain.server.ui.pages._primary import ARROWS, guessed
from attain.server.ui.words import number
from attain.tracking.entities import Run


@dataclass(frozen=True)
class MetricLine:
    """One metric in each run: value with its interval, the best one marked; and what may be concluded."""

    name: str
    told: str
    cells: tuple[tuple[str, str, bool], ...]
    verdict: str
    differs: bool


def metric_lines(runs: Sequence[Run], directions: Mapping[str, Direction], pairs: Sequence[Pair]) -> list[MetricLine]:
    """The metrics that at least two of the runs have, the declared ones first."""
    counts: dict[str, int] = {}
    for run in runs:
        for key in run.metrics:
            if "/" not in key:
                counts[key] = counts.get(key, 0) + 1
    order = list(directions)
    lines = []
    for key in sorted((k for k in counts if counts[k] > 1), key=lambda k: (_place(from_key(k)[0], order), k)):
        name = from_key(key)[0]
        direction = directions.get(name, guessed(name))
        values = [run.metrics.get(key) for run in runs]
        known = [v for v in values if v is not None and v == v]
        best = None if len(set(known)) < 2 or direction == "none" else (min if direction == "min" else max)(known)
        cells = []
        for run, value in zip(runs, values, strict=True):
            low, high = run.metrics.get(f"{key}/low"), run.metrics.get(f"{key}/high")
            ends = f"[{number(low)}, {number(high)}]" if low is not None and high is not None else ""
            cells.append((number(value), ends, value is not None and value == best))
        own = [pair for pair in pairs if pair.metric == name]
        said = "" if best is None else _by_pairs(runs, key, best, own) if own else _by_intervals(runs, key, best)
        lines.append(MetricLine(name, ARROWS[direction], tuple(cells), said, len(set(map(str, values))) > 1))
    return lines


def _place(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)


def _by_pairs(runs: Sequence[Run], key: str, best: float, pairs: Sequence[Pair]) -> str:
    """Of which others the best is better for sure, unit by unit."""
    top = next(run for run in runs if run.metrics.get(key) == best).tags[LABEL]
    not_clear = [one.b if one.a == top else one.a for one in pairs if top in (one.a, one.b) and not one.clear]
    if not not_clear:
        unit = runs[0].units.removesuffix("s")
        return f"{top} is better than each other, {unit} by {unit}"
    return f"no clear difference between {top} and {' or '.join(not_clear)}"


def _by_intervals(runs: Sequence[Run], key: str, best: float) -> str:
    """Whether the best one's interval lies apart from those of all others; weaker than a paired test."""
    ends = [(run.metrics.get(key), run.metrics.get(f"{key}/low"), run.metrics.get(f"{key}/high")) for run in runs]
    if any(low is None or high is None for value, low, high in ends if value is not None):
        return "no interval"
    known = [(v, low, high) for v, low, high in ends if v is not None and low is not None and high is not None]
    top = next(one for one in known if one[0] == best)
    others = [one for one in known if one is not top]
    apart = all(one[2] < top[1] or one[1] > top[2] for one in others)
    return "intervals lie apart" if apart else "intervals overlap: no clear difference by them alone"
