"""A learner's practice of one skill, and when it was mastered.

A learner's opportunities on a skill count from 1, in order, from the learner's first answer in the data: under a split
by time the practice before the cut is read too (grain `practice`), for practice does not begin at the cut. A skill not
mastered by its last opportunity is censored there: neither mastered nor left out.

Rules of mastery:
    three_in_a_row   three right answers on the skill, one after the other (Kelly, Wang, Thompson & Heffernan 2015)
    model>=0.95      the model's own probability that the skill is known
"""

import re
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from attain.core.table import Rows
from attain.metrics._answers import judged

IN_A_ROW = "three_in_a_row"
_MODEL = re.compile(r"model>=(0?\.\d+|[01](?:\.0*)?)")


def _rule(text: str) -> str:
    if text == IN_A_ROW:
        return text
    if match := _MODEL.fullmatch(text):
        return f"model>={float(match[1])!r}".removesuffix(".0")
    raise ValueError("Expected 'three_in_a_row', or 'model>=' and a probability, such as 'model>=0.95'")


Rule = Annotated[str, AfterValidator(_rule)]


def needs_of_rule(rule: str, *_: object) -> str:
    """The columns that a metric of practice reads under a rule, whatever its other parameters."""
    return "example target skill step" + (" mastery" if rule != IN_A_ROW else "")


@dataclass(frozen=True)
class Practice:
    """A learner's practice of one skill, one entry each.

    Attributes:
        unit: shape (n,), codes of the learners.
        opportunities: shape (n,), how many there were.
        mastered_at: shape (n,), the opportunity at which the rule first held, 0 where it never did.
        pair: shape (n_rows,), the entry that each row belongs to.
        rows: the rows, shape (n_rows,).
    """

    unit: NDArray[np.int32]
    opportunities: NDArray[np.int64]
    mastered_at: NDArray[np.int64]
    pair: NDArray[np.int64]
    rows: Rows

    @classmethod
    def of(cls, rows: Rows, rule: str) -> "Practice":
        """Read the practice from rows sorted by learner, skill and step; answers that the rule cannot judge are out."""
        rows = judged(rows)
        if rule != IN_A_ROW:
            rows = rows.where(~np.isnan(rows.numbers("mastery")))
        start, number = rows.practice_start, rows.place
        opportunities = np.diff(np.append(start, len(rows)))
        pair = np.repeat(np.arange(len(start)), opportunities)
        never = len(rows) + 1
        first = np.full(len(start), never)
        np.minimum.at(first, pair, np.where(_holds(rows, rule), number, never))
        return cls(rows.unit[start], opportunities, np.where(first == never, 0, first), pair, rows)

    @property
    def mastered(self) -> NDArray[np.bool_]:
        """Whether the rule ever held; shape (n,)."""
        return self.mastered_at > 0

    @property
    def watched(self) -> NDArray[np.int64]:
        """Opportunities up to mastery, or to the last one; shape (n,)."""
        return np.where(self.mastered, self.mastered_at, self.opportunities)

    def sum_by_unit(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Sum of `values`, shape (n,), over each learner's skills; shape (n_units,)."""
        return Rows({}, self.unit, self.rows.units).sum_by_unit(values)

    def n_rows(self, wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
        """How many rows the wanted entries of each learner have; shape (n_units,)."""
        return self.sum_by_unit(np.where(wanted, self.opportunities, 0))


def _holds(rows: Rows, rule: str) -> NDArray[np.bool_]:
    """Whether the rule holds just after each row's answer; shape (n_rows,)."""
    if rule != IN_A_ROW:
        return rows.numbers("mastery") >= float(rule.removeprefix("model>="))
    right = rows.numbers("target") > 0.5
    three = right.copy()
    three[1:] &= right[:-1]
    three[2:] &= right[:-2]
    return three & (rows.place >= 3)
