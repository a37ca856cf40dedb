"""Which run is best, and why?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from shlex import quote
from statistics import fmean, stdev
from urllib.parse import urlencode

from attain.core.errors import UserError
from attain.metrics.names import from_key
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._kinds import KINDS, narrowed
from attain.server.ui.pages._primary import Primary, declared, guessed, seen
from attain.tracking.entities import Run
from attain.tracking.search.english import counted
from attain.tracking.search.tokens import quoted

PATH, NAME, NAV = "/experiments/{experiment_id}", "experiment", ""
SHOWN, GROUPED, LOOKED_AT = 50, 1000, 200
MOST_METRICS, MOST_PARAMS, MOST_TAGS = 4, 5, 6
HIDDEN = ("mlflow.", "attain.")
PARENT = "mlflow.parentRunId"


@dataclass(frozen=True)
class Head:
    """A column: what it is called, what it is asked for by, and where its heading leads (the other way round)."""

    name: str
    key: str
    told: str
    sort: str
    sorted: str


@dataclass(frozen=True)
class Cell:
    """A number with half its interval, or a text."""

    text: str
    value: float | None
    half: float | None


@dataclass(frozen=True)
class Line:
    """A run, or the runs of a group."""

    run_id: str
    name: str
    status: str
    start: int
    cells: tuple[Cell, ...]
    parts_address: str
    parts: int
    count: int


@dataclass(frozen=True)
class Facet:
    """A property by which the list can be narrowed: its values with the address that does so."""

    name: str
    values: tuple[tuple[str, int, str], ...]


@dataclass(frozen=True)
class Facts:
    """A part of an experiment's runs."""

    title: str
    experiment_id: str
    said: str
    folded: bool
    fold_address: str
    problem: str
    filter: str
    kind: str
    kinds: tuple[tuple[str, str], ...]
    group: str
    group_address: str
    chart_address: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    facets: tuple[Facet, ...]
    of_last: int
    choosable: tuple[tuple[str, str, bool, str], ...]
    hidden: tuple[tuple[str, str], ...]
    command: str
    first: str
    next: str
    running: int


def needs(ask: Ask) -> list[Needs]:
    """The right to read the experiment."""
    return [("GET", "experiments/get", {"experiment_id": ask.parts["experiment_id"]})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    store, number = ask.store, ask.parts["experiment_id"]
    experiment = store.experiment(number)
    kind, typed, problem = _kind(ask), ask.one("filter"), ""
    folded = kind == "all" and ask.one("parts") != "show" and not typed.strip()
    asked = f"tags.`{PARENT}` IS NULL" if folded else narrowed("", kind)
    try:
        both = asked if folded else narrowed(typed, kind)
        said = counted(store.count_runs([number], both), typed)
    except UserError as error:
        problem, both, said = str(error), asked, "No filter, for the one that was typed cannot be read."
    recent = store.search_runs([number], both, max_results=LOOKED_AT).items
    metrics = _metrics(ask, declared(store, number) or seen(recent), recent)
    params = ask.all("param") or _varying(recent)
    order = ask.one("order") or (metrics[0].order if metrics and not ask.one("page") else "")
    order = order or "attributes.start_time DESC"
    grouped = ask.one("group") == "model"
    found = store.search_runs([number], both, [order], GROUPED if grouped else SHOWN, ask.one("page") or None)
    heads = _heads(ask, metrics, params, order)
    if grouped:
        lines = _groups(found.items, metrics, params)
    else:
        below = store.parts([run.run_id for run in found.items])
        lines = [_line(ask, run, metrics, params, below.get(run.run_id, 0)) for run in found.items]
    return Facts(
        title=experiment.name,
        experiment_id=number,
        said=said if kind == "all" else f"{said}, of kind {kind}",
        folded=folded,
        fold_address=ask.address(parts="show" if folded else None, page=None),
        problem=problem,
        filter=typed,
        kind=kind,
        kinds=tuple((one, ask.address(kind=one, page=None)) for one in KINDS),
        group="model" if grouped else "",
        group_address=ask.address(group=None if grouped else "model", page=None),
        chart_address=f"/experiments/{number}/chart?{urlencode({'filter': typed, 'kind': kind})}",
        heads=tuple(heads),
        lines=tuple(lines),
        facets=tuple(_facets(ask, recent)),
        of_last=LOOKED_AT if len(recent) == LOOKED_AT else 0,
        choosable=tuple(_choosable(recent, metrics, params)),
        hidden=tuple(_carried(ask)),
        command=_command(experiment.name, typed, order, kind),
        first=ask.address(page=None) if ask.one("page") else "",
        next=ask.address(page=found.next_token) if found.next_token and not grouped else "",
        running=sum(run.shown_status == "running" for run in found.items),
    )


def table(found: Facts) -> Table:
    """One line a run."""
    head = ["run", "name", "status", "started"] + [h.name for h in found.heads]
    rows: list[list[object]] = [
        [line.run_id, line.name, line.status, line.start, *(c.text if c.value is None else c.value for c in line.cells)]
        for line in found.lines
    ]
    return Table(head, rows)


def _carried(ask: Ask) -> list[tuple[str, str]]:
    """What a form carries along, so that the rest of the address stays."""
    pairs = [(name, value) for name, values in ask.query.items() for value in values if value]
    return [(name, value) for name, value in pairs if name not in ("filter", "page")]


def _kind(ask: Ask) -> str:
    if (asked := ask.one("kind")) in KINDS:
        return asked
    number = ask.parts["experiment_id"]
    for kind in ("model", "policy", "project"):
        if ask.store.search_runs([number], f"tags.`attain.kind` = '{kind}'", max_results=1).items:
            return kind
    return "all"


def _metrics(ask: Ask, known: Sequence[Primary], recent: Sequence[Run]) -> list[Primary]:
    if chosen := ask.all("metric"):
        by_key = {one.key: one for one in known}
        return [by_key.get(key, Primary(key, from_key(key)[0], guessed(key))) for key in chosen]
    there = [one for one in known if any(one.key in run.metrics for run in recent)]
    return there[:MOST_METRICS]


def _varying(recent: Sequence[Run]) -> list[str]:
    """The params that differ among the runs: first those of several values, of these the ones that most runs have."""
    values: dict[str, set[str]] = {}
    counts: dict[str, int] = {}
    for run in recent:
        for key, value in run.params.items():
            values.setdefault(key, set()).add(value)
            counts[key] = counts.get(key, 0) + 1
    varying = [key for key in values if len(values[key]) > 1 or counts[key] < len(recent)]
    return sorted(varying, key=lambda key: (len(values[key]) == 1, -counts[key], key))[:MOST_PARAMS]


def _heads(ask: Ask, metrics: Sequence[Primary], params: Sequence[str], order: str) -> list[Head]:
    keys = [(one.name, f"metrics.`{one.key}`", one.told) for one in metrics]
    keys += [(key, f"params.`{key}`", "") for key in params]
    out = []
    for name, column, told in keys:
        now = "descending" if order == f"{column} DESC" else "ascending" if order == f"{column} ASC" else ""
        turned = f"{column} {'ASC' if now == 'descending' else 'DESC'}"
        out.append(Head(name, column, told, ask.address(order=turned, page=None), now))
    return out


def _line(ask: Ask, run: Run, metrics: Sequence[Primary], params: Sequence[str], parts: int) -> Line:
    cells = [_number(run.metrics, one.key) for one in metrics]
    cells += [Cell(run.params.get(key, ""), None, None) for key in params]
    below = ask.address(kind="all", filter=f"tags.`{PARENT}` = '{run.run_id}'", page=None)
    return Line(run.run_id, run.name, run.shown_status, run.start_time, tuple(cells), below, parts, 1)


def _number(metrics: dict[str, float], key: str) -> Cell:
    value, low, high = (metrics.get(name) for name in (key, f"{key}/low", f"{key}/high"))
    half = None if low is None or high is None else (high - low) / 2
    return Cell("" if value is not None else "–", value, half)


def _groups(runs: Sequence[Run], metrics: Sequence[Primary], params: Sequence[str]) -> list[Line]:
    """Runs of one model together: the mean of each metric, and half its 95 % interval over the runs."""
    by_model: dict[str, list[Run]] = {}
    for run in runs:
        by_model.setdefault(run.tags.get("attain.model") or run.params.get("model") or run.name, []).append(run)
    lines = []
    for model, own in by_model.items():
        cells = []
        for one in metrics:
            values = [run.metrics[one.key] for run in own if one.key in run.metrics]
            half = 1.96 * stdev(values) / len(values) ** 0.5 if len(values) > 1 else None
            cells.append(Cell("" if values else "–", fmean(values) if values else None, half))
        for key in params:
            told = sorted({run.params.get(key, "") for run in own})
            cells.append(Cell(told[0] if len(told) == 1 else f"{len(told)} values", None, None))
        lines.append(Line("", model, "", max(run.start_time for run in own), tuple(cells), "", 0, len(own)))
    return lines


def _facets(ask: Ask, recent: Sequence[Run]) -> list[Facet]:
    """Values of what is usually asked for, among the last runs, each narrowing the filter further."""
    ways: list[tuple[str, str, Callable[[Run], str | None]]] = [
        ("model", "tags.`attain.model`", lambda run: run.tags.get("attain.model")),
        ("dataset", "tags.`attain.dataset`", lambda run: run.tags.get("attain.dataset")),
        ("seed", "params.seed", lambda run: run.params.get("seed")),
        ("status", "attributes.status", lambda run: run.status),
    ]
    own = sorted({key for run in recent for key in run.tags if not key.startswith(HIDDEN) and "`" not in key})
    ways += [(key, f"tags.`{key}`", partial(_tag, key)) for key in own[:MOST_TAGS]]
    out = []
    for name, column, value_of in ways:
        counts: dict[str, int] = {}
        for run in recent:
            if value := value_of(run):
                counts[value] = counts.get(value, 0) + 1
        if len(counts) > 1 or (counts and sum(counts.values()) < len(recent)):
            typed = ask.one("filter").strip()
            links = []
            for value, count in sorted(counts.items(), key=lambda pair: -pair[1])[:8]:
                part = f"{column} = {quoted(value)}"
                links.append((value, count, ask.address(filter=f"{typed} AND {part}" if typed else part, page=None)))
            out.append(Facet(name, tuple(links)))
    return out


def _tag(key: str, run: Run) -> str | None:
    return run.tags.get(key)


def _choosable(
    recent: Sequence[Run], metrics: Sequence[Primary], params: Sequence[str]
) -> list[tuple[str, str, bool, str]]:
    """Columns that can be chosen: which field of the form, the value, whether it is shown, the name."""
    shown = {one.key for one in metrics}
    all_metrics = dict.fromkeys([one.key for one in metrics] + [one.key for one in seen(recent)][:40])
    all_params = dict.fromkeys([*params, *sorted({key for run in recent for key in run.params})][:60])
    return [("metric", key, key in shown, "/".join(from_key(key))) for key in all_metrics] + [
        ("param", key, key in params, key) for key in all_params
    ]


def _command(name: str, typed: str, order: str, kind: str) -> str:
    parts = ["attain runs"]
    if typed:
        parts.append(quote(typed))
    parts.append(f"--suite {quote(name)}")
    if kind != "model":
        parts.append(f"--kind {kind if kind in ('suite', 'fold', 'project') else 'all'}")
    return " ".join([*parts, f"--order-by {quote(order)}"])
