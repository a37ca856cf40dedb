"""`attain gate`: in a CI, whether a suite's model is better than the champion or equal, and as fair."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from attain.audit.policy import read_policy
from attain.cli.options import Json, StoreUri
from attain.cli.output import err, out, print_json
from attain.cli.promote import CohortsFile, Metric, PolicyName, print_checks
from attain.cli.run import SuiteName
from attain.cli.user_options import by as this_person
from attain.suite.config import read_suite
from attain.suite.gates.contender import champion_of, database
from attain.suite.gates.gate import MARGIN, baseline_of, gate, ran
from attain.suite.gates.gate_files import write_files
from attain.suite.gates.promote import Terms
from attain.suite.plan import make_plan
from attain.suite.progress import PlainView, View
from attain.tracking.store import default_uri, open_store

STATUS = {"passed": 0, "failed": 1, "unknown": 3}


def check_gate(
    suite: SuiteName,
    baseline: Annotated[
        str, typer.Option(help="ALIAS of the registered model of the suite's name, or NAME@ALIAS.")
    ] = "champion",
    model: Annotated[str | None, typer.Option(help="Which model of the suite, where it has several.")] = None,
    metric: Metric = None,
    margin: Annotated[float, typer.Option(help="So much worse still counts as equal.", min=0.0)] = MARGIN,
    policy: PolicyName = None,
    cohorts: CohortsFile = None,
    to: Annotated[
        Path, typer.Option("--out", help="The folder for gate.md, gate.xml (JUnit) and gate.json.", metavar="DIR")
    ] = Path("gate"),
    workers: Annotated[int, typer.Option(help="Processes at once; 0: one a core.", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="Threads of the numeric libraries in each process.", min=1)] = 1,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Run a suite if need be, and compare its model with the champion, by learner.

    Status 0: better or equal, 1: worse or unfair, 2: a mistake in what was asked, 3: nobody can tell.
    """
    terms = Terms(read_policy(policy), metric, margin, cohorts)
    plan, opened = make_plan(read_suite(suite)), database(open_store(store))
    named = baseline_of(baseline, plan.source.suite.suite)
    champion_of(opened, *named)
    view: View = View() if as_json else PlainView(err)
    uri, many = store or default_uri(), workers or os.cpu_count() or 1
    found = gate(
        opened, ran(plan, opened, uri, workers=many, threads=threads, view=view), named, model, terms, this_person()
    )
    files = write_files(found, to)
    if as_json:
        print_json(asdict(found))
    else:
        out.print(found.sentence)
        print_checks(found.checks)
        for remark in found.remarks:
            out.print(f"  {remark}", style="yellow")
        out.print(f"Written: {', '.join(map(str, files))}", style="dim")
    if STATUS[found.outcome]:
        raise typer.Exit(STATUS[found.outcome])
