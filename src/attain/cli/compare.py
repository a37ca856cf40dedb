"""`attain compare` and `attain score`: what differs between runs, and other metrics of runs that are done."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from attain.cli.options import Json, StoreUri
from attain.cli.output import err, interval, number, out, print_json, print_table
from attain.cli.score_file import score_file
from attain.core.errors import UserError, unknown
from attain.core.metric import Metric
from attain.metrics.difference import Difference, verdict
from attain.metrics.discover import find
from attain.suite import record, report
from attain.suite.config import suite_files
from attain.suite.protocol import refuse_unlike, unlike
from attain.suite.results import predictions_of, with_files
from attain.suite.score import add_values, score_run, values_of
from attain.suite.verdicts import OF_MODELS, agreements_of, corrected_together, differences
from attain.tracking.entities import Run
from attain.tracking.find_run import experiments, find_run
from attain.tracking.store import Store, open_store


def compare(
    run: Annotated[
        list[str] | None, typer.Argument(help="Two or more run ids, or how they begin.", metavar="RUN...")
    ] = None,
    suite: Annotated[
        str | None, typer.Option(help="The models of the last finished run of this suite.", metavar="NAME")
    ] = None,
    metric: Annotated[list[str] | None, typer.Option(help="Only this metric. Repeatable.", metavar="ID")] = None,
    shared_answers: Annotated[
        bool,
        typer.Option(
            "--shared-answers", help="Compare runs of different protocols too, on the answers that all judged."
        ),
    ] = False,
    replicates: Annotated[int, typer.Option(help="Bootstrap replicates.", min=100)] = 1000,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Compare runs: what differs in params, data and code, and which differences of the metrics are real."""
    opened = open_store(store)
    facts = []
    groups = _groups(opened, run or [], suite)
    if not shared_answers:
        for group in groups:
            refuse_unlike(list(group.values()))
    asked = [[find(m) for m in metric] if metric else _shared_metrics(opened, group) for group in groups]
    for group, metrics, found in zip(groups, asked, _differences(opened, groups, asked, replicates), strict=True):
        differing = _unlike(group)
        if as_json:
            facts.append(
                {"runs": {k: r.run_id for k, r in group.items()}, "unlike": differing, "differences": _plain(found)}
            )
            continue
        _print_unlike(group, differing)
        _print_differences(metrics, found, next(iter(group.values())).units)
    if as_json:
        print_json(facts)
    elif suite is not None:
        _print_agreements(opened, suite)


def score(
    run: Annotated[
        str, typer.Argument(help="A run, or with FILE a model as `attain serve` takes it.", metavar="RUN|MODEL")
    ],
    file: Annotated[
        Path | None,
        typer.Argument(help="Parquet or CSV with learner, item, correct, …: rows to predict.", metavar="FILE"),
    ] = None,
    metric: Annotated[
        list[str] | None,
        typer.Option(help="A metric's id (attain list metrics), or my_file:my_metric. Repeatable.", metavar="ID"),
    ] = None,
    to: Annotated[Path | None, typer.Option("--out", help="Where the predictions for FILE go.", metavar="FILE")] = None,
    by: Annotated[str, typer.Option(help="Cohort attributes, joined by commas.", metavar="NAMES")] = "",
    prerequisites: Annotated[
        Path | None, typer.Option(help="CSV with skill and needs: what must be mastered before.", metavar="FILE")
    ] = None,
    tests: Annotated[
        Path | None, typer.Option(help="CSV with learner, pre and post: shares right in tests.", metavar="FILE")
    ] = None,
    replicates: Annotated[int, typer.Option(help="Bootstrap replicates.", min=100)] = 1000,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Compute further metrics of a run from its predictions table, without retraining; they are kept with the run.

    With FILE, predict each row of it by a saved model instead.
    """
    if file is not None:
        if metric:
            raise UserError("FILE and --metric do not go together: a file is predicted, a run is scored by metrics.")
        score_file(run, file, to, store, as_json=as_json)
        return
    if not metric:
        raise UserError("Which metric? Name one by --metric (attain list metrics), or a FILE to predict.")
    opened = open_store(store)
    found = find_run(opened, run)
    metrics = [find(identity, folder=Path.cwd()) for identity in metric]
    attributes = [name.strip() for name in by.split(",") if name.strip()]
    table, remarks = with_files(predictions_of(opened, found.run_id), prerequisites, tests)
    for remark in remarks:
        err.print(f"{remark}.", style="dim")
    values = score_run(opened, found, metrics, attributes, replicates, table)
    add_values(opened, found.run_id, values)
    if as_json:
        print_json([asdict(value) for value in values])
        return
    rows = [
        [
            v.metric,
            v.cohort or "",
            interval(v.value, v.low, v.high),
            "–" if v.n_units is None else f"{v.n_units:,}",
            v.reason or v.note,
        ]
        for v in values
    ]
    print_table(["metric", "cohort", "value [95 %]", found.units, "remark"], rows)
    for one in metrics if attributes else []:
        if not one.by_cohort:
            out.print(f"{one.id} has no value by cohort: it speaks of all {found.units} together.")


def _groups(store: Store, ids: Sequence[str], suite: str | None) -> list[dict[str, Run]]:
    """The runs to compare with each other, by a name that tells them apart; one group a data set."""
    if suite is not None and ids:
        raise UserError("Give runs or --suite, not both.")
    if suite is None:
        if len(ids) < 2:
            raise UserError("Two runs at least are needed: attain compare RUN RUN, or attain compare --suite NAME.")
        return [_named([find_run(store, text) for text in ids])]
    last = report.last_suite_run(store, suite)
    if last is None:
        if store.experiment_named(suite) is None and suite not in (known := suite_files()):
            raise unknown("suite", suite, {*known, *experiments(store)})
        raise UserError(f"Suite {suite!r} has no finished run in {store.place}. Run it: attain run {suite}")
    runs = [run for run in report.model_runs(store, last) if run.status == "FINISHED"]
    datasets = dict.fromkeys(run.tags[record.DATASET] for run in runs)
    groups = [_named([run for run in runs if run.tags[record.DATASET] == name]) for name in datasets]
    several = [group for group in groups if len(group) > 1]
    if not several:
        raise UserError(f"Suite {suite!r} has one model on each data set; there is nothing to compare.")
    return several


def _differences(
    store: Store, groups: Sequence[Mapping[str, Run]], asked: Sequence[Sequence[Metric]], replicates: int
) -> list[list[Difference]]:
    """The differences in each group, corrected for all that are compared."""
    found = {}
    for place, (group, metrics) in enumerate(zip(groups, asked, strict=True)):
        runs = {label: run.run_id for label, run in group.items()}
        found[str(place)] = differences(store, runs, metrics, replicates)
    return list(corrected_together(found).values())


def _named(runs: Sequence[Run]) -> dict[str, Run]:
    """Labels to runs; where two have the same label, the beginning of the id is added."""
    labels = [run.tags.get(record.LABEL, run.name) for run in runs]
    out = {}
    for label, run in zip(labels, runs, strict=True):
        out[label if labels.count(label) == 1 else f"{label} ({run.run_id[:6]})"] = run
    if len(out) < len(runs):
        raise UserError("The same run is named twice.")
    return out


def _shared_metrics(store: Store, group: Mapping[str, Run]) -> list[Metric]:
    """The metrics that the first run was scored by and the others too."""
    scored = [
        list(dict.fromkeys(v.metric for v in values_of(store, r.run_id) if v.cohort is None)) for r in group.values()
    ]
    shared = [m for m in scored[0] if all(m in other for other in scored[1:])]
    if not shared:
        raise UserError("These runs share no metric; name one with --metric.")
    return [metric for metric in map(find, shared) if metric.needs & OF_MODELS]


def _unlike(group: Mapping[str, Run]) -> dict[str, list[str]]:
    """What differs between the runs: name to a value for each run, in the order of the group."""
    rows: dict[str, list[str]] = {}
    wanted = [record.DATA_FINGERPRINT, record.SPLIT, "mlflow.source.git.commit", "attain.git.dirty", "attain.python"]
    if len({run.tags.get(record.MODEL) for run in group.values()}) == 1:
        wanted.append(record.CODE)
    for name in dict.fromkeys(key for run in group.values() for key in run.params):
        rows[name] = [run.params.get(name, "–") for run in group.values()]
    for name in wanted:
        rows[name] = [run.tags.get(name, "–") for run in group.values()]
    return {name: values for name, values in rows.items() if len(set(values)) > 1}


def _print_unlike(group: Mapping[str, Run], differing: Mapping[str, Sequence[str]]) -> None:
    if parts := unlike(list(group.values())):
        out.print(f"Different protocols ({', '.join(parts)}): only answers that all judged count.", style="yellow")
    rows = [[name, *values] for name, values in differing.items()]
    print_table(["what differs", *group], rows)


def _print_differences(metrics: Sequence[Metric], found: Sequence[Difference], units: str) -> None:
    for metric in metrics:
        own = [d for d in found if d.metric == metric.id]
        better = {"max": "higher is better", "min": "lower is better", "none": "neither is better"}[metric.direction]
        rows = [
            [*d.names, number(d.a), number(d.b), interval(d.difference, d.low, d.high), number(d.p_holm), verdict(d)]
            for d in own
        ]
        title = f"\n{metric.id} ({metric.unit}, {better}; {own[0].n_units:,} {units})"
        print_table(["a", "b", "value a", "value b", "a - b [95 %]", "p (Holm)", "verdict"], rows, title=title)


def _print_agreements(store: Store, suite: str) -> None:
    """How far the models of a suite agree on who has mastered what."""
    last = report.last_suite_run(store, suite)
    for dataset, many in (agreements_of(store, last.run_id) if last else {}).items():
        rows = [
            [
                *one.names,
                interval(one.agreement, one.low, one.high),
                number(one.kappa),
                number(one.only_first),
                number(one.only_second),
            ]
            for one in many
        ]
        if rows:
            title = f"\nmastery by the last answer on {dataset}: share of learners' skills judged alike"
            print_table(["a", "b", "alike [95 %]", "kappa", "only a", "only b"], rows, title=title)


def _plain(found: Sequence[Difference]) -> list[dict[str, object]]:
    rows = [asdict(d) | {"verdict": verdict(d), "clear": d.clear} for d in found]
    plain: list[dict[str, object]] = json.loads(json.dumps(rows))
    return plain
