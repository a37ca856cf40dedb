"""`attain promote` and `attain rollback`: which version is in use, decided by checks, and written into the ledger."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from attain.audit.policy import read_policy
from attain.cli.options import Json, StoreUri
from attain.cli.output import out, print_json
from attain.cli.user_options import by as this_person
from attain.suite.gates.check import Check
from attain.suite.gates.contender import database
from attain.suite.gates.promote import Decision, Terms
from attain.suite.gates.promote import promote as decide
from attain.suite.gates.rollback import rollback as go_back
from attain.tracking.store import open_store

STATUS = {"promoted": 0, "refused": 1, "inconclusive": 3}
WORDS = {"passed": "passed", "failed": "FAILED", "unknown": "cannot tell"}
Name = Annotated[str, typer.Argument(help="Of the registered model.", metavar="NAME")]
Alias = Literal["champion", "challenger"]
As = Annotated[Alias, typer.Option("--as", help="champion: the one in use; challenger: the one to try.")]
Because = Annotated[str, typer.Option(help="Why. It stays in the ledger for good: name nobody in it.")]
Metric = Annotated[
    str | None, typer.Option(help="By which the two are compared; the first of the suite, if none is named.")
]
PolicyName = Annotated[
    str | None, typer.Option("--policy", help="An audit policy file, or the name of one in configs/audits.")
]
CohortsFile = Annotated[
    Path | None, typer.Option("--cohorts", help="A CSV file with a column learner and one an attribute.")
]


def promote(
    name: Name,
    version: Annotated[str, typer.Argument(help="The number of a version.", metavar="VERSION")],
    as_: As,
    because: Because = "",
    metric: Metric = None,
    margin: Annotated[
        float, typer.Option(help="Let it pass if it is not worse by more than this; 0: it must be better.", min=0.0)
    ] = 0.0,
    policy: PolicyName = None,
    cohorts: CohortsFile = None,
    without_audit: Annotated[str, typer.Option(help="Why there is no audit. It stays in the ledger.")] = "",
    despite_unknown: Annotated[
        bool, typer.Option("--despite-unknown", help="Promote it even where nobody can tell; the ledger says so.")
    ] = False,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Promote a version if it is better, fair, audited and on data that are not stale.

    Status 0: promoted, 1: refused, 2: a mistake in what was asked, 3: nobody can tell.
    """
    terms = Terms(read_policy(policy), metric, margin, cohorts, without_audit, despite_unknown)
    found = decide(database(open_store(store)), name, version, as_, because, this_person(), terms)
    if as_json:
        print_json(asdict(found))
    else:
        _print(found)
    if STATUS[found.result]:
        raise typer.Exit(STATUS[found.result])


def rollback(
    name: Name,
    because: Because = "",
    as_: As = "champion",
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Let an alias name again what it named before its last promotion."""
    found = go_back(database(open_store(store)), name, as_, because, this_person())
    if as_json:
        print_json(asdict(found))
        return
    out.print(f"{found.name}@{found.alias} is version {found.now} again; it was version {found.before}.")


def print_checks(checks: tuple[Check, ...]) -> None:
    """Each check with its verdict, its sentence, and what is behind it."""
    for check in checks:
        out.print(f"  {check.name:<10}  {WORDS[check.outcome]:<11}  {check.sentence}")
        for detail in check.details:
            if detail not in check.sentence:
                out.print(f"  {'':<25}{detail}", style="dim")


def _print(found: Decision) -> None:
    out.print(found.sentence if found.result == "promoted" else found.sentence.partition(". ")[0] + ".")
    print_checks(found.checks)
    for remark in found.remarks:
        out.print(f"  {remark}", style="yellow")
    out.print("Written into the ledger.", style="dim")
