"""`attain import mlflow`: take over what an MLflow server or folder holds."""

from dataclasses import asdict
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from attain.cli.output import err, out, print_json, print_table
from attain.core.errors import UserError
from attain.tracking.import_mlflow import import_mlflow as copy_all
from attain.tracking.import_mlflow import open_source
from attain.tracking.import_report import Report
from attain.tracking.store import default_uri, open_database

app = typer.Typer(help="Take over runs from elsewhere.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `mlflow` a command of its own while it is the only one."""


MOST_TROUBLE = 20


@app.command("mlflow")
def import_mlflow(
    address: Annotated[
        str,
        typer.Argument(
            help="An MLflow server (http://…), a folder mlruns, or a SQLite file mlflow.db.", metavar="ADDRESS"
        ),
    ],
    store: Annotated[
        str | None, typer.Option(help="The database to import into, if not the usual one.", metavar="URI")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Copy every experiment, run, history, file, logged and registered model of an MLflow store.

    It can be stopped and begun again: what is here already is not copied twice, and a second import adds what is new.
    """
    into = store or default_uri()
    if into.startswith(("http://", "https://")):
        raise UserError(
            f"An import writes to a database, not through the server {into}: name the database behind the server with "
            "--store, e.g. --store postgresql://…"
        )
    source, opened = open_source(address), open_database(into)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=as_json or not err.is_terminal, transient=True) as bar:
        task = bar.add_task("")
        report = copy_all(source, opened, lambda so_far: bar.update(task, description=_line(so_far)))
    if as_json:
        print_json({name: asdict(getattr(report, name)) for name in ("seen", "added", "kept")} | _words(report))
    else:
        _print(report, opened.place)
    if report.trouble:
        raise typer.Exit(1)


def _line(report: Report) -> str:
    return f"{report.seen.runs:,} runs, {report.seen.points:,} points, {report.seen.bytes / 2**20:,.0f} MiB"


def _print(report: Report, place: str) -> None:
    seen, added, kept = asdict(report.seen), asdict(report.added), asdict(report.kept)
    rows = [[name, f"{seen[name]:,}", f"{added[name]:,}", f"{kept[name]:,}"] for name in seen]
    print_table(["", "there", "new", "here now"], rows)
    for sentence in report.trouble[:MOST_TROUBLE]:
        err.print(f"Not taken over: {sentence}")
    if len(report.trouble) > MOST_TROUBLE:
        err.print(f"… and {len(report.trouble) - MOST_TROUBLE} more (--json lists all).")
    if not report.trouble and report.complete:
        out.print(f"\nAll that is there is in {place} now, counted in both.")


def _words(report: Report) -> dict[str, object]:
    return {"complete": report.complete, "trouble": report.trouble}
