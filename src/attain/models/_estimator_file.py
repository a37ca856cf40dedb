"""Fitted scikit-learn estimators in a file that runs no code when it is read."""

import importlib
from pathlib import Path
from typing import Any

from attain.core.errors import UserError

FILE = "estimator.skops"
TRUSTED = (
    "collections.OrderedDict",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.tree._tree.Tree",
)
"""Types beyond arrays and scikit-learn's plain estimators that a saved model may hold: trees and what contains them."""


def write_estimator(estimator: object, folder: Path) -> None:
    """Write a fitted estimator into a folder."""
    importlib.import_module("skops.io").dump(estimator, folder / FILE)


def read_estimator(folder: Path) -> Any:  # whatever estimator was written
    """The estimator that `write_estimator` wrote.

    Raises:
        UserError: the file holds a type that no model of ours writes.
    """
    skops = importlib.import_module("skops.io")
    foreign = sorted(set(skops.get_untrusted_types(file=folder / FILE)) - set(TRUSTED))
    if foreign:
        raise UserError(f"{str(folder / FILE)!r} holds {foreign[0]!r}, which no saved model of attain holds.")
    return skops.load(folder / FILE, trusted=list(TRUSTED))
