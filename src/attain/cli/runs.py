"""`attain runs` and `attain show`: what was run, and all that is known about one run."""

import json
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any

import typer

from attain.cli.options import Json, StoreUri
from attain.cli.output import interval, number, out, print_json, print_table
from attain.cli.report import print_report
from attain.core.errors import UserError, unknown
from attain.metrics.discover import find
from attain.metrics.evaluate import Value
from attain.metrics.names import from_key
from attain.suite import protocol, record, report
from attain.suite.score import values_of
from attain.tracking.entities import Page, Run
from attain.tracking.find_run import experiments, find_run
from attain.tracking.search.english import english
from attain.tracking.store import Store, open_store


def runs(
    filter: Annotated[
        str, typer.Argument(help="Such as \"metrics.auc > 0.7 and params.model = 'bkt'\".", metavar="FILTER")
    ] = "",
    suite: Annotated[str | None, typer.Option(help="Only runs of this suite.", metavar="NAME")] = None,
    kind: Annotated[str, typer.Option(help="suite, model, fold, or all.")] = "model",
    order_by: Annotated[list[str] | None, typer.Option(help='Such as "metrics.auc DESC". Repeatable.')] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=50_000)] = 20,
    page: Annotated[str | None, typer.Option(help="The token that the page before ended with.")] = None,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Search runs, the last started first."""
    opened = open_store(store)
    kinds = ("suite", "model", "fold", "all")
    if kind not in kinds:
        raise unknown("kind of run", kind, kinds)
    said = english(filter)  # raises where the filter is wrong, pointing into what was typed
    asked = filter if kind == "all" else _and(filter, f"tags.`{record.KIND}` = '{kind}'")
    experiments = _experiments(opened, suite)
    found = opened.search_runs(experiments, asked, order_by or (), limit, page)
    if as_json:
        print_json({"runs": [_facts(run) for run in found.items], "next_page": found.next_token})
        return
    if not found.items:
        raise UserError(_nothing(opened, kind, said, opened.count_runs(experiments, filter)))
    ranked = any("metrics." in column for column in order_by or ())
    _print_runs(found, opened.count_runs(experiments, asked), said, kind, apart=ranked)


def show(
    run: Annotated[str, typer.Argument(help="The id of a run, or how it begins.", metavar="RUN")],
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Everything about one run: results, params, data, code, files, and how to repeat it."""
    opened = open_store(store)
    found = find_run(opened, run)
    values = _together(values_of(opened, found.run_id))
    files = [file.path for file in opened.artifacts_under(found.run_id)]
    if as_json:
        print_json(_facts(found) | {"values": [asdict(v) for v in values], "artifacts": files})
        return
    _print_head(opened, found)
    if found.tags.get(record.KIND) == "suite":
        print_report(report.tables(opened, found.run_id))
    elif values:
        rows = [
            [
                v.metric,
                v.cohort or "",
                interval(v.value, v.low, v.high),
                _count(v.n_units),
                _count(v.n),
                v.reason or v.note,
            ]
            for v in values
        ]
        print_table(["metric", "cohort", "value [95 %]", "learners", "rows", "remark"], rows, title="\nResults")
    _print_numbers(found, with_values=bool(values))
    _print_texts(found)
    print_table(["file"], [[path] for path in files], title="\nFiles")


def _together(values: list[Value]) -> list[Value]:
    """Each metric's values beside each other, the overall one first, in the order in which metrics were first kept."""
    order = {metric: place for place, metric in enumerate(dict.fromkeys(v.metric for v in values))}
    return sorted(values, key=lambda value: (order[value.metric], value.cohort is not None))


def _experiments(store: Store, suite: str | None) -> list[str]:
    known = experiments(store)
    if suite is None:
        return list(known.values())
    if suite not in known:
        raise unknown("suite", suite, known)
    return [known[suite]]


def _and(first: str, second: str) -> str:
    return f"({first}) AND {second}" if first.strip() else second


def _nothing(store: Store, kind: str, said: str, others: int) -> str:
    """Why the list is empty; runs that were logged by hand or by MLflow's client have no kind."""
    where = f" where {said}" if said else ""
    if others:
        return f"There are no {kind} runs{where} in {store.place}, but {others:,} of other kinds: add --kind all."
    if said:
        return f"There are no runs{where} in {store.place}. `attain runs` lists those that there are."
    return f"There are no runs in {store.place}. `attain run quick` makes some."


def _print_runs(found: Page[Run], total: int, said: str, kind: str, *, apart: bool) -> None:
    """The runs as a table; ranked by a metric, one table for each protocol, for numbers of two are not to be ranked."""
    where = f" where {said}" if said else ""
    what = "runs" if kind == "all" else f"{kind} runs"
    out.print(f"{len(found.items)} of {total:,} {what}{where}", style="dim")
    metrics = _common_metrics(found.items)
    head = ["run", "name", "status", "started", *(from_key(m)[0] for m in metrics)]
    groups = _by_protocol(found.items) if apart else [("", found.items)]
    for title, items in groups:
        rows = [
            [
                run.run_id[:8],
                run.name,
                run.shown_status,
                _when(run.start_time),
                *(number(run.metrics.get(m)) for m in metrics),
            ]
            for run in items
        ]
        print_table(head, rows, title=title)
    if len(groups) > 1:
        out.print(
            "Runs of different protocols are not ranked together; `attain show RUN` gives each record.", style="dim"
        )
    if found.next_token:
        out.print(f"The next page: the same command with --page {found.next_token}", style="dim")


def _by_protocol(items: list[Run]) -> list[tuple[str, list[Run]]]:
    """Runs of one protocol record each, in the order of the first, with what tells the records apart."""
    groups: dict[str | None, list[Run]] = {}
    for run in items:
        groups.setdefault(run.tags.get(protocol.PROTOCOL_KEY), []).append(run)
    parts = protocol.unlike(items)
    return [(_said_of(runs[0], parts) if len(groups) > 1 else "", runs) for runs in groups.values()]


def _said_of(run: Run, parts: list[str]) -> str:
    """The parts of a run's record in which it differs from others."""
    record_ = json.loads(run.tags.get(protocol.PROTOCOL, "{}"))
    if not record_:
        return "\nwithout a protocol record"
    name = f"{run.inputs[0].name}, " if run.inputs else ""
    told = "; ".join(f"{part} {json.dumps(record_.get(part), sort_keys=True)[:60]}" for part in parts if part != "data")
    return f"\n{name}data {record_['data']['fingerprint'][:8]}{'; ' + told if told else ''}"


def _common_metrics(items: list[Run], most: int = 4) -> list[str]:
    """The few headline metrics that most of the runs have, in the order they were logged."""
    counts: dict[str, int] = {}
    for run in items:
        for key in run.metrics:
            if "/" not in key and len(from_key(key)) == 1:
                counts[key] = counts.get(key, 0) + 1
    return sorted(counts, key=lambda key: (-counts[key], _place(key)))[:most]


def _place(key: str) -> int:
    usual = ("auc", "accuracy at 0.5", "log_loss", "rmse", "ece of 15 and quantile")
    return usual.index(key) if key in usual else len(usual)


def _print_head(store: Store, run: Run) -> None:
    out.print(run.name, style="bold")
    took = f", took {(run.end_time - run.start_time) / 1000:.1f} s" if run.end_time else ""
    out.print(f"run {run.run_id} · {run.shown_status} · started {_when(run.start_time)}{took}")
    if run.parent_run_id:
        out.print(f"under {store.get_run(run.parent_run_id).name} ({run.parent_run_id[:8]})")


def _print_numbers(run: Run, *, with_values: bool) -> None:
    """Metrics that stand in no results table: seconds, memory, the end of training curves, spread over folds."""
    rows = []
    for key, value in sorted(run.metrics.items()):
        parts = from_key(key)
        if not (with_values and _is_result(parts)):
            rows.append([" ".join(parts) if len(parts) > 1 else key, number(value)])
    if rows:
        print_table(["measured", "value"], rows, title="\nMeasured")


def _is_result(parts: tuple[str, ...]) -> bool:
    try:
        find(parts[0])
    except UserError:
        return False
    return parts[-1] not in ("fold_mean", "fold_sd")


def _print_texts(run: Run) -> None:
    params = [[key, value] for key, value in run.params.items()]
    if params:
        print_table(["param", "value"], params, title="\nParams")
    tags = [[key, value] for key, value in sorted(run.tags.items()) if not key.startswith("mlflow.runName")]
    if tags:
        print_table(["tag", "value"], tags, title="\nHow it came about")
    for data in run.inputs:
        profile = json.loads(data.profile or "{}")
        out.print(f"\nData {data.name} ({data.digest})")
        for key, value in profile.items():
            out.print(f"  {key}: {value}")


def _facts(run: Run) -> dict[str, Any]:  # JSON
    return {
        "run_id": run.run_id,
        "name": run.name,
        "status": run.shown_status,
        "experiment_id": run.experiment_id,
        "parent_run_id": run.parent_run_id,
        "start_time": run.start_time,
        "end_time": run.end_time,
        "metrics": dict(run.metrics),
        "params": dict(run.params),
        "tags": dict(run.tags),
        "inputs": [asdict(data) for data in run.inputs],
    }


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _when(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000).strftime("%Y-%m-%d %H:%M:%S")
