"""Generated pieces as rows of a table: their texts, what stands beside them, and which were not delivered."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.metric import Note, Sums
from attain.core.table import Rows
from attain.metrics._answers import counted_note, joined_notes, mean_of_rows

NO_PIECES = "no piece was delivered"
NO_REFERENCE = "no piece has a reference"
NONE_AGAINST = "no piece that has a reference was delivered"
NOT_DELIVERED = ("empty", "refused", "failed")
"""Values of `state`; the other one is `ok`."""
T = TypeVar("T")


def delivered(rows: Rows) -> NDArray[np.bool_]:
    """Which pieces have a text that is more than spaces; shape (n,)."""
    return np.array([bool(text.strip()) for text in rows.text("text")], dtype=bool)


def each(rows: Rows, name: str, read: Callable[[str], T]) -> list[T]:
    """What `read` makes of a text column, row by row; equal texts are read once."""
    made: dict[str, T] = {}
    return [made[text] if text in made else made.setdefault(text, read(text)) for text in rows.text(name)]


def texts_in(rows: Rows, name: str) -> list[tuple[str, ...]]:
    """The texts in a column of JSON lists, row by row, without blank ones; none where it is missing.

    Raises:
        UserError: a value is not a list of texts.
    """

    def read(text: str) -> tuple[str, ...]:
        try:
            found = json.loads(text) if text else []
        except json.JSONDecodeError:
            found = None
        if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
            raise UserError(f'Column {name!r}: {text[:60]!r} is not a JSON list of texts, such as ["one", "two"].')
        return tuple(one for one in found if one.strip())

    return each(rows, name, read)


def not_delivered(rows: Rows, because: str) -> Note:
    """Such as "not delivered: 2 empty, 1 failed of 200 pieces; they count as empty texts"; nothing where all are.

    Args:
        rows: pieces.
        because: what is made of them.
    """
    missing = ~delivered(rows)
    state = rows.text("state") if "state" in rows.words else np.full(len(rows), "empty", dtype=object)
    names = np.where(np.isin(state, NOT_DELIVERED), state, "empty")
    counts = [(name, rows.sum_by_unit(missing & (names == name))) for name in NOT_DELIVERED]
    whole = rows.sum_by_unit(np.ones(len(rows)))

    def said(weights: NDArray[np.float64]) -> str:
        known = [(name, round(float(weights @ count))) for name, count in counts]
        parts = ", ".join(f"{count:,} {name}" for name, count in known if count)
        return f"not delivered: {parts} of {round(float(weights @ whole)):,} pieces; {because}" if parts else ""

    return said


def without_reference(rows: Rows, known: NDArray[np.bool_]) -> Note:
    """How many pieces are left out; `known`, shape (n,), are those that have a reference."""
    whole = rows.sum_by_unit(np.ones(len(rows)))
    return counted_note(rows.sum_by_unit(~known), whole, "pieces left out", "they have no reference")


def if_any_delivered(found: Sums, rows: Rows) -> Sums:
    """A score of pieces against their references; without a value where none of these pieces was delivered.

    Some delivered among many are another thing: there an empty piece stays in and scores 0, or whoever refuses the hard
    prompts would look better. Hence this is asked of all rows at once, and not under weights.
    """
    if not len(rows) or delivered(rows).any():
        return found
    return replace(found, value=lambda sums: np.full(len(sums), np.nan), undefined=NONE_AGAINST)


def mean_of_delivered(
    rows: Rows,
    values: Sequence[float] | NDArray[np.generic],
    *,
    known: NDArray[np.bool_] | None = None,
    lacks: str = "",
) -> Sums:
    """Mean of a value of each piece that was delivered, with what is left out beside it.

    Args:
        rows: pieces.
        values: shape (n,); read for delivered pieces alone.
        known: shape (n,), for which of them there is a value; all where not given.
        lacks: why not for the others: "the prompt has no passage".
    """
    here = delivered(rows)
    use = here if known is None else here & known
    mean = mean_of_rows(rows.where(use), np.asarray(values, dtype=np.float64)[use])
    left_out = counted_note(rows.sum_by_unit(here & ~use), rows.sum_by_unit(here), "pieces left out", lacks)
    said = joined_notes(not_delivered(rows, "they are left out"), left_out)
    undefined = lacks if lacks and here.any() and not use.any() else NO_PIECES
    return Sums(mean.by_unit, mean.value, undefined, said, mean.n_rows)
