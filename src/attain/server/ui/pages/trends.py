"""Did it change over time?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from shlex import quote

from attain.charts.svg.lines import Line, Lines
from attain.metrics.names import from_key
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._changes import Point, Series, Step, day, last_step, said_of, series_of
from attain.server.ui.pages._primary import Primary, declared, guessed, seen
from attain.tracking.entities import Experiment, Page, Run
from attain.tracking.search.tokens import quoted

PATH, NAME, NAV, PLACE = "/trends", "trends", "Trends", 55
READ = 500
"""Runs that are read at most, the last ones."""
MOST_LINES, MOST_MARKS, MOST_ROWS, MOST_EXPERIMENTS, MOST_CHOICES = 6, 16, 60, 1000, 200
NEAR = 0.07
"""Changes that lie nearer together than this share of the drawing stand at one rule."""
WHOLE = "(tags.`attain.kind` IS NULL OR tags.`attain.kind` IN ('model', 'policy'))"
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
    experiments = _experiments(ask)
    numbers = [one.experiment_id for one in experiments]
    if chosen := ask.one("experiment"):
        numbers = [ask.store.experiment(chosen).experiment_id]
    recent = _search(ask, numbers, WHOLE).items
    metrics = _metrics(ask, recent)
    metric = _chosen(ask, metrics)
    model, data = ask.one("model").strip(), ask.one("dataset").strip()
    page = _search(ask, numbers, _filter(metric.key, model, data), ask.one("page") or None) if metric else Page([])
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
        models=_named(run.tags.get("attain.model") or run.params.get("model") for run in recent),
        datasets=_named(_data_names(recent)),
        said=tuple(_said(found, page.items, metric)) if metric and found else (),
        shown=_shown(ask, found, page),
        chart=_chart(found, metric) if metric and found else None,
        changes=tuple(changed[:MOST_ROWS]),
        more_changes=max(0, len(changed) - MOST_ROWS),
        rows=tuple(rows),
        any_runs=bool(recent),
        command=_command(ask, experiments),
        first=ask.address(page=None) if ask.one("page") else "",
        next=ask.address(page=page.next_token) if page.next_token else "",
    )


def table(found: Facts) -> Table:
    """One line a run."""
    head = ["started", "model", "data set", found.metric or "value", "low", "high", "run", "name", "changed before it"]
    rows: list[list[object]] = [
        [r.at, r.model, r.data, r.value, r.low, r.high, r.run_id, r.name, r.changed] for r in found.rows
    ]
    return Table(head, rows)


def _experiments(ask: Ask) -> list[Experiment]:
    """Those that may be read, the last made first."""
    listed = ask.store.list_experiments(max_results=MOST_EXPERIMENTS).items
    may = ask.readable("experiment", [one.experiment_id for one in listed])
    return [one for one in listed if one.experiment_id in may]


def _search(ask: Ask, numbers: Sequence[str], filter: str, page: str | None = None) -> Page[Run]:
    return ask.store.search_runs(numbers, filter, max_results=READ, page_token=page) if numbers else Page([])


def _filter(key: str, model: str, data: str) -> str:
    parts = [f"metrics.`{key.replace('`', '``')}` IS NOT NULL", WHOLE]
    if model:
        parts.append(f"(tags.`attain.model` = {quoted(model)} OR params.model = {quoted(model)})")
    if data:
        named = (f"{column} = {quoted(data)}" for column in ("tags.`attain.dataset`", "params.dataset", "dataset.name"))
        parts.append(f"({' OR '.join(named)})")
    return " AND ".join(parts)


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
        last = max(steps, key=lambda step: step.after.at)
        return [said_of(last, metric.name, metric.told), *_others(steps, last)]
    if not any(len(one.points) > 1 for one in found):
        return ["Each model has one run on its data here; a second one shows whether anything changed."]
    if not any(point.low is not None for one in found for point in one.points):
        return [f"These runs have no interval of {metric.name}, so a change cannot be told from chance."]
    return [f"No change of {metric.name} is beyond the intervals: nothing here can be told from chance."]


def _others(steps: Sequence[Step], last: Step) -> list[str]:
    others = sorted((one for one in steps if one is not last), key=lambda one: -one.after.at)
    if not others:
        return []
    named = ", ".join(f"{one.series.name} on {day(one.after.at)}" for one in others[:3])
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return [f"Before that, beyond their intervals: {named}{more}."]


def _shown(ask: Ask, found: Sequence[Series], page: Page[Run]) -> str:
    """How many runs are seen, and which ones are left out."""
    runs = sum(len(one.points) for one in found)
    if not runs:
        return ""
    ends = [point.at for one in found for point in (one.points[0], one.points[-1])]
    told = f"{runs:,} run{'s' if runs > 1 else ''} from {day(min(ends))} to {day(max(ends))}"
    if page.next_token:
        told += f"; earlier ones are left out, for at most {READ} are shown at once"
    if len(found) > MOST_LINES:
        told += f"; the {MOST_LINES} models that ran last are drawn, the table has all {len(found)}"
    return f"{told}."


def _chart(found: Sequence[Series], metric: Primary) -> Lines:
    drawn = found[:MOST_LINES]
    lines = []
    for one in drawn:
        band = [(float(p.at), p.low, p.high) for p in one.points if p.low is not None and p.high is not None]
        lines.append(Line(one.name, [(float(p.at), p.value) for p in one.points], band))
    marks = _marks(drawn)
    return Lines(
        f"{metric.name} by the day of the run",
        "started (UTC)",
        metric.name,
        lines,
        said=f"{metric.told[:1].upper()}{metric.told[1:]}; shaded: 95 % intervals; dashed rules: what changed.",
        moments=[(at, f"{day(int(at))}: {words}") for at, _, words in marks],
        flags=[flag for _, flag, _ in marks],
        x_kind="date",
    )


def _marks(drawn: Sequence[Series]) -> list[tuple[float, str, str]]:
    """Where something changed: the moment, which of code, data and config, and the words; near ones together."""
    points = [(point.at, one.name, point) for one in drawn for point in one.points]
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
    return float(group[0][0]), ", ".join(kinds), f"{'; '.join(words[:4])}{more}"


def _command(ask: Ask, experiments: Sequence[Experiment]) -> str:
    name = next((one.name for one in experiments if one.experiment_id == ask.one("experiment")), "")
    model = ask.one("model").strip()
    parts = ["attain runs", *([quote(f"params.model = {quoted(model)}")] if model else [])]
    return " ".join([*parts, *([f"--suite {quote(name)}"] if name else []), "--order-by 'attributes.start_time ASC'"])
