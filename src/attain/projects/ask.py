"""What is to be run: an entry with a value for each parameter, all of it checked before anything begins."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attain.core.errors import UserError, unknown
from attain.projects.command import fill, filled
from attain.projects.config import Entry, ProjectFile
from attain.projects.parameters import PathParameter, text_of

SEED = "seed"
"""The parameter that is the seed, where an entry has one of this name."""
PYTHONS = ("python", "python3")
"""Words for the Python that attain runs in, whose packages are kept with the run."""


@dataclass(frozen=True)
class Asked:
    """An entry that can be run.

    Attributes:
        project, entry_name: what they are called.
        folder: where it is run.
        values: of each parameter, as it stands in the command.
        text: the text of `attain.yaml`.
    """

    project: str
    entry_name: str
    entry: Entry
    folder: Path
    values: Mapping[str, str]
    text: str

    @property
    def seed(self) -> str | None:
        """The seed; None where the entry has no parameter of that name."""
        return self.values.get(SEED)

    @property
    def script(self) -> str:
        """The script or program, as the command has it."""
        program, *words = self.entry.words
        return next((word for word in words if not word.startswith("-")), program) if program in PYTHONS else program

    @property
    def paths(self) -> dict[str, str]:
        """The values of those parameters that are paths."""
        named = [name for name, one in self.entry.parameters.items() if isinstance(one, PathParameter)]
        return {name: self.values[name] for name in named if name in self.values}

    def command(self, python: Path) -> list[str]:
        """The words to run, `python` as the first of them being this one."""
        words = filled(self.entry.words, self.values, lambda name, value: self.entry.parameters[name].words(value))
        return [str(python), *words[1:]] if words[0] in PYTHONS else words

    def variables(self) -> dict[str, str]:
        """Those of the entry, filled."""
        return {name: fill(text_of(value), self.values) for name, value in self.entry.environment.items()}


def given(texts: Sequence[str]) -> dict[str, str]:
    """`name=value` texts by name.

    Raises:
        UserError: one has no `=`, or a name is given twice.
    """
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise UserError(f"-P {text!r}: expected NAME=VALUE, such as -P lr=0.01.")
        if name in found:
            raise UserError(f"-P {name}: is given twice, as {found[name]!r} and as {value!r}; give it once.")
        found[name] = value
    return found


def ask(file: ProjectFile, entry: str | None, values: Mapping[str, str]) -> Asked:
    """An entry with values, each checked.

    Raises:
        UserError: an unknown entry or parameter, a value that does not fit, one that is missing, a path that is not
            there, a program that is not there; all that is wrong, a line each.
    """
    name, found = file.entry(entry)
    read, faults = _read(found, values)
    asked = Asked(file.project.name, name, found, file.folder, read, file.source.text)
    faults += [fault for one, path in asked.paths.items() if (fault := _not_there(one, path, file.folder))]
    if faults:
        raise UserError("\n".join(faults))
    if why := program_missing(asked):
        raise file.source.error(("entries", name, "command"), why)
    return asked


def _read(entry: Entry, values: Mapping[str, str]) -> tuple[dict[str, str], list[str]]:
    """Values as they stand in the command, and what is wrong with others."""
    read: dict[str, str] = {}
    faults = [str(unknown("parameter", name, entry.parameters)) for name in values if name not in entry.parameters]
    for name, parameter in entry.parameters.items():
        if name in values:
            text = values[name]
        elif parameter.default is not None:
            text = text_of(parameter.default)
        else:
            faults.append(f"Parameter {name!r} has no default and must be given: -P {name}=… ({parameter.type}).")
            continue
        try:
            read[name] = parameter.read(text)
        except ValueError as problem:
            faults.append(f"Parameter {name!r}: {problem}.")
    return read, faults


def _not_there(name: str, path: str, folder: Path) -> str:
    if (folder / path).exists():
        return ""
    here = Path(path).resolve()
    hint = f" Paths start in the project's folder; did you mean {str(here)!r}?" if here.exists() else ""
    return f"Parameter {name!r}: there is no file or folder {path!r} in {str(folder)!r}.{hint}"


def program_missing(asked: Asked) -> str:
    """Why the program of the command cannot be run; "" where it can."""
    word = asked.entry.words[0]
    if word in PYTHONS:
        return ""
    if "/" in word:
        there = (asked.folder / word).is_file()
        if there and shutil.which(asked.folder / word) is None:
            return f"{word!r} may not be executed; change that with chmod +x."
        return "" if there else f"there is no file {word!r} in the project's folder."
    return "" if shutil.which(word) else f"there is no command {word!r} on this machine; install it, or give its path."
