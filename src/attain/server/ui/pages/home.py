"""What has been tried, and is it getting better?"""

from dataclasses import dataclass
from functools import partial

from attain.charts.svg.lines import Spark
from attain.server.ui.ask import Ask, Needs, Table
from attain.server.ui.pages._primary import declared, seen
from attain.tracking.entities import Experiment
from attain.tracking.sql.overview import Overview
from attain.tracking.sql.store import Store

PATH, NAME, NAV = "/", "home", "Experiments"
SHOWN = 25
RECENT = 20
"""Runs whose metric is drawn."""


@dataclass(frozen=True)
class Row:
    """One experiment."""

    experiment_id: str
    name: str
    runs: int
    running: int
    failed: int
    last: int | None
    metric: str
    told: str
    best: float | None
    low: float | None
    high: float | None
    best_run: str
    best_name: str
    spark: Spark | None


@dataclass(frozen=True)
class Facts:
    """The experiments, the last one used first."""

    title: str
    rows: tuple[Row, ...]
    before: str
    next: str


def needs(ask: Ask) -> list[Needs]:
    """A list, of which `facts` shows what may be read."""
    return [("GET", "experiments/search", {})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    part = partial(ask.store.search_experiments, "", (), SHOWN)
    shown, following = ask.listed("experiment", lambda one: one.experiment_id, part)
    known = ask.store.overview([one.experiment_id for one in shown])
    rows = [_row(ask.store, one, known.get(one.experiment_id, Overview({}, None))) for one in shown]
    rows.sort(key=lambda row: -(row.last or 0))
    return Facts("Experiments", tuple(rows), ask.address(page=None) if ask.one("page") else "", following)


def table(found: Facts) -> Table:
    """One line an experiment."""
    head = ["experiment", "runs", "running", "failed", "last", "metric", "best", "low", "high", "run"]
    rows: list[list[object]] = []
    for r in found.rows:
        rows.append([r.name, r.runs, r.running, r.failed, r.last, r.metric, r.best, r.low, r.high, r.best_run])
    return Table(head, rows)


def _row(store: Store, one: Experiment, state: Overview) -> Row:
    of_models = "tags.`attain.kind` = 'model'"
    recent = store.search_runs([one.experiment_id], of_models, max_results=RECENT).items if state.total else []
    asked = of_models
    if state.total and not recent:
        recent, asked = store.search_runs([one.experiment_id], max_results=RECENT).items, ""
    metrics = [m for m in declared(store, one.experiment_id) or seen(recent) if any(m.key in r.metrics for r in recent)]
    state_of = state.by_status
    head = (one.experiment_id, one.name, state.total, state_of.get("RUNNING", 0), state_of.get("FAILED", 0), state.last)
    if not metrics:
        return Row(*head, "", "", None, None, None, "", "", None)
    primary = metrics[0]
    best = next(iter(store.search_runs([one.experiment_id], asked, [primary.order], 1).items), None)
    values = [run.metrics[primary.key] for run in reversed(recent) if primary.key in run.metrics]
    ends = [best.metrics.get(f"{primary.key}/{end}") if best else None for end in ("low", "high")]
    return Row(
        *head,
        primary.name,
        primary.told,
        best.metrics.get(primary.key) if best else None,
        ends[0],
        ends[1],
        best.run_id if best else "",
        best.name if best else "",
        Spark(f"{primary.name} of the last {len(values)} runs of {one.name}", values),
    )
