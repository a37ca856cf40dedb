"""`attain export`: a run as one archive that reproduces elsewhere; or runs sent to an MLflow server.

`attain export RUN` is `attain export archive RUN`.
"""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from attain.cli.options import Json, StoreUri
from attain.cli.output import err, out, print_json
from attain.cli.run_first import RunFirst
from attain.core.errors import UserError, unknown
from attain.core.extras import not_installed
from attain.tracking.find_run import experiments, find_run
from attain.tracking.sink import Sent, Sink
from attain.tracking.store import Store, open_store

ARCHIVE = "archive"
MOST_LEFT_OUT = 10


class _Group(RunFirst):
    default_command = ARCHIVE


app = typer.Typer(
    cls=_Group,
    no_args_is_help=True,
    help="Hand runs on: `attain export RUN` writes an archive that reproduces elsewhere; `mlflow` sends to a server.",
)


@app.command(ARCHIVE)
def export_archive(
    run: Annotated[str, typer.Argument(help="The id of a run of a suite or project, or how it begins.", metavar="RUN")],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The archive; NAME-RUN.zip, if not said.", metavar="FILE.zip")
    ] = None,
    with_data: Annotated[
        bool, typer.Option("--with-data", help="Put the data files in too: learners' rows as they are.")
    ] = False,
    data: Annotated[
        list[Path] | None, typer.Option(help="A folder where data files lie. Repeatable.", metavar="FOLDER")
    ] = None,
    repo: Annotated[
        Path, typer.Option(help="A clone that has the run's commit, if not this folder's.", metavar="FOLDER")
    ] = Path(),
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Write one archive of a suite's run, or one of its models, with all that reproduces it on another machine.

    In it: the run with its predictions, its code as a git tree, its packages as a lock and for pip, conda and Docker,
    hashes of its data, a README with what to type, and a checksum of every file. `attain reproduce FILE.zip` takes it.
    """
    try:  # here, for `attain export mlflow` does without numeric libraries
        from attain.repro.archive.write import export
        from attain.repro.project import is_of_project, original_of
    except ModuleNotFoundError as error:
        raise not_installed("'attain export'", error) from None
    one = original_of(open_store(store), run)
    name = re.sub(r"[^\w.]+", "_", one.suite_run.name).strip("._") or "run"  # to be typed without quotes
    path = output or Path(f"{name}-{one.run.run_id[:8]}.zip")
    made = export(one, path, repository=repo, folders=data or (), with_data=with_data)
    if count := len(made.data_files):
        err.print(
            f"It holds {count} file{'s'[: count > 1]} of data, with learners' rows and ids as they are: give it only "
            "to those who may have them.",
            style="yellow",
        )
    if as_json:
        print_json(asdict(made))
        return
    out.print(
        f"{made.path}: {made.runs:,} runs, {made.files:,} files, {made.size / 1e6:,.1f} MB. SHA-256 {made.sha256}"
    )
    for name, why in made.left_out[:MOST_LEFT_OUT]:
        out.print(f"Left out of the code: {name}: {why}.")
    if len(made.left_out) > MOST_LEFT_OUT:
        out.print(f"… and {len(made.left_out) - MOST_LEFT_OUT} more; its README.md names all.")
    if not made.hashed:
        out.print("Packages are pinned by version alone: the run kept no hashes of their files.")
    if not made.data_files:
        if is_of_project(one.run):
            out.print("No data files are in it; what the script wrote and said is in it as it is.")
        else:
            out.print(
                "No data files are in it; its predictions tables hold a row an answer or learner, under pseudonyms."
            )


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
