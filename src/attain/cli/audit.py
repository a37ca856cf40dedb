"""`attain audit`: who is flagged and how often wrongly, for those who must answer for it.

`attain audit RUN` is `attain audit make RUN`.
"""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from attain.audit.kept import sign_audit, view_audit
from attain.audit.ledger import lines, signatures, with_ledger
from attain.audit.policy import PolicyFile, read_policy
from attain.cli.audit_output import make_folder, print_audit, write_audit
from attain.cli.options import Json, StoreUri
from attain.cli.output import out, print_json, print_table
from attain.cli.run_first import RunFirst
from attain.cli.user_options import by as this_person
from attain.core.errors import UserError
from attain.suite.audit_check import Word, decide, verify_audit
from attain.suite.audits import Asked, make_audit
from attain.suite.record import KIND
from attain.suite.report import model_runs
from attain.tracking.entities import Run
from attain.tracking.find_run import find_run
from attain.tracking.sql.store import Store as Database
from attain.tracking.store import open_store

MAKE = "make"


class _Group(RunFirst):
    default_command = MAKE


app = typer.Typer(
    cls=_Group,
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
    stability: Annotated[
        bool, typer.Option("--stability", help="Fit the model twice more: would the reasons of flags be the same?")
    ] = False,
    to: Annotated[
        Path | None, typer.Option("--out", help="Write the page and the record into this folder too.", metavar="DIR")
    ] = None,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Make an audit, keep it with its run, and write into the ledger that it was made."""
    read = read_policy(policy)
    if stability:
        read = PolicyFile(read.policy.model_copy(update={"stability": True}), read.source)
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
        make_folder(to)
    made = make_audit(opened, asked, this_person())
    files = write_audit(made, to) if to is not None else []
    if as_json:
        print_json(made.record)
        return
    print_audit(made, asked.run.run_id, files)


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


@app.command()
def show(
    audit: Annotated[str, typer.Argument(help="The id of an audit, or how it begins.", metavar="AUDIT")],
    to: Annotated[
        Path | None, typer.Option("--out", help="Write the page and the record into this folder.", metavar="DIR")
    ] = None,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Show a kept audit as it was sealed; the ledger is told who saw it and when."""
    if to is not None:
        make_folder(to)
    line, kept = view_audit(_database(store), audit, this_person())
    files = write_audit(kept, to) if to is not None else []
    if as_json:
        print_json(kept.record)
    else:
        print_audit(kept, line.run_id, files)


@app.command()
def sign(
    audit: Annotated[str, typer.Argument(help="The id of the audit, or how it begins.", metavar="AUDIT")],
    because: Annotated[str, typer.Option(help="What you answer for, or why. It stays in the ledger for good.")] = "",
    named: Annotated[
        str, typer.Option("--as", help="Name and role of who signs, where that is not who types.", metavar="NAME")
    ] = "",
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Write into the ledger that you have read an audit and answer for it; the next audit says so."""
    who = f"{named} (by {this_person()})" if named else this_person()
    line = sign_audit(_database(store), audit, because, who)
    if as_json:
        print_json({"audit": line.id, "by": who, "because": because, "json_sha256": line.json_sha256})
    else:
        out.print(f"Written into the ledger: audit {line.id} is signed by {who}.")


@app.command("list")
def list_audits(store: StoreUri = None, as_json: Json = False) -> None:
    """The audits that the ledger knows, the newest first: of what, by whom and when, and who signed them."""
    opened = _database(store)
    found, signed = lines(opened), signatures(opened)
    of = {line.id: [one for one in signed if one["audit"] == line.id] for line in found}
    if as_json:
        print_json([asdict(line) | {"signed": of[line.id]} for line in found])
        return
    by = {audit: "; ".join(f"{one['by']} on {one['on']}" for one in own) or "–" for audit, own in of.items()}
    rows = [[line.id, line.on, line.model or "–", line.run_id[:8], line.by, by[line.id]] for line in found]
    print_table(["audit", "made on", "model", "run", "made by", "signed by"], rows)


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
