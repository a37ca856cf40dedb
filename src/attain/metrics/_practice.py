"""A learner's practice of one skill, and when it was mastered.

A learner's opportunities on a skill count from 1, in order, from the learner's first answer in the data: under a split
by time the practice before the cut is read too (grain `practice`), for practice does not begin at the cut. A skill not
mastered by its last opportunity is censored there: neither mastered nor left out.

Rules of mastery:
    three_in_a_row   three right answers on the skill, one after the other (Kelly, Wang, Thompson & Heffernan 2015)
    ema>=0.9         an exponential moving average of the answers, from 0 before the first (Pelanek & Rihak 2017)
    model>=0.95      the model's own probability that the skill is known
"""

import re
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from attain.core.compiled import compiled
from attain.core.table import Rows
from attain.metrics._answers import judged

IN_A_ROW = "three_in_a_row"
EMA_KEEPS = 0.8
"""How much of an exponential moving average an answer leaves; 1 minus this is the weight of the answer itself."""
_LEVEL = re.compile(r"(model|ema)>=(0?\.\d+|[01](?:\.0*)?)")


def _rule(text: str) -> str:
    if text == IN_A_ROW:
        return text
    if match := _LEVEL.fullmatch(text):
        return f"{match[1]}>={float(match[2])!r}".removesuffix(".0")
    raise ValueError("Expected 'three_in_a_row', or 'model>=' or 'ema>=' and a share, such as 'model>=0.95'")


Rule = Annotated[str, AfterValidator(_rule)]


def needs_of_rule(rule: str, *_: object) -> str:
    """The columns that a metric of practice reads under a rule, whatever its other parameters."""
    return "example target skill step" + (" mastery" if of_model(rule) else "")


def of_model(rule: str) -> bool:
    """Whether a rule reads what a model says, and so tells of the model rather than of learners."""
    return rule.startswith("model")


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
        level, mastery = 0.0, np.empty(0)
        if rule != IN_A_ROW:
            level = float(rule.partition(">=")[2])
        if of_model(rule):
            rows = rows.where(~np.isnan(rows.numbers("mastery")))
            mastery = rows.numbers("mastery")
        kind = 0 if rule == IN_A_ROW else 1 if of_model(rule) else 2
        start = rows.practice_start
        opportunities = np.diff(np.append(start, len(rows)))
        at = _first_mastered(start, rows.numbers("target"), mastery, kind, level)
        return cls(rows.unit[start], opportunities, at, np.repeat(np.arange(len(start)), opportunities), rows)

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


@compiled
def _first_mastered(
    start: NDArray[np.int64], right: NDArray[np.float64], mastery: NDArray[np.float64], kind: int, level: float
) -> NDArray[np.int64]:
    """The opportunity of each practice at which the rule first holds, 0 for never; one pass over the answers.

    Args:
        start: where each practice begins among the rows.
        right: of each row, above 0.5 for right.
        mastery: of each row, what the model says; read for kind 1 only.
        kind: 0 three in a row, 1 the model, 2 the moving average.
        level: from which the rule holds, for kinds 1 and 2.
    """
    out = np.zeros(len(start), dtype=np.int64)
    for p in range(len(start)):
        end = start[p + 1] if p + 1 < len(start) else len(right)
        streak, average = 0, 0.0
        for row in range(start[p], end):
            if kind == 1:
                holds = mastery[row] >= level
            elif kind == 0:
                streak = streak + 1 if right[row] > 0.5 else 0
                holds = streak >= 3
            else:
                average = EMA_KEEPS * average + (1 - EMA_KEEPS) * (right[row] > 0.5)
                holds = average >= level
            if holds:
                out[p] = row - start[p] + 1
                break
    return out
