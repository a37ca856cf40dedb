"""A learner's practice of one skill, and when it was mastered.

A learner's opportunities on a skill count from 1, in order, from the learner's first answer in the data: under a split
by time the practice before the cut is read too (grain `practice`), for practice does not begin at the cut. A skill not
mastered by its last opportunity is censored there: neither mastered nor left out.

Rules of mastery:
    three_in_a_row   three right answers on the skill, one after the other (Kelly, Wang, Thompson & Heffernan 2015);
                     `two_in_a_row` to `ten_in_a_row` likewise
    ema>=0.9         an exponential moving average of the answers, from 0 before the first (Pelanek & Rihak 2017)
    model>=0.95      the model's own probability that the skill is known
    truth            what is so, where learners are simulated; a skill may be known before the first opportunity
"""

import re
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from attain.core.compiled import compiled
from attain.core.direction import Direction
from attain.core.table import Rows
from attain.metrics._answers import judged

IN_A_ROW = "three_in_a_row"
TRUTH = "truth"
EMA_KEEPS = 0.8
"""How much of an exponential moving average an answer leaves; 1 minus this is the weight of the answer itself."""
NEVER = -1
"""Where another count would stand the opportunity at which a skill was mastered."""
STREAK, MODEL, AVERAGE = 0, 1, 2
"""Kinds of rules that read answer by answer."""
_COUNTS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
_IN_A_ROW = re.compile(rf"({'|'.join(_COUNTS)})_in_a_row")
_LEVEL = re.compile(r"(model|ema)>=(0?\.\d+|[01](?:\.0*)?)")
_TINY = 1e-12
"""Allowed for rounding: five right answers make an average of 0.67232 exactly, and sums in floats a little less."""


def _rule(text: str) -> str:
    if text == TRUTH or _IN_A_ROW.fullmatch(text):
        return text
    if (match := _LEVEL.fullmatch(text)) and not (match[1] == "ema" and float(match[2]) == 1):
        return f"{match[1]}>={float(match[2])!r}".removesuffix(".0")
    if match:
        raise ValueError("A moving average of answers comes near 1 and never reaches it; expected a share below 1")
    raise ValueError(
        "Expected 'three_in_a_row' (two to ten), or 'model>=' or 'ema>=' and a share, such as 'model>=0.95', or 'truth'"
    )


Rule = Annotated[str, AfterValidator(_rule)]


def needs_of_rule(rule: str, *_: object) -> str:
    """The columns that a metric of practice reads under a rule, whatever its other parameters."""
    more = " mastery" if of_model(rule) else " known_at" if rule == TRUTH else ""
    return "example target skill step" + more


def of_model(rule: str) -> bool:
    """Whether a rule reads what a model says, and so tells of the model rather than of learners."""
    return rule.startswith("model")


def less(rule: str, *_: object) -> Direction:
    """Less is better, but for what a model says of itself."""
    return "none" if of_model(rule) else "min"


def more(rule: str, *_: object) -> Direction:
    """More is better, but for what a model says of itself."""
    return "none" if of_model(rule) else "max"


def soonest(rule: str) -> int:
    """The opportunity from which on right answers alone can meet a rule; 0 where none is needed."""
    if rule == TRUTH:
        return 0
    kind, level = _parts(rule)
    if kind == AVERAGE:
        return next(k for k in range(1, 10_000) if 1 - EMA_KEEPS**k >= level - _TINY)
    return int(level) if kind == STREAK else 1


@dataclass(frozen=True)
class Practice:
    """A learner's practice of one skill, one entry each.

    Attributes:
        unit: shape (n,), codes of the learners.
        opportunities: shape (n,), how many there were.
        mastered_at: shape (n,), the opportunity at which the rule first held, 0 before the first, `NEVER` for never.
        at_end: shape (n,), whether the rule held at the last opportunity.
        pair: shape (n_rows,), the entry that each row belongs to.
        rows: the rows, shape (n_rows,).
    """

    unit: NDArray[np.int32]
    opportunities: NDArray[np.int64]
    mastered_at: NDArray[np.int64]
    at_end: NDArray[np.bool_]
    pair: NDArray[np.int64]
    rows: Rows

    @classmethod
    def of(cls, rows: Rows, rule: str) -> "Practice":
        """Read the practice from rows sorted by learner, skill and step; answers that the rule cannot judge are out."""
        rows = judged(rows)
        if of_model(rule) or rule == TRUTH:
            said = rows.numbers("mastery" if of_model(rule) else "known_at")
            rows = rows.where(~np.isnan(said))
        start = rows.practice_start
        opportunities = np.diff(np.append(start, len(rows)))
        if rule == TRUTH:
            known_at = rows.numbers("known_at")[start].astype(np.int64)
            at = np.where(known_at <= opportunities, known_at, NEVER)
            at_end = at != NEVER
        else:
            mastery = rows.numbers("mastery") if of_model(rule) else np.empty(0)
            at, at_end = find_mastery(start, rows.numbers("target"), mastery, *_parts(rule))
        return cls(rows.unit[start], opportunities, at, at_end, np.repeat(np.arange(len(start)), opportunities), rows)

    @property
    def mastered(self) -> NDArray[np.bool_]:
        """Whether the rule ever held; shape (n,)."""
        return np.asarray(self.mastered_at != NEVER)

    @property
    def watched(self) -> NDArray[np.int64]:
        """Opportunities up to mastery, or to the last one; shape (n,)."""
        return np.where(self.mastered, self.mastered_at, self.opportunities)

    @property
    def started(self) -> NDArray[np.float64]:
        """How many skills each learner has begun; shape (n_units,)."""
        return self.sum_by_unit(np.ones(len(self.unit)))

    @property
    def answers(self) -> NDArray[np.float64]:
        """How many opportunities each learner has had on all skills together; shape (n_units,)."""
        return self.sum_by_unit(self.opportunities)

    def sum_by_unit(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Sum of `values`, shape (n,), over each learner's skills; shape (n_units,)."""
        return Rows({}, self.unit, self.rows.units).sum_by_unit(values)

    def n_rows(self, wanted: NDArray[np.bool_]) -> NDArray[np.float64]:
        """How many rows the wanted entries of each learner have; shape (n_units,)."""
        return self.sum_by_unit(np.where(wanted, self.opportunities, 0))


def _parts(rule: str) -> tuple[int, float]:
    """Kind and level of a rule that reads answer by answer, as `find_mastery` has them."""
    if match := _IN_A_ROW.fullmatch(rule):
        return STREAK, float(_COUNTS[match[1]])
    return MODEL if of_model(rule) else AVERAGE, float(rule.partition(">=")[2])


@compiled
def find_mastery(
    start: NDArray[np.int64], right: NDArray[np.float64], mastery: NDArray[np.float64], kind: int, level: float
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """When the rule first holds in each practice, and whether it holds at its end; one pass over the answers.

    Args:
        start: where each practice begins among the rows.
        right: of each row, above 0.5 for right.
        mastery: of each row, what the model says; read for `MODEL` only.
        kind: `STREAK`, `MODEL` or `AVERAGE`.
        level: how many in a row, or from which value the rule holds.

    Returns:
        The opportunity, from 1, or -1 for never; and whether the last one leaves the rule fulfilled.
    """
    first = np.full(len(start), -1, dtype=np.int64)
    at_end = np.zeros(len(start), dtype=np.bool_)
    for p in range(len(start)):
        end = start[p + 1] if p + 1 < len(start) else len(right)
        streak, average, holds = 0, 0.0, False
        for row in range(start[p], end):
            if kind == 1:
                holds = mastery[row] >= level
            elif kind == 0:
                streak = streak + 1 if right[row] > 0.5 else 0
                holds = streak >= level
            else:
                average = EMA_KEEPS * average + (1 - EMA_KEEPS) * (right[row] > 0.5)
                holds = average >= level - _TINY
            if holds and first[p] < 0:
                first[p] = row - start[p] + 1
        at_end[p] = holds
    return first, at_end
