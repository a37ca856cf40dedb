"""Does mastery last? The first time that a rule holds is not the last word where learners forget."""

from typing import Annotated

import numpy as np
from pydantic import AfterValidator

from attain.core.metric import Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import DAY_S, counted_note, days, ratio
from attain.metrics._practice import IN_A_ROW, Practice, Rule, more, needs_of_rule

After = Annotated[str, AfterValidator(days)]


def _needs_time(rule: str, *_: object) -> str:
    return f"{needs_of_rule(rule)} time_s"


@metric(direction=more, unit="share", needs=needs_of_rule, grain="practice")
def mastered_at_end(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Share of skills started of which the rule holds at the last opportunity, lost mastery not counted.

    The note says of how many skills mastery was reached and lost again. Knowledge that a simulator calls known is never
    lost, so `truth` has no such skills.
    """
    practice = Practice.of(rows, rule)
    lost = practice.sum_by_unit(practice.mastered & ~practice.at_end)
    said = counted_note(
        lost, practice.sum_by_unit(practice.mastered), "mastered skills not so at the end", "lost again"
    )
    by_unit = np.column_stack([practice.sum_by_unit(practice.at_end), practice.started])
    return Sums(by_unit, ratio, "no skill was started", said, practice.answers)


@metric(direction=more, unit="share", needs=_needs_time, grain="practice")
def retained_share(rows: Rows, rule: Rule = IN_A_ROW, after: After = "7d") -> Statistic:
    """Share right of the first answers on a skill that come so many days or more after its mastery.

    Skills mastered and not asked again after that time say nothing; the note counts them. Skills that come up again may
    be those that were chosen for review, so that this tells of what was asked.
    """
    practice = Practice.of(rows.where(~np.isnan(rows.numbers("time_s"))), rule)
    time_s, start = practice.rows.numbers("time_s"), practice.rows.practice_start
    since = time_s[start + (practice.watched - 1).clip(0)] + DAY_S * float(after.removesuffix("d"))
    later = np.flatnonzero(
        practice.mastered[practice.pair]
        & (practice.rows.place > practice.watched[practice.pair])
        & (time_s >= since[practice.pair])
    )
    pair, first = np.unique(practice.pair[later], return_index=True)
    asked, right = np.zeros(len(practice.unit)), np.zeros(len(practice.unit))
    asked[pair], right[pair] = 1, practice.rows.numbers("target")[later[first]]
    reached, known = practice.sum_by_unit(practice.mastered), practice.sum_by_unit(asked)
    said = counted_note(reached - known, reached, "mastered skills left out", f"not asked {after} later")
    by_unit = np.column_stack([practice.sum_by_unit(right), known])
    return Sums(by_unit, ratio, f"no mastered skill was asked {after} later", said, known)
