"""`attain run` and `attain check`: do what a suite file says, or only say whether it could be done."""

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.text import Text

from attain.cli.options import Json
from attain.cli.output import err, out, print_json
from attain.cli.report import print_canaries, print_report
from attain.core.errors import UserError
from attain.data.prepared import publish
from attain.suite import config, report
from attain.suite.dask_cluster import dask_cluster
from attain.suite.execute import Execution, Outcome
from attain.suite.executor import Start
from attain.suite.plan import Plan, make_plan
from attain.suite.pool import Pool
from attain.suite.progress import LiveView, PlainView, View
from attain.tasks.find import task
from attain.tracking.store import Store, default_uri, open_store

SuiteName = Annotated[
    str,
    typer.Argument(help="A suite file, or the name of one in configs/suites.", metavar="SUITE"),
]
Also = Annotated[
    list[str] | None,
    typer.Option("--model", help="Compare this model too: a name, or my_file.py:MyModel. Repeatable.", metavar="NAME"),
]


def run(
    suite: SuiteName,
    model: Also = None,
    canaries: Annotated[
        bool,
        typer.Option("--canaries", help="Ask of each model first whether anything leaks; a leak ends in status 1."),
    ] = False,
    workers: Annotated[
        int, typer.Option(help="Jobs at once; 0: one a core, or all that a cluster has room for.", min=0)
    ] = 0,
    threads: Annotated[int, typer.Option(help="Threads of the numeric libraries in each process.", min=1)] = 1,
    executor: Annotated[
        Literal["local", "dask"], typer.Option(help="Processes of this machine, or the workers of a Dask cluster.")
    ] = "local",
    scheduler: Annotated[
        str | None,
        typer.Option(help="With `--executor dask`: its scheduler; where not given, a cluster here.", metavar="ADDRESS"),
    ] = None,
    store: Annotated[
        str | None, typer.Option(help="Where runs are kept, if not the usual place.", metavar="URI")
    ] = None,
    as_json: Json = False,
) -> None:
    """Run a suite: fit every model on every fold, score it, and say which differences are real.

    Jobs that are finished already are not run again, so a suite that was stopped is resumed by the same command.
    """
    if scheduler is not None and executor == "local":
        raise UserError("--scheduler is for Dask; add --executor dask.")
    source = _with_models(config.read_suite(suite), model or [])
    plan = make_plan(_with_canaries(source) if canaries else source)
    opened = open_store(store)
    previous = report.last_suite_run(opened, plan.source.suite.suite, key=plan.key)
    if previous is not None:
        if not as_json:
            out.print("Every job of this suite is finished already; nothing has changed since.", style="dim")
        _show(opened, previous.run_id, (), suite, as_json=as_json)
        return
    uri, cores = store or default_uri(), os.cpu_count() or 1
    if executor == "local":
        outcome = _execute(plan, opened, uri, workers or cores, threads, Pool, quiet=as_json)
    else:
        at_once = workers or (cores if scheduler is None else sys.maxsize)
        for data in {run.dataset.fingerprint: run.dataset for run in plan.runs}.values():
            assert data.folder is not None
            publish(data.folder, data.fingerprint)
        with dask_cluster(scheduler, uri, workers=at_once, threads=threads) as start:
            outcome = _execute(plan, opened, uri, at_once, threads, start, quiet=as_json)
    _show(opened, outcome.suite_run, outcome.failed, suite, as_json=as_json)
    if outcome.failed:
        raise typer.Exit(1)


def check(suite: SuiteName, model: Also = None, as_json: Json = False) -> None:
    """Check a suite without running it: names, params, columns, cohorts, metrics; and count its jobs."""
    plan = make_plan(_with_models(config.read_suite(suite), model or []))
    facts: dict[str, Any] = {
        "suite": plan.source.suite.suite,
        "file": str(plan.source.path),
        "datasets": {run.dataset.name: task(plan.source.suite.task).counts(run.dataset) for run in plan.runs},
        "runs": [run.label for run in plan.runs],
        "jobs": len(plan.jobs) + len(plan.runs),
        "metrics": [metric.id for metric in plan.metrics],
    }
    if as_json:
        print_json(facts)
        return
    out.print(f"{facts['file']}: suite {facts['suite']!r} is fine.")
    for name, size in facts["datasets"].items():
        out.print(f"  {name}: {', '.join(f'{number:,} {what}' for what, number in size.items())}")
    counts = f"{len(plan.runs)} runs, {facts['jobs']} jobs ({len(plan.jobs)} folds, {len(plan.runs)} scorings)"
    out.print(f"  {counts}: {', '.join(dict.fromkeys(facts['runs']))}")
    out.print(f"  metrics: {', '.join(facts['metrics'])}")


def _with_models(source: config.SuiteFile, names: list[str]) -> config.SuiteFile:
    """The suite with more models; a file given by path is found from the working folder."""
    more = []
    for name in names:
        file, colon, attribute = name.rpartition(":")
        here = Path(file if file.endswith(".py") else f"{file}.py")
        found = colon and here.is_file()
        if not found and (file if colon else name).endswith(".py"):
            wanted = f"there is no file {str(here)!r}" if colon else f"write {name}:TheClass"
            raise UserError(f"--model: {wanted}.")
        more.append(config.ModelChoice(name=f"{here.resolve()}:{attribute}" if found else name))
    widened = source.suite.model_copy(update={"models": [*source.suite.models, *more]})
    return config.SuiteFile(widened, source.source)


def _with_canaries(source: config.SuiteFile) -> config.SuiteFile:
    return config.SuiteFile(source.suite.model_copy(update={"canaries": True}), source.source)


def _execute(plan: Plan, store: Store, uri: str, workers: int, threads: int, start: Start, *, quiet: bool) -> Outcome:
    view: View = View() if quiet else LiveView(err) if err.is_terminal else PlainView(err)
    try:
        return Execution(plan, uri, workers=workers, threads=threads, view=view, start=start).run()
    except KeyboardInterrupt:
        keys = [job.key for job in plan.jobs] + [plan.key_of(run) for run in plan.runs]
        done = len(store.finished_runs(keys))
        err.print(f"Stopped. {done} of {len(keys)} jobs are finished; the same command goes on from there.")
        raise


def _show(store: Store, suite_run: str, failed: tuple[str, ...], suite: str, *, as_json: bool) -> None:
    tables = report.tables(store, suite_run)
    if as_json:
        facts = {
            "suite_run": suite_run,
            "failed": list(failed),
            "tables": [asdict(table) for table in tables],
            "canaries": [asdict(one) for one in report.canaries(store, suite_run)],
        }
        print_json(json.loads(json.dumps(facts, default=str)))
        return
    print_canaries(report.canaries(store, suite_run))
    print_report(tables)
    if not tables:
        raise UserError("No model of this suite could be scored.") if not failed else typer.Exit(1)
    best = (*tables[0].columns, *tables[0].baselines)[0]
    out.print(f"\nRuns are kept in {store.place}, figures with each run. Next:")
    run = store.get_run(suite_run)
    for command, what in (
        (f"attain show {best.run_id[:8]}", f"everything about {best.label}"),
        (f"attain files {best.run_id[:8]} --to figures", "the figures and tables as files"),
        (f"attain compare --suite {run.name}", "every pair on every metric"),
        (
            f"attain score {best.run_id[:8]} --metric {another_metric(run.params['task'], list(best.values))}",
            "another metric, without retraining",
        ),
        (f"attain new-model {run.params['task']} my_model", "your own model in one file"),
    ):
        out.print(Text.assemble(f"  {command:<58} ", (what, "dim")))


def another_metric(name: str, known: Sequence[str]) -> str:
    """A metric of the task for an example: one that the suite did not ask for if there is one.

    Where the suite asks for it of each part alone, the last part is named: without a part it has no value.
    """
    families = {metric.partition("[")[0]: metric for metric in known}
    last = next((one for one in reversed(task(name).METRICS) if one.partition("[")[0] not in families), None)
    return last or f'"{families[task(name).METRICS[-1].partition("[")[0]]}"'
