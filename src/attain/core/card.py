"""What a data set's card says to people: read from the file without what reads the data."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from attain.core.errors import UserError
from attain.core.places import project_folders
from attain.core.strict import Strict
from attain.core.tasks import Task
from attain.core.yaml_lines import load_yaml

FOLDER, FILE = "datasets", "card.yaml"


class Licence(Strict):
    """What may be done with the data."""

    name: str
    terms: str = ""
    redistribution: bool
    """Whether the data may be handed on."""


class CardWords(Strict):
    """What is known about a data set."""

    title: str
    tasks: tuple[Task, ...]
    description: str
    licence: Licence
    citation: str = ""
    how_to_get: str = ""
    """Where a person gets the files, where there is no public address."""
    faults: tuple[str, ...] = ()
    """Known defects, and what the loader does about each."""
    pseudonymous: bool = False
    """Whether the learner ids are pseudonyms already; if not they are replaced when the data is loaded."""


@dataclass(frozen=True)
class Shown:
    """The words of one card; `problem` says why there are none."""

    words: CardWords | None
    problem: str = ""


def cards() -> dict[str, Path]:
    """The file of each data set's card, by the name of the data set: the first of those that have a name is taken."""
    found: dict[str, Path] = {}
    for folder in reversed(project_folders(FOLDER)):
        found |= {path.parent.name: path for path in folder.glob(f"*/{FILE}")}
    return dict(sorted(found.items()))


def words_of(path: Path) -> Shown:
    """The words of a card, read again when the file has changed."""
    try:
        seen = path.stat()
    except OSError:
        return Shown(None, f"The card of {path.parent.name!r} is gone.")
    return _words(path, seen.st_mtime_ns, seen.st_size)


@functools.lru_cache(maxsize=500)
def _words(path: Path, mtime_ns: int, size: int) -> Shown:
    try:
        data = load_yaml(path).data
        named = data.items() if isinstance(data, Mapping) else ()
        return Shown(CardWords.model_validate({k: v for k, v in named if k in CardWords.model_fields}))
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(map(str, problem["loc"]))
        return Shown(None, f"The card of {path.parent.name!r} is not a valid one: {where}: {problem['msg']}.")
    except UserError:
        name = path.parent.name
        return Shown(None, f"The card of {name!r} cannot be read; `attain data show {name}` says where it goes wrong.")
