"""`attain runs` and `attain show`: what was run, and all that is known about one run."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
from attain.tracking.entities import Run
from attain.tracking.find_run import experiments, find_run
from attain.tracking.search.english import english
from attain.tracking.store import Store, open_store


def runs(
    filter: Annotated[
        str, typer.Argument(help="Such as \"metrics.auc > 0.7 and params.model = 'bkt'\".", metavar="FILTER")
    ] = "",
    suite: Annotated[str | None, typer.Option(help="Only runs of this suite.", metavar="NAME")] = None,
    kind: Annotated[str, typer.Option(help="suite, model, fold, project, reproduction, or all.")] = "model",
    order_by: Annotated[list[str] | None, typer.Option(help='Such as "metrics.auc DESC". Repeatable.')] = None,
    limit: Annotated[int, typer.Option(help="At most so many.", min=1, max=50_000)] = 20,
    page: Annotated[str | None, typer.Option(help="The token that the page before ended with.")] = None,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Search runs, the last started first."""
    opened = open_store(store)
    kinds = ("suite", "model", "fold", "project", "reproduction", "all")
    if kind not in kinds:
        raise unknown("kind of run", kind, kinds)
    said = english(filter)  # raises where the filter is wrong, pointing into what was typed
    asked = filter if kind == "all" else _and(filter, f"tags.`{record.KIND}` = '{kind}'")
    experiments = _experiments(opened, suite)
    found = opened.search_runs(experiments, asked, order_by or (), limit, page)
    ranked = any(column.lstrip().startswith("metric") for column in order_by or ())
    groups = _by_protocol(found.items) if ranked else [_Group(None, {}, found.items)]
    if as_json:
        facts: dict[str, Any] = {"runs": [_facts(run) for group in groups for run in group.runs]}
        if ranked:
            facts["protocols"] = [group.facts() for group in groups]
        print_json(facts | {"next_page": found.next_token})
        return
    if not found.items:
        raise UserError(_nothing(opened, kind, said, opened.count_runs(experiments, filter)))
    what = ("runs" if kind == "all" else f"{kind} runs") + (f" where {said}" if said else "")
    out.print(f"{len(found.items)} of {opened.count_runs(experiments, asked):,} {what}", style="dim")
    _print_runs(groups)
    if found.next_token:
        out.print(f"The next page: the same command with --page {found.next_token}", style="dim")


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
        print_table(["metric", "cohort", "value [95 %]", found.units, "rows", "remark"], rows, title="\nResults")
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


@dataclass(frozen=True)
class _Group:
    """Runs of one protocol record: its fingerprint, and the parts in which it differs from those of other groups."""

    protocol: str | None
    differs: Mapping[str, Any]  # JSON
    runs: list[Run]

    def facts(self) -> dict[str, Any]:
        return {"protocol": self.protocol, "differs": self.differs, "runs": [run.run_id for run in self.runs]}

    @property
    def title(self) -> str:
        if self.protocol is None:
            return "\nwithout a protocol record"
        data = "".join(f"{given.name}, " for given in self.runs[0].inputs[:1])
        told = [f"{part} {json.dumps(what, sort_keys=True)[:60]}" for part, what in self.differs.items()]
        if "data" in self.differs:
            told[list(self.differs).index("data")] = f"data {self.differs['data']['fingerprint'][:8]}"
        return f"\n{data}{'; '.join(told)}"


def _by_protocol(runs: list[Run]) -> list[_Group]:
    """The runs of each protocol record and of metrics' signatures, in the order of the first.

    Numbers of two are not to be ranked.
    """
    parts, groups = protocol.unlike(runs), dict[tuple[object, ...], list[Run]]()
    signed = [part for part in parts if part.startswith(protocol.SIGNATURE_OF)]
    for run in runs:
        key = run.tags.get(protocol.PROTOCOL_KEY)
        groups.setdefault((key, *(protocol.part_of(run, part) for part in signed)), []).append(run)
    return [
        _Group(some[0].tags.get(protocol.PROTOCOL_KEY), {part: protocol.part_of(some[0], part) for part in parts}, some)
        for some in groups.values()
    ]


def _print_runs(groups: list[_Group]) -> None:
    """One table a group."""
    metrics = _common_metrics([run for group in groups for run in group.runs])
    head = ["run", "name", "status", "started", *(from_key(m)[0] for m in metrics)]
    for group in groups:
        rows = [
            [
                run.run_id[:8],
                run.name,
                run.shown_status,
                _when(run.start_time),
                *(number(run.metrics.get(m)) for m in metrics),
            ]
            for run in group.runs
        ]
        print_table(head, rows, title=group.title if len(groups) > 1 else "")
    if len(groups) > 1:
        out.print(
            "Runs of different protocols are not ranked together; `attain show RUN` gives each record.", style="dim"
        )


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
        if parts[-1] != "n" and not (with_values and _is_result(parts)):
            name = " ".join(parts) if len(parts) > 1 else key
            rows.append([name, number(value), number(run.metrics[f"{key}/n"]) if f"{key}/n" in run.metrics else ""])
    if rows:
        width = 3 if any(n for *_, n in rows) else 2
        print_table(["measured", "value", "n"][:width], [row[:width] for row in rows], title="\nMeasured")


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
