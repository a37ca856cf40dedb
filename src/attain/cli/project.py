"""`attain run-project` and `attain project`: any script with an entry in `attain.yaml`, run and tracked."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from attain.cli.options import Json, StoreUri
from attain.cli.output import err, out, print_json, print_table
from attain.projects.ask import Asked, ask, given, program_missing
from attain.projects.config import Entry, ProjectFile, read_project
from attain.projects.parameters import text_of
from attain.projects.run import Ended, Place, run_project
from attain.tracking.git import top_of
from attain.tracking.store import default_uri, open_store

app = typer.Typer(no_args_is_help=True, help="Look at the attain.yaml of a project, which `attain run-project` runs.")

Folder = Annotated[Path, typer.Argument(help="The folder with attain.yaml.", metavar="FOLDER")]


def run(
    folder: Folder = Path(),
    entry: Annotated[
        str | None, typer.Argument(help="Which entry; `main`, or the only one, if not given.", metavar="ENTRY")
    ] = None,
    parameter: Annotated[
        list[str] | None,
        typer.Option("-P", "--parameter", help="A value: -P lr=0.01. Repeatable.", metavar="NAME=VALUE"),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call the run.")] = None,
    experiment: Annotated[str | None, typer.Option(help="Where the run goes, if not into the project's own.")] = None,
    store: StoreUri = None,
    as_json: Json = False,
) -> None:
    """Run a script of a project, tracked and repeatable as the runs of suites are.

    Exit status: 0 its script ended well, 1 it failed, 2 a mistake in what was asked, 130 stopped.
    """
    asked = ask(read_project(folder), entry, given(parameter or []))
    opened, uri = open_store(store), store or default_uri()
    place = Place(opened, uri, sys.stderr if as_json else sys.stdout, sys.stderr)
    ended = run_project(asked, place, python=Path(sys.executable), name=name, experiment=experiment)
    if as_json:
        print_json(asdict(ended))
    else:
        _show(ended)
    if ended.status != "FINISHED":
        raise typer.Exit(1)


@app.command("show")
def show(folder: Folder = Path(), as_json: Json = False) -> None:
    """Say what can be run: entries, their commands, parameters and defaults."""
    file = read_project(folder)
    if as_json:
        print_json({"file": str(file.source.path)} | file.project.model_dump(mode="json"))
        return
    out.print(f"{file.project.name}: {file.project.description}".rstrip(": "), style="bold")
    for name, entry in file.project.entries.items():
        command = entry.command if isinstance(entry.command, str) else " ".join(map(repr, entry.command))
        out.print(f"\n{name}{f': {entry.help}' if entry.help else ''}\n  {command}")
        rows = _rows(entry)
        if rows:
            print_table(["parameter", "type", "default", "values", "help"], rows)
        if entry.outputs:
            out.print(f"  outputs: {', '.join(entry.outputs)}")


@app.command("check")
def check(folder: Folder = Path(), as_json: Json = False) -> None:
    """Check attain.yaml without running anything: fields, commands, places, defaults, programs; and what is kept."""
    file = read_project(folder)
    said = [*_programs(file), *_remarks(file)]
    if as_json:
        print_json({"file": str(file.source.path), "entries": list(file.project.entries), "remarks": said})
        return
    out.print(f"{file.source.path}: project {file.project.name!r} is fine: {', '.join(file.project.entries)}.")
    for sentence in said:
        out.print(f"  {sentence}")


def _programs(file: ProjectFile) -> list[str]:
    """Remarks about programs; one that is missing is a fault."""
    for name, entry in file.project.entries.items():
        asked = Asked(file.project.name, name, entry, file.folder, {}, file.source.text)
        if why := program_missing(asked):
            raise file.source.error(("entries", name, "command"), why)
    return []


def _remarks(file: ProjectFile) -> list[str]:
    """What a reader should know before the first run."""
    said = []
    for name, entry in file.project.entries.items():
        for one, parameter in entry.parameters.items():
            has_path = parameter.type == "path" and parameter.default is not None
            if has_path and not (file.folder / text_of(parameter.default or "")).exists():
                said.append(f"{name}: nothing is at {parameter.default!r}, the default of {one!r}.")
        if "seed" not in entry.parameters:
            said.append(f"{name}: has no parameter `seed`, so other seeds cannot tell how much chance changes.")
    if top_of(file.folder) is None:
        said.append("The folder is in no git repository: of its code only files that lie directly in it are kept.")
    return said


def _rows(entry: Entry) -> list[list[str]]:
    rows = []
    for name, one in entry.parameters.items():
        facts: dict[str, Any] = one.model_dump(exclude={"type", "default", "help"}, exclude_none=True)
        limits = [f"{what} {value:g}" for what, value in facts.items() if isinstance(value, float)]
        values = ", ".join([*limits, *facts.get("choices", []), *([facts["flag"]] if facts.get("flag") else [])])
        default = "must be given" if one.default is None else text_of(one.default)
        rows.append([name, one.type, default, values, one.help])
    return rows


def _show(ended: Ended) -> None:
    for sentence in ended.outputs.said:
        err.print(sentence)
    kept = ended.outputs
    files = f"; kept {kept.files} output file{'s'[: kept.files != 1]}, {kept.size:,} bytes" if kept.files else ""
    out.print(
        f"\nRun {ended.run_id[:8]} {'finished' if ended.status == 'FINISHED' else 'failed'}{files}.", style="bold"
    )
    if ended.why:
        err.print(ended.why)
    out.print(f"  attain show {ended.run_id[:8]}\n  attain reproduce {ended.run_id[:8]}")
