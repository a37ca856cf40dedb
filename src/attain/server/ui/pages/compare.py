"""What differs between runs, and does it matter?"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from attain.charts.svg.lines import Lines
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._curves import Shown, curves, shown
from attain.server.ui.pages._many import Drawn, drawn
from attain.server.ui.pages._paired import Pair, paired
from attain.server.ui.pages._primary import Primary, declared, declared_all, seen
from attain.server.ui.pages._results import MetricLine, metric_lines
from attain.server.ui.pages._texts import TextDifference, text_differences
from attain.tracking.entities import Run
from attain.tracking.errors import Invalid
from attain.tracking.signatures import unlike_signatures

PATH, NAME, NAV = "/compare", "compare", ""
MOST = 20
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
class Facts:
    """Runs beside each other."""

    title: str
    units: str
    columns: tuple[Column, ...]
    banner: str
    metrics: tuple[MetricLine, ...]
    params: tuple[Difference, ...]
    tags: tuple[Difference, ...]
    same: int
    all_address: str
    only: bool
    pairs: tuple[Pair, ...]
    paired_metric: str
    paired_metrics: tuple[tuple[str, str], ...]
    shown: Shown
    curves: tuple[Lines, ...]
    drawn: Drawn
    texts: tuple[TextDifference, ...]
    carried: tuple[tuple[str, str], ...]
    reset_address: str
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
    known = [one for one in declared(ask.store, runs[0].experiment_id) or seen(runs) if _any_has(runs, one)]
    pairs = paired(ask.store, runs)
    metrics = list(dict.fromkeys(one.metric for one in pairs))
    metric = asked if (asked := ask.one("paired")) in metrics else next(iter(metrics), "")
    how = shown(ask)
    ways = {one.name: one.direction for one in declared_all(ask.store, runs[0].experiment_id)}
    lines = metric_lines(runs, ways, pairs)
    same = sum(not d.differs for d in (*params, *tags)) + sum(not m.differs for m in lines)
    return Facts(
        title=f"{len(runs)} runs compared",
        units=runs[0].units,
        columns=tuple(_column(ask, run, ids) for run in runs),
        banner=_banner(runs),
        metrics=tuple(one for one in lines if one.differs or not only),
        params=tuple(one for one in params if one.differs or not only),
        tags=tuple(one for one in tags if one.differs or not only),
        same=same,
        all_address=ask.address(show="all" if only else None),
        only=only,
        pairs=tuple(one for one in pairs if one.metric == metric),
        paired_metric=metric,
        paired_metrics=tuple((one, ask.address(paired=one)) for one in metrics),
        shown=how,
        curves=tuple(curves(ask, runs, how)),
        drawn=drawn(ask, runs, known),
        texts=text_differences(ask.store, runs[0], runs[1]),
        carried=tuple(("run", one) for one in ids),
        reset_address=f"{ask.path}?{urlencode([('run', one) for one in ids])}",
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
    keys, signed = {run.tags.get(RECORD_KEY) for run in runs}, unlike_signatures(runs)
    if len(keys) < 2:
        made = "These runs have other settings or versions behind"
        return f"{made} {', '.join(signed)}: those numbers are not to be ranked." if signed else ""
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


def _any_has(runs: Sequence[Run], metric: Primary) -> bool:
    return any(metric.key in run.metrics for run in runs)
