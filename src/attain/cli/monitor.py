"""`attain monitor`: whether a model in use still means what it says."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from attain.cli.options import Json, StoreUri
from attain.cli.output import interval, out, print_json, print_table
from attain.data import pseudonym
from attain.metrics.evaluate import Value
from attain.serve.learners import Learners
from attain.serve.monitor import BEFORE, DRIFT, Monitored, monitor
from attain.serve.run import default_state
from attain.serve.source import find
from attain.tracking.liveness import now_ms
from attain.tracking.store import open_store


def monitor_model(
    model: Annotated[str, typer.Argument(help="The model, as `attain serve` was given it.", metavar="MODEL")],
    days: Annotated[float, typer.Option(min=0, help="The last days, which are compared with all before.")] = 7,
    cohorts: Annotated[
        Path | None, typer.Option(help="CSV with learner and attributes: also by cohort.", metavar="FILE")
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="The database of learners [default: learners.db in attain's home].")
    ] = None,
    name: Annotated[str, typer.Option(help="What `attain serve` was told to call it.")] = "",
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Keep what a served model expected, and what came, as a run; say how far both have moved.

    Small cohorts are hidden. Call it from cron, say once a week.
    """
    opened = open_store(store)
    learners = Learners(state or default_state(), pseudonym.key())
    try:
        done = monitor(opened, learners, find(opened, model, name), now_ms=now_ms(), days=days, cohorts=cohorts)
    finally:
        learners.close()
    if as_json:
        print_json(asdict(done))
        return
    _print(done, days)


def _print(done: Monitored, days: float) -> None:
    by_name = {(value.metric, value.cohort): value for value in done.values}
    rows = []
    for value in done.values:
        if value.metric.endswith(f"/{BEFORE}"):
            continue
        older = by_name.get((f"{value.metric}/{BEFORE}", value.cohort))
        remark = value.reason or value.note
        rows.append([value.metric, value.cohort or "", _said(older), _said(value), remark])
    print_table(["metric", "cohort", "before [95 %]", f"last {days:g} days [95 %]", "remark"], rows)
    said = f"{done.n_now:,} answers of the last {days:g} days, {done.n_before:,} before; kept as run {done.run_id[:8]}."
    out.print(f"\n{said}", markup=False, highlight=False)


def _said(value: Value | None) -> str:
    if value is None or value.value is None:
        return "–"
    return f"{value.value:.4g}" if value.metric == DRIFT else interval(value.value, value.low, value.high)
