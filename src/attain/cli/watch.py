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
from attain.suite.config import read_suite
from attain.suite.execute import Execution
from attain.suite.plan import make_plan
from attain.suite.progress import PlainView, View
from attain.suite.watch import Event, Watch
from attain.tracking.store import Store, default_uri, open_store

QUIET = ("nothing new", "busy")


def watch(
    path: Annotated[Path, typer.Argument(help="A file or folder of data.", metavar="PATH")],
    suite: Annotated[str, typer.Option(help="The suite that reads it: a file, or the name of one in configs/suites.")],
    every: Annotated[
        float, typer.Option(help="Seconds between looks; what is the same twice is at rest.", min=0.1)
    ] = 30,
    once: Annotated[bool, typer.Option("--once", help="Look once, for cron; status 1 if the suite failed.")] = False,
    workers: Annotated[int, typer.Option(help="Processes at once; 0: one a core.", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="Threads of the numeric libraries in each process.", min=1)] = 1,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Run a suite whenever the content of a path is new, once for each content; a failure stops nothing.

    Ctrl-C ends it. The content decides, not the time of a file; what is still being written is waited for.
    """
    opened, uri = open_store(store), store or default_uri()
    view: View = View() if as_json else PlainView(err)
    many = workers or os.cpu_count() or 1
    name = read_suite(suite).suite.suite

    def text() -> str:
        return read_suite(suite).text

    def work() -> str:
        return _run(suite, opened, uri, many, threads, view)

    watching = Watch(path, name, text, work, opened)
    if once:
        _look_once(watching, every, as_json=as_json)
        return
    _say_that(f"Watching {path} for the suite {name!r}, every {every:g} s.", quiet=as_json)
    last = ""
    while True:
        event = watching.look(time.monotonic())
        if event.said != last and event.what not in QUIET:
            _say(event, as_json=as_json)
        last = event.said
        time.sleep(every)


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
