"""What metrics of scored answers share: one part at a time, and over all answers or question by question."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Computed, Note, Statistic, Sums, no_note
from attain.core.table import Rows
from attain.metrics._answers import NO_ANSWERS, joined_notes, judged, rows_of_units

Floats = NDArray[np.float64]


def needs(columns: str, part: str | None) -> str:
    """The columns, and that of the parts where one is named."""
    return f"{columns} part" if part else columns


def of_part(rows: Rows, part: str | None) -> tuple[Rows, str]:
    """The judged rows of a part, or of all; and why there are none, "" where there are."""
    rows = judged(rows)
    if part is None:
        return rows, "" if len(rows) else NO_ANSWERS
    own = rows.where(rows.text("part") == part)
    known = ", ".join(map(str, rows.words["part"]))
    return own, "" if len(own) else f"no judged answer is of part {part!r}; there are: {known}"


@dataclass(frozen=True)
class Measure:
    """A number that follows from sums over answers.

    Attributes:
        terms: shape (n, k), what each row adds.
        value: takes sums of shape (some, k), gives shape (some,), NaN where undefined.
        undefined: why it can be.
    """

    terms: Floats
    value: Callable[[Floats], Floats]
    undefined: str


def over_answers(rows: Rows, measure: Measure, empty: str, said: Note = no_note) -> Statistic:
    """The measure on all rows together."""
    by_unit = np.column_stack([rows.sum_by_unit(term) for term in measure.terms.T])
    return Sums(by_unit, measure.value, empty or measure.undefined, said, rows_of_units(rows))


def over_questions(rows: Rows, measure: Measure, empty: str, said: Note = no_note) -> Statistic:
    """The mean over questions of the measure on each one's rows; questions where it is undefined are left out, and
    counted. A question that was drawn twice counts twice, where questions are drawn."""
    codes, at = np.unique(rows["item"].astype(np.int64), return_inverse=True)
    own = [np.flatnonzero(at == code) for code in range(len(codes))]
    drawn = all(len(np.unique(rows.unit[places])) == 1 for places in own)

    def by_question(weights: Floats) -> tuple[Floats, Floats]:
        """Values and weights of the questions, each of shape (replicates, n_questions)."""
        values, counts = np.full((len(weights), len(own)), np.nan), np.zeros((len(weights), len(own)))
        for question, places in enumerate(own):
            of_rows = weights[:, rows.unit[places]]
            present = of_rows.sum(axis=1) > 0
            counts[:, question] = of_rows[:, 0] if drawn else present
            with np.errstate(divide="ignore", invalid="ignore"):
                values[present, question] = measure.value(of_rows[present] @ measure.terms[places])
        return values, counts

    def mean(weights: Floats) -> Floats:
        values, counts = by_question(weights)
        counts = np.where(np.isnan(values), 0, counts)
        total = counts.sum(axis=1)
        summed = (np.nan_to_num(values) * counts).sum(axis=1)
        return np.where(total > 0, summed / np.maximum(total, 1), np.nan)

    def left_out(weights: Floats) -> str:
        values, counts = by_question(weights[None])
        here = counts[0] > 0
        none = int((here & np.isnan(values[0])).sum())
        return f"{none} of {int(here.sum())} questions left out: {measure.undefined}" if none else ""

    undefined = empty or f"undefined for every question: {measure.undefined}"
    return Computed(mean, rows_of_units(rows), undefined, joined_notes(left_out, said))
