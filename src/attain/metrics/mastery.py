"""How long until a skill is mastered, and how many are by then.

All read one row an answer and skill, those before the cut of a split by time too; what a rule of mastery is stands in
`_practice.py`. Skills not mastered when last seen are censored, and the Kaplan-Meier curve takes care of that as long
as learners do not stop because of what their next answers would have been; a tutor that stops practice when its model
declares mastery breaks it for `model>=...`, and where leavers do better or worse than those who stay a note says so.

The rule `model>=...` says how soon this model *declares* mastery. Sooner is not better there, so that these metrics
have no direction; with `three_in_a_row` they do not depend on the model at all and tell cohorts and courses apart.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.metric import Computed, Note, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import DAY_S, LONGEST_S, capped_note, counted_note, joined_notes, ratio
from attain.metrics._leaving import leaving_note
from attain.metrics._practice import IN_A_ROW, Practice, Rule, less, more, needs_of_rule, of_model, soonest
from attain.metrics._survival import Watched

Opportunities = Annotated[int, Field(ge=1)]
Days = Annotated[float, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]


def _needs_duration(rule: str, *_: object) -> str:
    return f"{needs_of_rule(rule)} duration_s"


def _needs_time(rule: str, *_: object) -> str:
    return f"{needs_of_rule(rule)} time_s"


@metric(direction=less, unit="opportunities", needs=needs_of_rule, grain="practice", source="Royston & Parmar 2013")
def time_to_mastery_opportunities(rows: Rows, rule: Rule = IN_A_ROW, until: Opportunities = 20) -> Statistic:
    """Mean opportunities until a skill is mastered, of the first `until` ones: the Kaplan-Meier restricted mean."""
    return _opportunities(rows, rule, until)


@metric(direction=less, unit="opportunities", needs=needs_of_rule, grain="practice", source="Kaplan & Meier 1958")
def time_to_mastery_median_opportunities(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Opportunities by which half of the skills started are mastered (Kaplan-Meier)."""
    return _opportunities(rows, rule, None)


@metric(direction=less, unit="seconds", needs=_needs_duration, grain="practice", source="Royston & Parmar 2013")
def time_to_mastery_active_seconds(rows: Rows, rule: Rule = IN_A_ROW, until: Seconds = 600.0) -> Statistic:
    """Mean seconds of answering until a skill is mastered, of the first `until` ones: the restricted mean.

    Durations are capped at 600 s each. An answer with several skills takes its time on each of them.
    """
    return _active_seconds(rows, rule, until)


@metric(direction=less, unit="seconds", needs=_needs_duration, grain="practice", source="Kaplan & Meier 1958")
def time_to_mastery_median_active_seconds(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Seconds of answering by which half of the skills started are mastered (Kaplan-Meier), capped at 600 s each."""
    return _active_seconds(rows, rule, None)


@metric(direction=less, unit="days", needs=_needs_time, grain="practice", source="Royston & Parmar 2013")
def time_to_mastery_days(rows: Rows, rule: Rule = IN_A_ROW, until: Days = 30.0) -> Statistic:
    """Mean days by the calendar from the first answer on a skill to its mastery, of the first `until` ones.

    The restricted mean, as with opportunities; days without practice count. Answers without a time are left out.
    """
    return _days(rows, rule, until)


@metric(direction=less, unit="days", needs=_needs_time, grain="practice", source="Kaplan & Meier 1958")
def time_to_mastery_median_days(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Days by the calendar, from the first answer on, by which half of the skills started are mastered."""
    return _days(rows, rule, None)


@metric(direction=more, unit="share", needs=needs_of_rule, grain="practice", source="Kaplan & Meier 1958")
def mastered_share(rows: Rows, rule: Rule = IN_A_ROW, by: Opportunities = 10) -> Statistic:
    """Share of skills started that are mastered by that opportunity (Kaplan-Meier)."""
    practice = Practice.of(rows, rule)
    watched = Watched.of(practice.watched.astype(np.float64), practice.mastered, practice.unit)
    said = joined_notes(_censored(practice), leaving_note(practice))
    return Computed(watched.reached(by), practice.answers, _too_long(watched, by, "opportunities"), said)


@metric(direction=more, unit="share", needs=needs_of_rule, grain="practice", source="Aalen & Johansen 1978")
def dropout_adjusted_mastery(rows: Rows, rule: Rule = IN_A_ROW, by: Opportunities = 10) -> Statistic:
    """Share of skills started that are mastered by that opportunity, where leaving before is never to master it.

    The cumulative incidence of mastery with leaving as the competing event; below `mastered_share`, which asks what
    would be if nobody left. A course cannot gain in it by losing those who learn slowly.
    """
    practice = Practice.of(rows, rule)
    done = practice.mastered & (practice.mastered_at <= by)
    left = practice.sum_by_unit(~done & (practice.opportunities < by))
    said = counted_note(left, practice.started, "learner-skill pairs count as not mastered", "left before")
    by_unit = np.column_stack([practice.sum_by_unit(done), practice.started])
    return Sums(by_unit, ratio, "no skill was started", said, practice.answers)


@metric(direction="none", unit="share", needs=needs_of_rule, grain="practice", source="Gong & Beck 2015")
def already_known_share(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Share of skills started whose first answers were all right and met the rule at once: known before practice.

    At once means at the third answer for `three_in_a_row`, as soon as right answers alone can do it for `ema>=...`, at
    the first answer for `model>=...`, and before it for `truth`.
    """
    practice = Practice.of(rows, rule)
    known = practice.mastered & (practice.mastered_at == soonest(rule))
    by_unit = np.column_stack([practice.sum_by_unit(known), practice.started])
    return Sums(by_unit, ratio, "no skill was started", n_rows=practice.answers)


def _opportunities(rows: Rows, rule: str, until: float | None) -> Computed:
    practice = Practice.of(rows, rule)
    everyone = np.ones(len(practice.unit), dtype=bool)
    return _time(practice, rule, practice.watched.astype(np.float64), everyone, until, "opportunities")


def _active_seconds(rows: Rows, rule: str, until: float | None) -> Computed:
    """Capped seconds up to mastery or the last opportunity; pairs with an unknown one among them are left out."""
    practice = Practice.of(rows, rule)
    duration = practice.rows.numbers("duration_s")
    counts = practice.rows.place <= practice.watched[practice.pair]
    missing = np.bincount(practice.pair, counts & np.isnan(duration), len(practice.unit)) > 0
    capped = np.where(counts & ~np.isnan(duration), np.minimum(duration, LONGEST_S), 0)
    time = np.bincount(practice.pair, capped, len(practice.unit)).astype(np.float64)
    left_out = practice.sum_by_unit(missing)
    said = counted_note(left_out, practice.started, "learner-skill pairs left out", "a duration is not known")
    return _time(practice, rule, time, ~missing, until, "seconds", said, capped_note(practice.rows))


def _days(rows: Rows, rule: str, until: float | None) -> Computed:
    practice = Practice.of(rows.where(~np.isnan(rows.numbers("time_s"))), rule)
    time_s, start = practice.rows.numbers("time_s"), practice.rows.practice_start
    days = (time_s[start + (practice.watched - 1).clip(0)] - time_s[start]) / DAY_S
    everyone = np.ones(len(practice.unit), dtype=bool)
    return _time(practice, rule, days.clip(0), everyone, until, "days")


def _time(
    practice: Practice,
    rule: str,
    time: NDArray[np.float64],
    known: NDArray[np.bool_],
    until: float | None,
    unit: str,
    *further: Note,
) -> Computed:
    """Restricted mean up to `until`, or the median for None, of the time to mastery.

    Args:
        practice: entries of learners and skills.
        rule: of mastery.
        time: shape (n,), up to mastery or as long as the pair was seen.
        known: shape (n,), which entries are counted.
        until: where the mean ends.
        unit: of the time.
        further: what else is to be said.
    """
    watched = Watched.of(time[known], practice.mastered[known], practice.unit[known])
    compute = watched.median() if until is None else watched.restricted_mean(until)
    why = "fewer than half ever master the skill" if until is None else _too_long(watched, until, unit)
    said = joined_notes(_censored(practice), *_declared(rule), leaving_note(practice), *further)
    return Computed(compute, practice.n_rows(known), why, said)


def _declared(rule: str) -> list[Note]:
    """What must be said where practice may have ended because the same model declared mastery."""
    if not of_model(rule):
        return []
    return [lambda _: "if practice ends when this model declares mastery, those seen longer are the slower ones"]


def _too_long(watched: Watched, until: float, unit: str) -> Note:
    def said(weights: NDArray[np.float64]) -> str:
        longest = watched.time[weights[watched.unit] > 0].max(initial=0)
        return (
            f"no one is seen for {until:g} {unit}, {longest:.0f} at most; a smaller number in the metric's id would do"
        )

    return said


def _censored(practice: Practice) -> Note:
    open_ = practice.sum_by_unit(~practice.mastered)
    return counted_note(open_, practice.started, "learner-skill pairs censored", "not mastered when last seen")
