"""Did it change over time?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from shlex import quote

from attain.charts.svg.lines import Lines
from attain.metrics.names import from_key
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._changes import Series, Step, day, last_step, said_of, series_of
from attain.server.ui.pages._primary import Primary, declared, guessed, seen
from attain.server.ui.pages._readable import readable
from attain.server.ui.pages._trend_chart import MOST_LINES, drawn
from attain.server.ui.words import cut
from attain.tracking.entities import Experiment, Page, Run
from attain.tracking.errors import Invalid
from attain.tracking.search.tokens import quoted

PATH, NAME, NAV, PLACE = "/trends", "trends", "Trends", 55
READ, LOOKED_AT = 500, 10_000
"""Runs that are read at most, and among how many they are looked for: the last ones."""
MOST_ROWS, MOST_CHOICES = 60, 200
WHOLE = "(tags.`attain.kind` IS NULL OR tags.`attain.kind` IN ('model', 'policy', 'project'))"
"""Runs that are no parts of others, and no suites."""


@dataclass(frozen=True)
class Row:
    """One run: its number, and what changed since the run of the same model and data set before it."""

    at: int
    model: str
    data: str
    value: float
    low: float | None
    high: float | None
    run_id: str
    name: str
    changed: str


@dataclass(frozen=True)
class Facts:
    """A metric over the dates of runs."""

    title: str
    metric: str
    told: str
    experiment: str
    model: str
    data: str
    experiments: tuple[tuple[str, str], ...]
    metrics: tuple[tuple[str, str], ...]
    models: tuple[str, ...]
    datasets: tuple[str, ...]
    said: tuple[str, ...]
    shown: str
    chart: Lines | None
    changes: tuple[Row, ...]
    more_changes: int
    rows: tuple[Row, ...]
    any_runs: bool
    command: str
    first: str
    next: str


def needs(ask: Ask) -> list[Needs]:
    """The right to read the experiment, where one is named; else a list, of which `facts` shows what may be read."""
    if chosen := ask.one("experiment"):
        return [("GET", "experiments/get", {"experiment_id": chosen})]
    return [("GET", "experiments/search", {})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    experiments = readable(ask)
    numbers = [one.experiment_id for one in experiments]
    if chosen := ask.one("experiment"):
        numbers = [ask.store.experiment(chosen).experiment_id]
    before, model, data = _before(ask), ask.one("model").strip(), ask.one("dataset").strip()
    since = ask.store.started(numbers, LOOKED_AT, before)
    within = [WHOLE, *_within(since, before)]
    recent = _search(ask, numbers, within)
    metrics = _metrics(ask, recent.items)
    metric = _chosen(ask, metrics)
    narrowed = bool(metric and (ask.one("metric") or model or data))
    page = _search(ask, numbers, [*within, *_narrower(metric, model, data)]) if metric and narrowed else recent
    found = series_of(page.items, metric.key) if metric else []
    rows = sorted((row for one in found for row in _rows(one)), key=lambda row: -row.at)
    changed = [row for row in rows if row.changed]
    return Facts(
        title="Trends",
        metric=metric.key if metric else "",
        told=metric.told if metric else "",
        experiment=ask.one("experiment"),
        model=model,
        data=data,
        experiments=tuple((one.experiment_id, one.name) for one in experiments[:MOST_CHOICES]),
        metrics=tuple((one.key, one.name) for one in metrics[:MOST_CHOICES]),
        models=_named(run.tags.get("attain.model") or run.params.get("model") for run in recent.items),
        datasets=_named(_data_names(recent.items)),
        said=tuple(_said(found, page.items, metric)) if metric and found else (),
        shown=_shown(found, page, since),
        chart=drawn(found, metric) if metric and found else None,
        changes=tuple(changed[:MOST_ROWS]),
        more_changes=max(0, len(changed) - MOST_ROWS),
        rows=tuple(rows),
        any_runs=bool(recent.items or since or before),
        command=_command(ask, experiments),
        first=ask.address(before=None) if before else "",
        next=_earlier(ask, metric, page, since),
    )


def table(found: Facts) -> Table:
    """One line a run."""
    head = ["started", "model", "data set", found.metric or "value", "low", "high", "run", "name", "changed before it"]
    rows: list[list[object]] = [
        [r.at, r.model, r.data, r.value, r.low, r.high, r.run_id, r.name, r.changed] for r in found.rows
    ]
    return Table(head, rows)


def _before(ask: Ask) -> int | None:
    """Only runs begun before this moment (ms) are asked for; None for all.

    Raises:
        Invalid: what is asked for is no moment.
    """
    if not (text := ask.one("before")):
        return None
    if not text.isdecimal() or len(text) > 15:
        raise Invalid(f"`before` is {cut(text, 40)!r}; expected ms since 1970, as in the link to earlier runs.")
    return int(text)


def _within(since: int | None, before: int | None) -> list[str]:
    ends = {">=": since, "<": before}
    return [f"attributes.start_time {sign} {moment}" for sign, moment in ends.items() if moment is not None]


def _earlier(ask: Ask, metric: Primary | None, page: Page[Run], since: int | None) -> str:
    """The address of runs before those of a page; its first run is there again, to be compared with."""
    if page.next_token:
        last, first = page.items[0].start_time, page.items[-1].start_time
        since = first + 1 if first < last else first
    return "" if since is None else ask.address(before=str(since), metric=metric.key if metric else None)


def _search(ask: Ask, numbers: Sequence[str], parts: Sequence[str]) -> Page[Run]:
    return ask.store.search_runs(numbers, " AND ".join(parts), max_results=READ) if numbers else Page([])


def _narrower(metric: Primary, model: str, data: str) -> list[str]:
    parts = [f"metrics.`{metric.key.replace('`', '``')}` IS NOT NULL"]
    if model:
        parts.append(f"(tags.`attain.model` = {quoted(model)} OR params.model = {quoted(model)})")
    if data:
        named = (f"{column} = {quoted(data)}" for column in ("tags.`attain.dataset`", "params.dataset", "dataset.name"))
        parts.append(f"({' OR '.join(named)})")
    return parts


def _metrics(ask: Ask, recent: Sequence[Run]) -> list[Primary]:
    """Those that the last suite declares first, then all others that the last runs have."""
    there = {one.key: one for one in seen(recent)}
    known = declared(ask.store, recent[0].experiment_id) if recent else []
    first = {one.key: one for one in known if one.key in there}
    return [*first.values(), *(one for key, one in there.items() if key not in first)]


def _chosen(ask: Ask, metrics: Sequence[Primary]) -> Primary | None:
    if key := ask.one("metric").strip():
        named = (one for one in metrics if key in (one.key, one.name))
        return next(named, Primary(key, from_key(key)[0], guessed(key)))
    return metrics[0] if metrics else None


def _named(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value})[:MOST_CHOICES])


def _data_names(runs: Sequence[Run]) -> set[str]:
    tagged = {run.tags.get("attain.dataset") or run.params.get("dataset") or "" for run in runs}
    return tagged | {one.name for run in runs for one in run.inputs}


def _rows(series: Series) -> list[Row]:
    return [
        Row(p.at, series.model, series.data, p.value, p.low, p.high, p.run_id, p.name, p.changed) for p in series.points
    ]


def _said(found: Sequence[Series], runs: Sequence[Run], metric: Primary) -> list[str]:
    """The last change beyond the interval, or why none can be told; how many more models changed."""
    steps = [step for one in found if (step := last_step(one, runs)) is not None]
    if steps:
        last = max(steps, key=lambda step: step.weight)
        return [said_of(last, metric.name, metric.told), *_others(steps, last)]
    if not any(len(one.points) > 1 for one in found):
        return ["Each model has one run on its data here; a second one shows whether anything changed."]
    if not any(point.low is not None for one in found for point in one.points):
        return [f"These runs have no interval of {metric.name}, so a change cannot be told from chance."]
    return [f"No change of {metric.name} is beyond the intervals: nothing here can be told from chance."]


def _others(steps: Sequence[Step], last: Step) -> list[str]:
    others = sorted((one for one in steps if one is not last), key=lambda one: one.weight, reverse=True)
    if not others:
        return []
    named = ", ".join(f"{one.series.name} on {day(one.after.at)}" for one in others[:3])
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return [f"Beyond their intervals too: {named}{more}."]


def _shown(found: Sequence[Series], page: Page[Run], since: int | None) -> str:
    """How many runs are seen, and which ones are left out."""
    runs = sum(len(one.points) for one in found)
    if not runs:
        return ""
    ends = [point.at for one in found for point in (one.points[0], one.points[-1])]
    told = f"{runs:,} run{'s' if runs > 1 else ''} from {day(min(ends))} to {day(max(ends))}"
    if page.next_token:
        told += f"; earlier ones are left out, for at most {READ} are shown at once"
    elif since is not None:
        told += f"; only the last {LOOKED_AT:,} runs were looked at"
    if len(found) > MOST_LINES:
        told += f"; the {MOST_LINES} models that ran last are drawn, the table has all {len(found)}"
    return f"{told}."


def _command(ask: Ask, experiments: Sequence[Experiment]) -> str:
    name = next((one.name for one in experiments if one.experiment_id == ask.one("experiment")), "")
    model = ask.one("model").strip()
    parts = ["attain runs", *([quote(f"params.model = {quoted(model)}")] if model else [])]
    return " ".join([*parts, *([f"--suite {quote(name)}"] if name else []), "--order-by 'attributes.start_time ASC'"])
