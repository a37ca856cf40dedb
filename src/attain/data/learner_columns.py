"""What a table says of each learner rather than of each answer: cohorts, and the part of a published split."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.cohorts import UNKNOWN
from attain.core.errors import UserError
from attain.data.formats.columns import Column, Placed
from attain.data.rows import Notes, Rows
from attain.data.source import Source


def cohorts(source: Source, rows: Rows, learners: NDArray[np.object_], notes: Notes) -> pd.DataFrame:
    """The cohort attributes of each learner: the first value that its rows have.

    Args:
        source: names the columns.
        rows: the answers, sorted by learner.
        learners: the names of the learners of `rows`, in that order.
        notes: hears how many learners have several values.
    """
    out = {}
    for name, column in source.cohorts.items():
        first, several = _first(rows.traits[column], rows)
        notes.note(f"learners with several values of {name!r}: the first is taken", several)
        out[name] = first.fillna(UNKNOWN).to_numpy(dtype=object)
    return pd.DataFrame(out, index=pd.Index(learners, dtype=object, name="learner"))


def published(table: Placed, source: Source, rows: Rows) -> NDArray[np.int64] | None:
    """The published fold in which each learner is held out, -1 for always in training; shape (n_learners,).

    Raises:
        UserError: a learner is in several parts, or in one that the card does not know.
    """
    if source.published is None:
        return None
    column, folds = source.published.column, source.published.folds
    first, several = _first(rows.traits[column], rows)
    if several:
        raise UserError(
            f"{table.path}: {several} learners are in several parts of the split {column!r}; one was expected."
        )
    fold = first.map(dict(folds))
    if (bad := fold.isna().to_numpy()).any():
        row = np.flatnonzero(np.diff(rows.learner.code, prepend=-1))[bad.argmax()]
        known = ", ".join(map(repr, folds))
        raise table.error(int(rows.at[row]), column, f"no part of the published split; expected one of {known}.")
    return np.asarray(fold, dtype=np.int64)


def _first(cells: Column, rows: Rows) -> "tuple[pd.Series[str], int]":
    """The first value that each learner has in a column (null for none), and how many learners have another too."""
    texts = pd.Series(cells.texts[cells.code]).replace("", None)
    grouped = texts.groupby(rows.learner.code, sort=False)
    return grouped.first(), int((grouped.nunique() > 1).sum())
