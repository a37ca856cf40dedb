"""`attain reproduce` and `attain diff`: run a run again with a verdict; say how two runs differ."""

import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from attain.cli.options import Json, StoreUri
from attain.cli.output import number, out, print_json, print_table
from attain.core.errors import UserError
from attain.metrics.names import from_key
from attain.repro.archive.read import DATA, SUMS, open_archive
from attain.repro.archive.take_in import take_in
from attain.repro.causes import Cause
from attain.repro.diff import difference
from attain.repro.project import is_of_project, original_of, reproduce_project
from attain.repro.reproduce import Reproduction
from attain.repro.reproduce import reproduce as reproduce_suite
from attain.repro.verdict import Level
from attain.tracking.find_run import find_run
from attain.tracking.store import Store, open_store

STATUS: dict[Level, int] = {
    "identical": 0,
    "differs": 1,
    "not comparable": 2,
    "numerically equal": 3,
    "within seed variation": 4,
}


def reproduce(
    run: Annotated[
        str,
        typer.Argument(help="The id of a run, or how it begins; or an archive of `attain export`.", metavar="RUN"),
    ],
    here: Annotated[bool, typer.Option("--here", help="In this Python (the usual way).")] = False,
    fresh: Annotated[bool, typer.Option("--fresh", help="In a new environment made from the run's lock.")] = False,
    seed: Annotated[int | None, typer.Option(help="With another seed.")] = None,
    data: Annotated[Path | None, typer.Option(help="A folder with the data files.", metavar="FOLDER")] = None,
    repo: Annotated[
        Path, typer.Option(help="A clone that has the run's commit, if not this folder's.", metavar="FOLDER")
    ] = Path(),
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Run a suite, one of its models or a project's script again as it was, and say how like the results are.

    Exit status: 0 identical, 3 numerically equal, 4 within seed variation, 1 differs, 2 not comparable or a mistake.
    Seed variation is what one more seed of the same model is expected to give, from at least three in the store.
    The runs of an archive are taken into the store first. To reproduce an archive is to run the code in it.
    """
    if here and fresh:
        raise UserError("--here and --fresh exclude each other; give one.")
    for folder in (repo, data):
        if folder is not None and not folder.is_dir():
            raise UserError(f"There is no folder {str(folder)!r}.")
    opened = open_store(store)
    with tempfile.TemporaryDirectory(prefix="attain-") as scratch:
        if Path(run).suffix == ".zip" or Path(run).is_file() or (Path(run) / SUMS).is_file():
            run, data = _taken_in(Path(run), opened, data, Path(scratch), quiet=as_json)
        one = original_of(opened, run)
        do_again = reproduce_project if is_of_project(one.run) else reproduce_suite
        found = do_again(one, repository=repo, data=data, seed=seed, is_fresh=fresh)
    if as_json:
        print_json(asdict(found) | {"reproduces": one.run.run_id, "status": STATUS[found.verdict]})
    else:
        _show(found)
    raise typer.Exit(STATUS[found.verdict])


def _taken_in(path: Path, store: Store, data: Path | None, scratch: Path, *, quiet: bool) -> tuple[str, Path | None]:
    """The id of the run in an archive, whose runs are in the store now; and where its data are."""
    archive = open_archive(path)
    new = take_in(archive, store)
    if not quiet:
        what = f"{new:,} of its runs were taken into" if new else "its runs are already in"
        out.print(f"{path} is whole; {what} {store.place}.", style="dim")
    if data is None and archive.below(DATA):
        data = scratch / DATA
        archive.unpack(DATA, data)
    return archive.head.run, data


def diff(
    first: Annotated[str, typer.Argument(help="The id of a run, or how it begins.", metavar="RUN")],
    second: Annotated[str, typer.Argument(help="Of another.", metavar="RUN")],
    repo: Annotated[
        Path, typer.Option(help="A clone that has the runs' commits, if not this folder's.", metavar="FOLDER")
    ] = Path(),
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Say how two runs differ: params, metrics, how they came about, and their code."""
    opened = open_store(store)
    found = difference(opened, find_run(opened, first), find_run(opened, second), repo)
    if as_json:
        print_json(asdict(found))
        return
    if found.params:
        print_table(["param", "first", "second"], [[n, *pair] for n, pair in found.params.items()])
    if found.metrics:
        rows = [["/".join(from_key(name)), *map(number, pair)] for name, pair in found.metrics.items()]
        print_table(["metric", "first", "second"], rows, title="\nMetrics")
    print_causes(list(found.causes))
    if found.said:
        out.print(f"\nThe code cannot be compared: {found.said}")
    out.print(f"\n{found.code}" if found.code else "")


def _show(found: Reproduction) -> None:
    out.print(f"{found.verdict.capitalize()}.", style="bold")
    for sentence in found.said:
        out.print(sentence)
    if found.models:
        print_table(["model", "verdict", "why"], [[m.label, m.level, m.why] for m in found.models])
    rows = [
        [one.label, one.metric, number(one.then), number(one.now), _seeds(one.seeds.low, one.seeds.high)]
        for model in found.models
        for one in model.metrics
    ]
    if rows:
        print_table(["model", "metric", "then", "now", "other seeds"], rows, title="\nMetrics")
    print_causes(list(found.causes))
    out.print(f"\nKept as run {found.run_id[:8]}; the original run is as it was.", style="dim")


def print_causes(found: list[Cause]) -> None:
    """What may have changed results."""
    rows = [[c.what, "differs" if c.differs else "same", c.then, c.now if c.differs else ""] for c in found]
    print_table(["cause", "", "then", "now"], rows, title="\nCauses, the likeliest first")


def _seeds(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{number(low)} to {number(high)}"
