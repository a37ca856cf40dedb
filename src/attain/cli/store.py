"""`attain store`: upkeep of the database that runs are kept in."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from attain.cli.gc import gc
from attain.cli.options import Json, StoreUri
from attain.cli.output import err, out, print_json, print_table
from attain.core.errors import UserError
from attain.tracking import maintenance
from attain.tracking.copy import Report, copy_store
from attain.tracking.integrity import check_store
from attain.tracking.sql.migrate import HEAD
from attain.tracking.store import default_uri, open_database

app = typer.Typer(help="Look after the database that runs are kept in.", no_args_is_help=True)
app.command("gc")(gc)


@app.command()
def upgrade(store: StoreUri = None, as_json: Json = False) -> None:
    """Bring the tables to this attain's form, or make them. (Any other command does so too.)"""
    uri = store or default_uri()
    before = maintenance.revision_at(uri)
    with closing(open_database(uri)) as opened:
        place = opened.place
    if as_json:
        print_json({"store": place, "before": before, "now": HEAD})
    elif before == HEAD:
        out.print(f"{place} is up to date (revision {HEAD}).")
    else:
        out.print(f"{place}: {'made' if before is None else f'from revision {before}'}, now at {HEAD}.")


@app.command()
def check(
    store: StoreUri = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Do not read the contents of artifacts, only see that they are there.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Look for damage: in the database, in what belongs together, in artifacts. Ends with status 1 if there is any."""
    with closing(maintenance.open_existing(store)) as opened, _progress(as_json) as report:
        faults = check_store(opened, report, contents=not quick)
    if as_json:
        print_json({"store": opened.place, "faults": [asdict(fault) for fault in faults]})
    elif not faults:
        out.print(f"{opened.place} is whole: rows, references, latest values{'' if quick else ', contents'}.")
    else:
        rows = [[f"{fault.count:,}", fault.what, fault.example] for fault in faults]
        print_table(["count", "what is wrong", "such as"], rows)
    if faults:
        raise typer.Exit(1)


@app.command()
def backup(
    file: Annotated[Path, typer.Argument(help="A new SQLite file.", metavar="FILE")],
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Copy the database, as it is at one moment, into a file; runs may go on meanwhile."""
    with closing(maintenance.open_existing(store)) as opened, _progress(as_json) as report:
        size = maintenance.backup(opened, file, report)
    if as_json:
        print_json({"store": opened.place, "file": str(file), "bytes": size, "artifacts": opened.blobs.place})
        return
    out.print(f"{file}: {_mib(size)}. It is a store itself: attain runs --store sqlite:///{file}")
    out.print(f"Contents of artifacts are not in it; copy {opened.blobs.place} now, too.")


@app.command()
def vacuum(
    deleted_before: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Remove for good what was deleted before this day.", metavar="YYYY-MM-DD"
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do remove it.")] = False,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Give back the room that removed rows took, and refresh what the database knows for planning."""
    if deleted_before is not None and not yes:
        raise UserError("Deleted runs and logged models would be gone for good. Add --yes to remove them.")
    day = int(deleted_before.timestamp() * 1000) if deleted_before else None
    with closing(maintenance.open_existing(store)) as opened, _progress(as_json) as report:
        done = maintenance.vacuum(opened, report, day)
    if as_json:
        print_json({"store": opened.place, **asdict(done)})
        return
    if deleted_before is not None:
        removed = f"{done.runs:,} runs, {done.models:,} logged models and {done.experiments:,} experiments"
        out.print(f"Removed {removed}. Their files: attain gc.")
        if done.kept:
            out.print(f"{done.kept:,} stay: versions of registered models are made of their files.")
    out.print(f"{opened.place}: {_mib(done.before)} before, {_mib(done.after)} now.")


@app.command()
def copy(
    source: Annotated[str, typer.Argument(help="The database to copy; it stays as it is.", metavar="FROM")],
    target: Annotated[str, typer.Argument(help="A new file or an empty database.", metavar="TO")],
    as_json: Json = False,
) -> None:
    """Copy a store to another database, SQLite to PostgreSQL or back, and compare every row."""
    with closing(maintenance.open_existing(source)) as given, closing(open_database(target)) as to:
        if given.place == to.place:
            raise UserError(f"FROM and TO are the same store: {given.place}.")
        with _progress(as_json) as report:
            copied = copy_store(given, to, report)
    if as_json:
        tables = {name: {"rows": one.rows, "hash": f"{one.sum:032x}"} for name, one in copied.tables.items()}
        print_json({"from": given.place, "to": to.place, "tables": tables, "contents": copied.contents})
        return
    rows = [[name, f"{one.rows:,}", f"{one.sum:032x}"[:16]] for name, one in copied.tables.items() if one.rows]
    print_table(["table", "rows", "hash, both sides"], rows)
    contents = (
        f"the contents of artifacts stay at {to.blobs.place}, where both look"
        if given.blobs.place == to.blobs.place
        else f"with {copied.contents:,} contents of artifacts that were not there yet"
    )
    out.print(f"\nAll of {given.place} is in {to.place} now; {contents}.")


@contextmanager
def _progress(quiet: bool) -> Iterator[Report]:
    """What is being done, on the terminal, while it is done."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=quiet or not err.is_terminal, transient=True) as bar:
        task = bar.add_task("")
        yield lambda what, count: bar.update(task, description=f"{what}: {count:,}" if count else what)


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"
