"""What is done about rare outcomes, in the training part only."""

import importlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError

Imbalance = Literal["none", "class_weights", "undersample", "oversample", "smote"]
_NEIGHBOURS = 5


@dataclass(frozen=True, eq=False)
class Training:
    """Rows to learn from, with a weight each; `row` is which row it was, -1 for one that was made up."""

    x: NDArray[np.float64]
    y: NDArray[np.int64]
    weight: NDArray[np.float64]
    row: NDArray[np.int64]


def balanced(x: NDArray[np.float64], y: NDArray[np.int64], how: Imbalance, seed: int) -> Training:
    """The training rows with both outcomes brought to the same weight or number, as asked.

    Args:
        x: shape (n, n_columns); without unknown cells for `smote`.
        y: shape (n,), 0 or 1; both occur.
        how: `class_weights` weights rows, `undersample` drops some of the frequent outcome, `oversample` repeats some
            of the rare one, `smote` makes new ones between neighbours (Chawla et al. 2002).
        seed: of the draw.

    Raises:
        UserError: the rare outcome has too few rows for `smote`, or imbalanced-learn is not installed.
    """
    own = np.arange(len(y))
    if how == "none":
        return Training(x, y, np.ones(len(y)), own)
    counts = np.bincount(y, minlength=2)
    if how == "class_weights":
        return Training(x, y, (len(y) / (2 * counts))[y], own)
    if how == "smote":
        x, y = _smote(x, y, int(counts.min()), seed)
        made_up = np.full(len(y) - len(own), -1)
        return Training(x, y, np.ones(len(y)), np.concatenate([own, made_up]))
    generator = np.random.default_rng(seed)
    at = [np.flatnonzero(y == value) for value in (0, 1)]
    size = int(counts.min() if how == "undersample" else counts.max())
    drawn = np.concatenate([_draw(rows, size, generator) for rows in at])
    return Training(x[drawn], y[drawn], np.ones(len(drawn)), drawn)


def _draw(rows: NDArray[np.int64], size: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """As many of the rows as asked: all of them and some again, or only some."""
    if size <= len(rows):
        return np.sort(generator.choice(rows, size, replace=False))
    return np.concatenate([rows, generator.choice(rows, size - len(rows), replace=True)])


def _smote(
    x: NDArray[np.float64], y: NDArray[np.int64], rare: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    if rare <= _NEIGHBOURS:
        raise UserError(f"'smote' needs more than {_NEIGHBOURS} training rows of each outcome; the rarer has {rare}.")
    try:
        smote = importlib.import_module("imblearn.over_sampling").SMOTE(k_neighbors=_NEIGHBOURS, random_state=seed)
    except ModuleNotFoundError:
        raise UserError(
            "'smote' needs imbalanced-learn, which is not installed. Try: pip install 'attain[imbalance]'"
        ) from None
    more, outcome = smote.fit_resample(x, y)
    return np.asarray(more, dtype=np.float64), np.asarray(outcome, dtype=np.int64)
