"""How much practice is in vain: after mastery, broken off before it, or going nowhere."""

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Note, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import counted_note, ratio
from attain.metrics._practice import IN_A_ROW, TRUTH, Practice, Rule, less, needs_of_rule
from attain.metrics.truth import sums_of_verdicts

WHEEL_SPINNING = 10
"""Opportunities without mastery from which a learner is said to spin wheels."""


@metric(direction=less, unit="share", needs=needs_of_rule, grain="practice", source="Cen, Koedinger & Junker 2007")
def over_practice_rate(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Share of opportunities that came after the skill was mastered.

    Says nothing good about a rule that declares mastery too soon. Where the truth is known, the note says beside it how
    often the rule is right (`mastery_accuracy`); elsewhere, that nobody knows.
    """
    practice = Practice.of(rows, rule)
    beyond = np.where(practice.mastered, practice.opportunities - practice.mastered_at, 0)
    by_unit = np.column_stack([practice.sum_by_unit(beyond), practice.answers])
    return Sums(by_unit, ratio, "there are no opportunities", _how_true(practice, rule), practice.answers)


@metric(direction=less, unit="share", needs=needs_of_rule, grain="practice", source="Cen, Koedinger & Junker 2007")
def under_practice_rate(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Share of skills started that were left before they were mastered."""
    practice = Practice.of(rows, rule)
    by_unit = np.column_stack([practice.sum_by_unit(~practice.mastered), practice.started])
    return Sums(by_unit, ratio, "no skill was started", _how_true(practice, rule), practice.answers)


@metric(direction="min", unit="share", needs="target skill step", grain="practice", source="Beck & Gong 2013")
def wheel_spinning_rate(rows: Rows) -> Statistic:
    """Share of skills with 10 opportunities and no three right in a row, of those decided by the tenth.

    Decided means: mastered by the tenth, or seen ten times without. The others are indeterminate and left out.
    """
    mastered, spinning, open_ = _wheels(rows)
    by_unit = np.column_stack([spinning, spinning + mastered])
    said = counted_note(
        open_, open_ + spinning + mastered, "learner-skill pairs left out", "left before 10 opportunities"
    )
    return Sums(by_unit, ratio, "no skill is mastered or seen ten times", said)


@metric(direction="none", unit="share", needs="target skill step", grain="practice", source="Beck & Gong 2013")
def wheel_spinning_indeterminate_share(rows: Rows) -> Statistic:
    """Share of skills left before 10 opportunities without three right in a row, of all started."""
    mastered, spinning, open_ = _wheels(rows)
    return Sums(np.column_stack([open_, open_ + spinning + mastered]), ratio, "no skill was started")


def _how_true(practice: Practice, rule: str) -> Note:
    """How often the rule is right, where that is known."""
    if rule == TRUTH:
        return lambda _: ""
    if "known_at" not in practice.rows.columns:
        return lambda _: "whether mastery is true is not known here"
    sums = sums_of_verdicts(practice)

    def said(weights: NDArray[np.float64]) -> str:
        right, judged = weights @ sums
        return f"mastery_accuracy {right / judged:.3f}" if judged else "whether mastery is true is not known here"

    return said


def _wheels(rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each learner's skills, how many are mastered within 10 opportunities, spin, and are undecided."""
    practice = Practice.of(rows, IN_A_ROW)
    mastered = practice.mastered & (practice.mastered_at <= WHEEL_SPINNING)
    long = practice.opportunities >= WHEEL_SPINNING
    parts = (mastered, ~mastered & long, ~mastered & ~long)
    return practice.sum_by_unit(parts[0]), practice.sum_by_unit(parts[1]), practice.sum_by_unit(parts[2])
