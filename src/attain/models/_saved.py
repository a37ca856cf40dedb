"""A fitted model in a folder: its params and names as JSON, its arrays as npz; nothing that runs code when read."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from attain.core.component import Component
from attain.core.errors import UserError

JSON_FILE, ARRAYS_FILE = "model.json", "arrays.npz"
C = TypeVar("C", bound=Component)


@dataclass(frozen=True)
class Learned:
    """What `fit` learned: number arrays, and the names (of items, of skills) that they are aligned with."""

    arrays: Mapping[str, NDArray[np.generic]]
    names: Mapping[str, NDArray[np.object_]]


class Saved(Component):
    """Saves and loads a model that is its params and what it `learned`; stands before the base class of the task."""

    learned: Learned

    def save(self, folder: Path) -> None:
        """Write params and what `fit` learned into `folder`."""
        write(self, self.learned, folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """The model that `save` wrote."""
        model, learned = read(cls, folder)
        model.learned = learned
        return model


def write(model: Component, learned: Learned, folder: Path) -> None:
    """Write params and `learned` into `folder`, which is made if need be."""
    write_json(model, learned.names, folder)
    np.savez(folder / ARRAYS_FILE, **dict[str, Any](learned.arrays))  # typed as if a key could be an option of savez


def read(kind: type[C], folder: Path) -> tuple[C, Learned]:
    """The model with its params, and what `write` was given.

    Raises:
        UserError: the folder holds no saved model, or one of another kind.
    """
    model, names = read_json(kind, folder)
    with np.load(folder / ARRAYS_FILE, allow_pickle=False) as stored:
        return model, Learned(dict(stored), names)


def write_json(model: Component, names: Mapping[str, NDArray[np.object_]], folder: Path) -> None:
    """Write only params and names."""
    folder.mkdir(parents=True, exist_ok=True)
    content = {
        "model": model.name,
        "params": model.params.model_dump(mode="json"),
        "names": {key: list(map(str, values)) for key, values in names.items()},
    }
    (folder / JSON_FILE).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def read_json(kind: type[C], folder: Path) -> tuple[C, dict[str, NDArray[np.object_]]]:
    """The model with its params, and the names; see `read`."""
    path = folder / JSON_FILE
    if not path.is_file():
        raise UserError(f"{str(folder)!r} holds no saved model: it has no {JSON_FILE!r}.")
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["model"] != kind.name:
        raise UserError(f"{str(folder)!r} holds a model {content['model']!r}, not {kind.name!r}.")
    names = {key: np.array(values, dtype=object) for key, values in content["names"].items()}
    return kind.create(**content["params"]), names
