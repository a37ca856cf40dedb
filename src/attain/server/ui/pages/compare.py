"""What differs between runs, and does it matter?"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attain.charts.svg.lines import Line, Lines
from attain.core.direction import Direction
from attain.metrics.names import from_key
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._primary import ARROWS, declared, guessed
from attain.server.ui.words import number
from attain.tracking.entities import Run
from attain.tracking.errors import Invalid

PATH, NAME, NAV = "/compare", "compare", ""
MOST = 20
POINTS = 300
RECORD, RECORD_KEY = "attain.protocol", "attain.protocol_key"
CODE = (
    *("mlflow.source.git.commit", "attain.code", "attain.data_fingerprint"),
    *("attain.split", "attain.dataset", "attain.model"),
)
"""Tags that say what a run is made of."""


@dataclass(frozen=True)
class Column:
    """One run."""

    run_id: str
    name: str
    status: str
    without: str


@dataclass(frozen=True)
class Difference:
    """One thing, and its value in each run; whether the values differ."""

    name: str
    values: tuple[str, ...]
    differs: bool


@dataclass(frozen=True)
class MetricLine:
    """One metric in each run: value with its interval, the best one marked; and what may be concluded."""

    name: str
    told: str
    cells: tuple[tuple[str, str, bool], ...]
    verdict: str


@dataclass(frozen=True)
class Facts:
    """Runs beside each other."""

    title: str
    columns: tuple[Column, ...]
    banner: str
    metrics: tuple[MetricLine, ...]
    params: tuple[Difference, ...]
    tags: tuple[Difference, ...]
    same: int
    all_address: str
    only: bool
    curves: tuple[Lines, ...]
    command: str


def needs(ask: Ask) -> list[Needs]:
    """The right to read each run."""
    return [("GET", "runs/get", {"run_id": one}) for one in ask.all("run")] or [("GET", "experiments/search", {})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    ids = list(dict.fromkeys(ask.all("run")))
    if len(ids) < 2:
        raise Invalid("Choose at least two runs: tick them in the list of an experiment, then compare.")
    if len(ids) > MOST:
        raise Invalid(f"{len(ids)} runs do not fit beside each other; choose at most {MOST}.")
    runs = [ask.store.get_run(one) for one in ids]
    only = ask.one("show") != "all"
    params, tags = _differences([run.params for run in runs]), _differences([_code(run) for run in runs])
    directions = {one.name: one.direction for one in declared(ask.store, runs[0].experiment_id)}
    same = sum(not one.differs for one in (*params, *tags))
    return Facts(
        title=f"{len(runs)} runs compared",
        columns=tuple(_column(ask, run, ids) for run in runs),
        banner=_banner(runs),
        metrics=tuple(_metric_lines(runs, directions)),
        params=tuple(one for one in params if one.differs or not only),
        tags=tuple(one for one in tags if one.differs or not only),
        same=same,
        all_address=ask.address(show="all" if only else None),
        only=only,
        curves=tuple(_curves(ask, runs)),
        command="attain compare " + " ".join(run.run_id[:8] for run in runs),
    )


def table(found: Facts) -> Table:
    """One line a metric or param, one column a run."""
    rows: list[list[object]] = [[m.name, *(text for text, _, _ in m.cells)] for m in found.metrics]
    rows += [[d.name, *d.values] for d in (*found.params, *found.tags)]
    return Table(["what", *(c.name for c in found.columns)], rows)


def _column(ask: Ask, run: Run, ids: Sequence[str]) -> Column:
    return Column(run.run_id, run.name, run.shown_status, ask.address(run=[o for o in ids if o != run.run_id]))


def _banner(runs: Sequence[Run]) -> str:
    """Why the numbers of the runs are not to be ranked; "" where they may be."""
    keys = {run.tags.get(RECORD_KEY) for run in runs}
    if len(keys) < 2:
        return ""
    records = [_record(run) for run in runs]
    names = {part for record in records for part in record}
    told = {part: {json.dumps(one.get(part), sort_keys=True) for one in records} for part in names}
    parts = ", ".join(sorted(part for part, values in told.items() if len(values) > 1)) or "whether they have a record"
    return f"These runs were judged by different rules (they differ in: {parts}): their numbers are not to be ranked."


def _record(run: Run) -> dict[str, object]:
    try:
        kept = json.loads(run.tags.get(RECORD, "{}"))
    except ValueError:  # a tag that somebody wrote by hand
        return {}
    return kept if isinstance(kept, dict) else {}


def _differences(values: Sequence[Mapping[str, str]]) -> list[Difference]:
    names = dict.fromkeys(sorted(name for one in values for name in one))
    out = []
    for name in names:
        own = tuple(one.get(name, "–") for one in values)
        out.append(Difference(name, own, len(set(own)) > 1))
    return sorted(out, key=lambda one: not one.differs)


def _code(run: Run) -> dict[str, str]:
    data = {"data": ", ".join(f"{one.name} ({one.digest[:8]})" for one in run.inputs)} if run.inputs else {}
    return {name: run.tags[name] for name in CODE if name in run.tags} | data


def _metric_lines(runs: Sequence[Run], directions: Mapping[str, Direction]) -> list[MetricLine]:
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
        lines.append(MetricLine(name, ARROWS[direction], tuple(cells), _verdict(runs, key, best)))
    return lines


def _place(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)


def _verdict(runs: Sequence[Run], key: str, best: float | None) -> str:
    """Whether the best one's interval lies apart from those of all others; paired tests are by `attain compare`."""
    if best is None:
        return ""
    ends = [(run.metrics.get(key), run.metrics.get(f"{key}/low"), run.metrics.get(f"{key}/high")) for run in runs]
    if any(low is None or high is None for value, low, high in ends if value is not None):
        return "no interval"
    known = [(v, low, high) for v, low, high in ends if v is not None and low is not None and high is not None]
    top = next(one for one in known if one[0] == best)
    others = [one for one in known if one is not top]
    apart = all(one[2] < top[1] or one[1] > top[2] for one in others)
    return "intervals lie apart" if apart else "intervals overlap: no clear difference by them alone"


def _curves(ask: Ask, runs: Sequence[Run]) -> list[Lines]:
    """Metrics that several runs logged at several steps, drawn over each other."""
    keys = dict.fromkeys(key for run in runs for key, point in run.latest.items() if point.step > 0)
    out = []
    for key in list(keys)[:8]:
        found = ask.store.thinned_histories([run.run_id for run in runs], key, POINTS)
        drawn = [run for run in runs if found[run.run_id]]
        lines = [Line(run.name, [(float(p.step), p.value) for p in found[run.run_id]]) for run in drawn]
        out.append(Lines(f"{key} by step", "step", key, lines, said=f"{len(lines)} runs"))
    return out
