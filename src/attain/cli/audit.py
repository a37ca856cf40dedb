"""`attain audit`: who is flagged and how often wrongly, for those who must answer for it.

`attain audit RUN` is `attain audit make RUN`.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from typer.core import TyperGroup

from attain.audit.policy import read_policy
from attain.audit.record import html_path, json_path
from attain.audit.report_front import (
    blind_spots,
    flagged_sentence,
    gaps_found,
    no_gap_sentence,
    overrides_sentence,
    readings,
)
from attain.audit.words import listed
from attain.cli.options import Json, StoreUri
from attain.cli.output import out, print_json, print_table
from attain.cli.user_options import by as this_person
from attain.core.errors import UserError
from attain.suite.audit_check import Word, decide, verify_audit
from attain.suite.audit_ledger import lines, with_ledger
from attain.suite.audits import Asked, Made, make_audit
from attain.suite.record import KIND
from attain.suite.report import model_runs
from attain.tracking.entities import Run
from attain.tracking.find_run import find_run
from attain.tracking.sql.store import Store as Database
from attain.tracking.store import open_store

MAKE = "make"


class RunFirst(TyperGroup):
    """A group whose first word may be a run instead of a command."""

    default_command = MAKE

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # the type is private to typer
        """Put `make` in front of what is no command."""
        if args and args[0] not in (*self.commands, "--help", "-h"):
            args = [MAKE, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=RunFirst,
    no_args_is_help=True,
    help="Audit the flags of a run: `attain audit RUN`. Then verify audits, and record what advisors decided.",
)


@app.command(MAKE)
def make(
    run: Annotated[str, typer.Argument(help="The id of a run of dropout prediction, or how it begins.", metavar="RUN")],
    by: Annotated[
        str, typer.Option(help="Cohort attributes with commas between; gender*disability crosses two.", metavar="NAMES")
    ] = "",
    policy: Annotated[
        str | None, typer.Option(help="A policy file, or the name of one in configs/audits.", metavar="FILE")
    ] = None,
    cohorts: Annotated[
        Path | None, typer.Option(help="A CSV file with a column learner and one an attribute.", metavar="FILE")
    ] = None,
    as_of: Annotated[float | None, typer.Option(help="The cut-off day, where the run has several.")] = None,
    weeks: Annotated[
        list[str] | None, typer.Option(help="A run of the same model at another cut-off. Repeatable.", metavar="RUN")
    ] = None,
    baseline: Annotated[
        str | None, typer.Option(help="A run of a simpler model; the suite's own, if none is named.", metavar="RUN")
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", help="Write the page and the record into this folder too.", metavar="DIR")
    ] = None,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Make an audit, keep it with its run, and write into the ledger that it was made."""
    read = read_policy(policy)
    opened = _database(store)
    asked = Asked(
        run=_of_a_model(opened, find_run(opened, run)),
        policy=read,
        by=tuple(name.strip() for name in by.split(",") if name.strip()),
        cohorts=cohorts,
        as_of=as_of,
        weeks=tuple(find_run(opened, one) for one in weeks or ()),
        baseline=None if baseline is None else find_run(opened, baseline),
    )
    if to is not None:
        _folder(to)
    made = make_audit(opened, asked, this_person())
    files = _write(made, to) if to is not None else []
    if as_json:
        print_json(made.record)
        return
    _print(made, asked.run.run_id, files)


@app.command()
def verify(
    audit: Annotated[str, typer.Argument(help="The id of an audit, or how it begins.", metavar="AUDIT")],
    cohorts: Annotated[
        Path | None, typer.Option(help="The file of cohorts that it was made with, if any.", metavar="FILE")
    ] = None,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Check that nothing was changed, and compute every number again; status 1 if anything is not as it was."""
    checks = verify_audit(_database(store), audit, cohorts)
    if as_json:
        print_json({"audit": audit, "checks": [asdict(check) for check in checks]})
    else:
        words = {True: "whole", False: "CHANGED", None: "not checked"}
        print_table(["what", "", "found"], [[check.what, words[check.passed], check.said] for check in checks])
    if not all(check.passed for check in checks):
        raise typer.Exit(1)


@app.command("decide")
def decide_on(
    audit: Annotated[str, typer.Argument(help="The id of the audit that the flag is in.", metavar="AUDIT")],
    learner: Annotated[str, typer.Option(help="The learner, by name or pseudonym.")],
    decision: Annotated[
        Literal["support", "no-support"] | None, typer.Option(help="Whether support is given, whatever the flag.")
    ] = None,
    because: Annotated[str, typer.Option(help="Why. It stays in the ledger for good: name nobody in it.")] = "",
    outcome: Annotated[
        Literal["yes", "no"] | None, typer.Option(help="Later: whether the learner had the outcome.")
    ] = None,
    course: Annotated[str, typer.Option(help="Which enrolment, where the learner has several.")] = "",
    signed: Annotated[str, typer.Option(help="Who decided, where that is not who types.", metavar="NAME")] = "",
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Write into the ledger what an advisor decided on a flag, or how it ended; nothing in it is ever changed."""
    chosen: Literal["support", "no_support"] | None = None
    if decision is not None:
        chosen = "support" if decision == "support" else "no_support"
    word = Word(learner, course, chosen, because, None if outcome is None else outcome == "yes")
    who = f"{signed} (by {this_person()})" if signed else this_person()
    audit_id, flagged = decide(_database(store), audit, word, who)
    against = chosen is not None and flagged != (chosen == "support")
    if as_json:
        print_json({"audit": audit_id, "flagged": flagged, "against_the_flag": against, "by": who})
        return
    said = f"The learner was {'' if flagged else 'not '}flagged; the decision goes against that." if against else ""
    out.print(" ".join(filter(None, [f"Written into the ledger for audit {audit_id} by {who}.", said])))


@app.command("list")
def list_audits(store: StoreUri = None, as_json: Json = False) -> None:
    """The audits that the ledger knows, the newest first."""
    found = lines(_database(store))
    if as_json:
        print_json([asdict(line) for line in found])
    else:
        print_table(["audit", "run", "SHA-256 of the record"], [[o.id, o.run_id[:8], o.json_sha256] for o in found])


def _of_a_model(store: Database, run: Run) -> Run:
    """The run, if it is of one model.

    Raises:
        UserError: it is a suite's; its models are named.
    """
    if run.tags.get(KIND) != "suite":
        return run
    members = ", ".join(f"{one.run_id[:8]} {one.name}" for one in model_runs(store, run))
    raise UserError(f"{run.run_id[:8]} is the suite {run.name!r}; an audit is of one model: {members or 'none yet'}.")


def _database(uri: str | None) -> Database:
    return with_ledger(open_store(uri))


def _folder(to: Path) -> None:
    try:
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"Cannot make the folder {str(to)!r}: {error.strerror}. Name another.") from None


def _write(made: Made, to: Path) -> list[Path]:
    files = [to / f"{made.id}.html", to / f"{made.id}.json"]
    try:
        for path, content in zip(files, (made.html, made.json), strict=True):
            path.write_bytes(content)
    except OSError as error:
        raise UserError(
            f"Cannot write {str(error.filename)!r}: {error.strerror}. The audit is kept all the same; "
            f"attain files {made.record['inputs']['run_id'][:8]} {html_path(made.id)} --to DIR copies it."
        ) from None
    return files


def _print(made: Made, run_id: str, files: list[Path]) -> None:
    record = made.record
    out.print(flagged_sentence(record))
    for one in readings(record):
        out.print(f"  {one.sentence} {one.detail}")
    for sentence, inside in gaps_found(record):
        out.print(f"  Gap: {sentence} {inside}".rstrip())
    if no_gap := no_gap_sentence(record):
        out.print(f"  {no_gap}")
    for said in blind_spots(record):
        out.print(f"  Cannot tell: {said}.")
    if unknown := record["results"]["joined"]["unknown_in"]:
        out.print(f"  Not recorded of some learners, who stand as (unknown): {listed(unknown)}.")
    out.print(f"  {overrides_sentence(record['overrides'])}")
    where = ", ".join(map(str, files)) or f"{html_path(made.id)}, {json_path(made.id)} of run {run_id[:8]}"
    out.print(f"\nAudit {made.id}: {where}", style="bold")
    out.print(f"To check it at any time: attain audit verify {made.id}", style="dim")
