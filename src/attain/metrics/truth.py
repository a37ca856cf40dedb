"""Is a rule of mastery right? Only where learners are simulated can that be said."""

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import counted_note, ratio
from attain.metrics._practice import IN_A_ROW, NEVER, Practice, Rule, needs_of_rule


def _needs_truth(rule: str, *_: object) -> str:
    return f"{needs_of_rule(rule)} known_at"


@metric(direction="max", unit="share", needs=_needs_truth, grain="practice")
def mastery_accuracy(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Share of skills started of which the rule's verdict is true: mastered by the last opportunity, or not.

    A rule that holds once has declared mastery, whatever comes later.
    """
    practice = Practice.of(rows, rule)
    return Sums(sums_of_verdicts(practice), ratio, "of no skill started the truth is known", n_rows=practice.answers)


@metric(direction="none", unit="opportunities", needs=_needs_truth, grain="practice")
def mastery_lag(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Mean opportunities from true mastery to the rule's declaration; below 0 where it declares too soon.

    Over skills that were both declared and truly mastered when last seen; the others are counted in the note.
    """
    practice = Practice.of(rows, rule)
    true_at = _true_at(practice)
    both = practice.mastered & (true_at >= 0)
    lag = np.where(both, practice.mastered_at - true_at, 0)
    done, started = practice.sum_by_unit(both), practice.started
    said = counted_note(started - done, started, "learner-skill pairs left out", "not both declared and truly mastered")
    by_unit = np.column_stack([practice.sum_by_unit(lag), done])
    return Sums(by_unit, ratio, "no skill was both declared and truly mastered", said, practice.answers)


def sums_of_verdicts(practice: Practice) -> NDArray[np.float64]:
    """How many verdicts of each learner's skills are true, and how many there are; shape (n_units, 2)."""
    true_at = _true_at(practice)
    judged = ~np.isnan(true_at)
    right = judged & (practice.mastered == (true_at >= 0))
    return np.column_stack([practice.sum_by_unit(right), practice.sum_by_unit(judged)])


def _true_at(practice: Practice) -> NDArray[np.float64]:
    """The opportunity from which on each skill was truly known, `NEVER` for not by the last, NaN where not known."""
    true_at = practice.rows.numbers("known_at")[practice.rows.practice_start]
    return np.where(true_at > practice.opportunities, NEVER, true_at)
