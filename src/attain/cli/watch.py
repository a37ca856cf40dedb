"""`attain watch`: a suite that runs when its data change."""

import os
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from attain.cli.options import Json, StoreUri
from attain.cli.output import err, out, print_json
from attain.core.errors import UserError
from attain.suite import report
from attain.suite.config import find_suite, read_suite
from attain.suite.execute import Execution
from attain.suite.plan import make_plan
from attain.suite.progress import PlainView, View
from attain.suite.watch import Event, Watch, Watched
from attain.suite.watch_files import Files
from attain.suite.watch_url import Url
from attain.tracking.store import Store, default_uri, open_store

QUIET = ("nothing new", "busy")


def watch(
    what: Annotated[
        str, typer.Argument(help="A file or folder of data, https://…, or a database's address.", metavar="PATH|URL")
    ],
    suite: Annotated[str, typer.Option(help="The suite that reads it: a file, or the name of one in configs/suites.")],
    to: Annotated[Path | None, typer.Option(help="The file that the suite reads, for what is fetched.")] = None,
    table: Annotated[str | None, typer.Option(help="Table or view of the database: answers, lms.answers.")] = None,
    cursor: Annotated[
        str | None, typer.Option(help="A column of the table that grows with each change; else all of it is read.")
    ] = None,
    every: Annotated[
        float, typer.Option(help="Seconds between looks; what is the same twice is at rest.", min=0.1)
    ] = 30,
    once: Annotated[bool, typer.Option("--once", help="Look once, for cron; status 1 if the suite failed.")] = False,
    workers: Annotated[int, typer.Option(help="Processes at once; 0: one a core.", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="Threads of the numeric libraries in each process.", min=1)] = 1,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Run a suite whenever data are new, once for each content; a failure stops nothing.

    Data are a file or a folder, a file on a web server, or a table of a database. The content decides, not the time of
    a file; what is still being written is waited for. Ctrl-C ends it.
    """
    watched = _watched(what, to, table, cursor)
    if to is not None and to.resolve() == find_suite(suite).resolve():
        raise UserError(f"--to {str(to)!r} is the suite itself; name the file that the suite reads.")
    opened, uri = open_store(store), store or default_uri()
    view: View = View() if as_json else PlainView(err)
    many = workers or os.cpu_count() or 1
    name = read_suite(suite).suite.suite

    def text() -> str:
        return read_suite(suite).text

    def work() -> str:
        return _run(suite, opened, uri, many, threads, view)

    watching = Watch(watched, name, text, work, opened)
    if once:
        _look_once(watching, every, as_json=as_json)
        return
    _say_that(f"Watching {watched.name} for the suite {name!r}, every {every:g} s.", quiet=as_json)
    last = ""
    while True:
        event = watching.look(time.monotonic())
        if event.said != last and event.what not in QUIET:
            _say(event, as_json=as_json)
        last = event.said
        time.sleep(every)


def _watched(what: str, to: Path | None, table: str | None, cursor: str | None) -> Watched:
    """What the words of the command line name."""
    scheme, colon, _ = what.partition("://")
    if table is None and cursor is not None:
        raise UserError("--cursor is a column of a table; say which table: --table NAME.")
    if not colon:
        if to is not None or table is not None:
            raise UserError(f"{what!r} is a path, which the suite reads itself; --to and --table are for addresses.")
        return Files(Path(what))
    if to is None:
        raise UserError("Say into which file what is fetched is to go, the one that the suite reads: --to FILE.")
    if scheme in ("http", "https"):
        if table is not None:
            raise UserError("--table is for a database; a web server has files.")
        return Url(what, to)
    if table is None:
        raise UserError(
            f"Say which table of the database {scheme}://… is to be read: --table NAME. "
            "A file is watched at http:// or https://."
        )
    from attain.suite.watch_table import DatabaseTable  # SQLAlchemy takes its time

    return DatabaseTable(what, table, to, cursor)


def _look_once(watching: Watch, every: float, *, as_json: bool) -> None:
    event = watching.look(time.monotonic())
    while event.what == "settling":
        time.sleep(min(every, 2.0))
        event = watching.look(time.monotonic())
    if event.what == "waiting":
        raise UserError(event.said)
    _say(event, as_json=as_json)
    if event.what == "failed":
        raise typer.Exit(1)


def _run(suite: str, store: Store, uri: str, workers: int, threads: int, view: View) -> str:
    """The run of the suite on the data as they are: one that is there already, or a new one.

    Raises:
        UserError: a model failed.
    """
    plan = make_plan(read_suite(suite))
    done = report.last_suite_run(store, plan.source.suite.suite, key=plan.key)
    if done is not None:
        return done.run_id
    outcome = Execution(plan, uri, workers=workers, threads=threads, view=view).run()
    if outcome.failed:
        raise UserError(outcome.failed[0])
    return outcome.suite_run


def _say(event: Event, *, as_json: bool) -> None:
    if as_json:
        print_json(asdict(event))
    else:
        out.print(f"{datetime.now():%Y-%m-%d %H:%M:%S}  {event.said}")


def _say_that(text: str, *, quiet: bool) -> None:
    if not quiet:
        out.print(text, style="dim")
