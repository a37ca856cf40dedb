"""`attain export mlflow`: send runs to an MLflow server."""

from typing import Annotated

import typer
from rich.progress import Progress

from attain.cli.output import err, out
from attain.core.errors import UserError, unknown
from attain.tracking.find_run import experiments, find_run
from attain.tracking.sink import Sent, Sink
from attain.tracking.store import Store, open_store

app = typer.Typer(help="Hand runs on to elsewhere.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `mlflow` a command of its own while it is the only one."""


@app.command("mlflow")
def export_mlflow(
    address: Annotated[str, typer.Argument(help="The address of an MLflow server.", metavar="ADDRESS")],
    run: Annotated[list[str] | None, typer.Argument(help="Ids of runs, or how they begin.", metavar="RUN...")] = None,
    suite: Annotated[str | None, typer.Option(help="Every run of this suite or experiment.", metavar="NAME")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every run of every experiment.")] = False,
    store: Annotated[
        str | None, typer.Option(help="Where runs are kept, if not the usual place.", metavar="URI")
    ] = None,
) -> None:
    """Send runs with params, tags, histories, inputs, files and nesting; a run that is there gets only what is new."""
    opened = open_store(store)
    ids = _chosen(opened, run or [], suite, everything=everything)
    sink, sent = Sink(opened, address), Sent()
    with Progress(console=err, disable=not err.is_terminal, transient=True) as bar:
        for run_id in bar.track(ids, description="Sending"):
            sent += sink.send(run_id)
    out.print(
        f"{len(ids):,} runs are on {sink.address} now. Sent: {sent.runs:,} new runs, {sent.points:,} points of "
        f"metrics, {sent.files:,} files."
    )


def _chosen(store: Store, runs: list[str], suite: str | None, *, everything: bool) -> list[str]:
    """Ids of the runs to send, parents first where they began first."""
    if not (runs or suite or everything):
        raise UserError("Which runs? Name some, or give --suite NAME or --all. `attain runs` lists them.")
    ids = [find_run(store, text).run_id for text in runs]
    known = experiments(store)
    if suite is not None and suite not in known:
        raise unknown("suite", suite, known)
    wanted = list(known.values()) if everything else [known[suite]] if suite else []
    token: str | None = None
    while wanted:
        page = store.search_runs(wanted, order_by=["attributes.start_time ASC"], page_token=token)
        ids += [one.run_id for one in page.items]
        if (token := page.next_token) is None:
            break
    return list(dict.fromkeys(ids))
