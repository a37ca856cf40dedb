"""What several metrics need of the rows of answers: those that can be judged, ratios of sums, counts in words."""

import re

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Note, Sums
from attain.core.table import Rows

NO_ANSWERS = "there are no answers"
ONE_CLASS = "all answers are right, or all are wrong"
LONGEST_S = 600.0
"""Seconds at which the duration of one answer is capped: longer ones are breaks, not work."""
DAY_S = 86_400.0


def days(text: str) -> str:
    """A parameter such as `7d`, checked.

    Raises:
        ValueError: it is not a whole number of days.
    """
    if not re.fullmatch(r"[1-9]\d*d", text):
        raise ValueError("Expected days, such as '7d'")
    return text


def judged(rows: Rows) -> Rows:
    """The rows whose target is known."""
    return rows.where(~np.isnan(rows.numbers("target")))


def rows_of_units(rows: Rows) -> NDArray[np.int64]:
    """How many rows each unit has; shape (n_units,)."""
    return np.bincount(rows.unit, minlength=rows.n_units)


def ratio(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """First sum over second; NaN where the second is 0."""
    return np.where(sums[:, 1] > 0, sums[:, 0] / sums[:, 1], np.nan)


def mean_of_rows(rows: Rows, values: NDArray[np.generic], undefined: str = NO_ANSWERS) -> Sums:
    """Mean of `values`, shape (n,), over the rows."""
    count = rows_of_units(rows)
    return Sums(np.column_stack([rows.sum_by_unit(values), count]), ratio, undefined, n_rows=count)


def counted_note(part: NDArray[np.float64], whole: NDArray[np.float64], words: str, because: str) -> Note:
    """A note such as "13 of 830 learners left out: only right or only wrong answers"; none where the part is 0.

    Args:
        part: shape (n_units,), how many of each unit's things are concerned.
        whole: shape (n_units,), how many things each unit has.
        words: what is said of them: "learners left out".
        because: why.
    """

    def said(weights: NDArray[np.float64]) -> str:
        count, total = round(float(weights @ part)), round(float(weights @ whole))
        return f"{count:,} of {total:,} {words}: {because}" if count else ""

    return said


def joined_notes(*notes: Note) -> Note:
    """What each of the notes says, one after the other."""
    return lambda weights: "; ".join(filter(None, (note(weights) for note in notes)))


def capped_note(rows: Rows) -> Note:
    """How many answers took longer than is counted."""
    duration = rows.numbers("duration_s")
    long, known = rows.sum_by_unit(duration > LONGEST_S), rows.sum_by_unit(~np.isnan(duration))
    return counted_note(long, known, f"durations capped at {LONGEST_S:g} s", "they took longer")
