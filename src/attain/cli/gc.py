"""`attain store gc`: free the space of artifacts that nothing has any more, and of trainings long stopped."""

from contextlib import ExitStack, closing
from dataclasses import asdict
from typing import Annotated

import typer

from attain.cli.output import out, print_json
from attain.tracking.garbage import CHECKPOINT_DAYS, GRACE_S, LEAST_GRACE_S, collect, old_checkpoints
from attain.tracking.store import open_database


def gc(
    older_than: Annotated[
        float, typer.Option(help="Only contents that came so many hours ago.", min=LEAST_GRACE_S / 3600)
    ] = GRACE_S / 3600,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Remove nothing, only count.")] = False,
    store: Annotated[
        str | None, typer.Option("--store", help="Where runs are kept, if not the usual place.", metavar="URI")
    ] = None,
    artifacts: Annotated[
        str | None, typer.Option(help="Where their artifacts are kept, if not the usual place.", metavar="PLACE")
    ] = None,
    beside: Annotated[
        list[str] | None, typer.Option(help="Another store with artifacts in that place. Repeatable.", metavar="URI")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Remove contents of artifacts that no run or logged model has any more, and trainings stopped a week ago."""
    with ExitStack() as stack:
        opened, *others = (
            stack.enter_context(closing(open_database(uri, artifacts))) for uri in (store, *(beside or ()))
        )
        done = collect(opened, older_than * 3600, dry_run=dry_run, beside=others)
        old = old_checkpoints([opened, *others], dry_run=dry_run)
    if as_json:
        print_json({"dry_run": dry_run, **asdict(done), "checkpoints": old})
        return
    verb = "Would remove" if dry_run else "Removed"
    things = "content" if done.contents == 1 else "contents"
    out.print(f"{verb} {done.contents} {things} ({done.bytes:,} bytes) that nothing has; {done.kept} stay.")
    if old:
        trainings = "a training that was" if old == 1 else f"{old} trainings that were"
        out.print(f"{verb} {trainings} stopped, and not taken up again for {CHECKPOINT_DAYS} days.")
    if done.halves:
        out.print(f"Removed {done.halves} uploads that a killed process left unfinished.")
