"""`attain.yaml`, which says how the scripts of a project are run, as checked objects."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import Field, ValidationError

from attain.core.errors import UserError, unknown
from attain.core.strict import Strict
from attain.core.yaml_lines import Where, YamlFile, load_yaml
from attain.projects.command import names_in, split, unsafe
from attain.projects.parameters import TYPES, Parameter, Plain

FILE = "attain.yaml"
MAIN = "main"
OURS = ("ATTAIN_", "MLFLOW_")
"""How variables begin that tell a script where its run is."""


class Entry(Strict):
    """One way to run the project."""

    command: str | list[str]
    """What is run in the project's folder, with `{name}` where a value goes: `python train.py --lr={lr}`."""
    help: str = ""
    """One line for the reader."""
    parameters: dict[str, Parameter] = Field(default={})
    """By name; one called `seed` is the seed."""
    environment: dict[str, Plain] = Field(default={})
    """Variables beside those of the shell; values may have places too."""
    outputs: list[str] = Field(default=[])
    """Files and folders of the project that the script makes: `model/`, `*.png`. They are kept with the run."""
    varies: list[str] = Field(default=[])
    """Metrics and outputs that are others at every run by their nature (`seconds`, `*.log`), by name or pattern."""
    timeout_s: float | None = Field(default=None, gt=0)
    """Seconds after which it is stopped and has failed."""
    threads: int | None = Field(default=None, ge=1)
    """How many threads the numeric libraries may use; as in the shell where not given."""

    @property
    def words(self) -> list[str]:
        """The words of the command, with places in them."""
        return split(self.command)


class Project(Strict):
    """Everything that `attain.yaml` says."""

    name: str = Field(min_length=1, max_length=250)
    """What the project is called; its runs go into the experiment of this name."""
    description: str = ""
    """One line for the reader."""
    entries: dict[str, Entry] = Field(min_length=1)
    """Ways to run it by name; `main` is the usual one."""


@dataclass(frozen=True)
class ProjectFile:
    """A project with its file and folder."""

    project: Project
    source: YamlFile
    folder: Path

    def entry(self, name: str | None) -> tuple[str, Entry]:
        """The entry of a name; without one `main`, or the only one.

        Raises:
            UserError: there is none.
        """
        entries = self.project.entries
        if name is None:
            name = next(iter(entries)) if len(entries) == 1 else MAIN
        if name not in entries:
            raise unknown("entry", name, entries, where=f"{self.source.path}: ")
        return name, entries[name]


def read_project(folder: Path) -> ProjectFile:
    """The project in a folder.

    Raises:
        UserError: there is none, or its file has faults; each with file and line.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {str(folder)!r}.")
    path = folder / FILE
    if not path.is_file():
        raise UserError(
            f"There is no {FILE} in {str(folder.resolve())!r}. It names the project and its entries, at least: "
            "`name: mine` and `entries: {main: {command: python train.py}}`."
        )
    source = load_yaml(path)
    try:
        project = Project.model_validate(source.data)
    except ValidationError as error:
        raise UserError("\n".join(_sentence(source, problem) for problem in error.errors())) from None
    faults = [source.error(place, said) for place, said in _faults(project)]
    if faults:
        raise UserError("\n".join(map(str, faults)))
    return ProjectFile(project, source, folder.resolve())


def _faults(project: Project) -> Iterator[tuple[Where, str]]:
    """What is wrong between the parts of a project, with its place."""
    for name, entry in project.entries.items():
        at: Where = ("entries", name)
        if not re.fullmatch(r"[A-Za-z0-9_][\w.-]*", name):
            yield at, f"{name!r} is not a name of an entry; expected letters, digits, '_', '-', '.'."
        for one in entry.parameters:
            if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", one):
                yield (*at, "parameters", one), f"{one!r} is not a name of a parameter; expected letters, digits, '_'."
        yield from _faults_of_command(entry, at)
        for variable, value in entry.environment.items():
            yield from _faults_of_variable(variable, value, entry, (*at, "environment", variable))
        for index, pattern in enumerate(entry.outputs):
            if why := outside(pattern):
                yield (*at, "outputs", index), f"{pattern!r} {why}; outputs lie in the project's folder."


def _faults_of_command(entry: Entry, at: Where) -> Iterator[tuple[Where, str]]:
    try:
        words = entry.words
    except ValueError as problem:
        yield (*at, "command"), f"{str(problem)[:1].lower()}{str(problem)[1:]}."
        return
    if why := unsafe(words):
        yield (*at, "command"), f"{why}."
    texts = [*words, *map(str, entry.environment.values())]
    used = [name for text in texts for name in names_in(text)]
    for name in dict.fromkeys(name for word in words for name in names_in(word)):
        if name not in entry.parameters:
            yield (*at, "command"), str(unknown("parameter", name, entry.parameters))
    for name in entry.parameters:
        if name not in used:
            yield (*at, "parameters", name), f"the command has no place for it; write {{{name}}} there."


def _faults_of_variable(name: str, value: Plain, entry: Entry, at: Where) -> Iterator[tuple[Where, str]]:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        yield at, f"{name!r} is not the name of a variable."
    if name.startswith(OURS):
        yield at, f"{name!r} tells the script where its run is, and is set by attain; take another name."
    for one in names_in(str(value)):
        if one not in entry.parameters:
            yield at, str(unknown("parameter", one, entry.parameters))


def outside(pattern: str) -> str:
    """Why a pattern of outputs is not one inside the folder; "" where it is.

    >>> outside("model/"), outside("../model"), outside("/tmp/x")
    ('', 'leads out of the folder', 'is an absolute path')
    """
    path = PurePosixPath(pattern)
    if path.is_absolute() or pattern.startswith("~") or re.match(r"[A-Za-z]:|\\", pattern):
        return "is an absolute path"
    if ".." in path.parts or "\\" in pattern:
        return "leads out of the folder"
    return "" if path.parts else "names nothing"


def _sentence(source: YamlFile, problem: Any) -> str:  # pydantic's ErrorDetails is not exported
    """One fault as `file:line: place: what, and the nearest names`."""
    kind, place = problem["type"], _in_file(source.data, problem["loc"], keep_last=problem["type"] == "missing")
    if kind == "union_tag_invalid":
        given = problem["ctx"]["tag"]
        return str(source.error((*place, "type"), str(unknown("type of parameter", given, TYPES))))
    if kind == "union_tag_not_found":
        return str(source.error(place, f"has no type; expected one of {', '.join(TYPES)}."))
    if kind == "extra_forbidden":
        return str(source.error(place, str(unknown("field", str(place[-1]), _fields_at(source.data, place[:-1])))))
    if kind == "missing":
        return str(source.error(place, "is missing."))
    if kind == "value_error":
        return str(source.error(place, f"{str(problem['msg']).removeprefix('Value error, ')}."))
    return str(source.error(place, f"{problem['input']!r} is not right: {problem['msg']}."))


def _in_file(data: Any, place: Where, *, keep_last: bool) -> Where:  # whatever the YAML holds
    """A place as the file has it, without the names of types that pydantic puts in."""
    found: list[str | int] = []
    for index, part in enumerate(place):
        in_list = isinstance(data, list) and isinstance(part, int) and part < len(data)
        if in_list or (isinstance(data, dict) and part in data):
            data = data[part]
        elif not (keep_last and index == len(place) - 1):
            continue
        found.append(part)
    return tuple(found)


def _fields_at(data: Any, place: Where) -> list[str]:  # as above
    if not place:
        return list(Project.model_fields)
    if len(place) == 2:
        return list(Entry.model_fields)
    for part in place:
        data = data[part]
    return list(TYPES[data["type"]].model_fields)
