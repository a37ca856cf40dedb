"""`attain files`: the files of a run, listed, or copied to where they can be opened."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from attain.cli.output import out, print_json, print_table
from attain.core.errors import UserError, unknown
from attain.tracking.artifacts import download
from attain.tracking.entities import ArtifactInfo, Run
from attain.tracking.find_run import find_run
from attain.tracking.store import Store, open_store


def files(
    run: Annotated[str, typer.Argument(help="The id of a run, or how it begins.", metavar="RUN")],
    path: Annotated[str, typer.Argument(help="Only this file or folder of the run.", metavar="PATH")] = "",
    to: Annotated[
        Path | None, typer.Option(help="Copy the files into this folder; it is made if it is not there.", metavar="DIR")
    ] = None,
    store: Annotated[
        str | None, typer.Option("--store", help="Where runs are kept, if not the usual place.", metavar="URI")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """The figures, tables and other files of a run: list them, or copy them with `--to`."""
    opened = open_store(store)
    found = find_run(opened, run)
    path = path.rstrip("/")
    kept = _kept(opened, found, path)
    if to is not None:
        _copy(opened, found, path, to)
    if as_json:
        where = {} if to is None else {"to": str(to.absolute())}
        print_json({"run_id": found.run_id, **where, "files": [asdict(file) for file in kept]})
    elif to is not None:
        out.print(f"Copied {_said(kept)} to {to / path}.")
    else:
        print_table(["file", "size"], [[file.path, _size(file.size or 0)] for file in kept])
        out.print(f"\n{_said(kept)}. To open them: attain files {found.run_id[:8]} --to figures", style="dim")


def _kept(store: Store, run: Run, path: str) -> list[ArtifactInfo]:
    """The files at or under a path of a run.

    Raises:
        UserError: there is none.
    """
    everything = store.artifacts_under(run.run_id)
    if not everything:
        raise UserError(f"Run {run.run_id[:8]} ({run.name}) has no files.")
    kept = [file for file in everything if not path or file.path == path or file.path.startswith(f"{path}/")]
    if not kept:
        raise unknown(f"file of run {run.run_id[:8]}", path, [file.path for file in everything])
    return kept


def _copy(store: Store, run: Run, path: str, to: Path) -> None:
    try:
        download(store, run.run_id, path, to)
    except OSError as error:
        raise UserError(f"Cannot write {str(error.filename or to)!r}: {error.strerror}. Name another folder.") from None


def _said(files: Sequence[ArtifactInfo]) -> str:
    return f"{len(files)} file{'s' * (len(files) != 1)} ({_size(sum(file.size or 0 for file in files))})"


def _size(size: int) -> str:
    """A size in the unit that reads best.

    >>> _size(812), _size(48_300), _size(2_500_000)
    ('812 B', '48 kB', '2.5 MB')
    """
    if size < 1000:
        return f"{size} B"
    return f"{size / 1e3:.0f} kB" if size < 999_500 else f"{size / 1e6:,.1f} MB"
