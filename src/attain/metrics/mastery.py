"""How much practice until a skill is mastered, and how much of it is in vain.

All read one row an answer and skill, those before the cut of a split by time too; what a rule of mastery is stands in
`_practice.py`. Skills not mastered when last
seen are censored, and the Kaplan-Meier curve takes care of that as long as learners do not stop because of what their
next answers would have been; a tutor that stops practice when its model declares mastery breaks it for `model>=...`.

The rule `model>=...` says how soon this model *declares* mastery. Sooner is not better there, so that these metrics
have no direction; with `three_in_a_row` they do not depend on the model at all and tell cohorts and courses apart.
"""

from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.metric import Computed, Direction, Note, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import counted_note, joined_notes, ratio
from attain.metrics._practice import EMA_KEEPS, IN_A_ROW, Practice, Rule, needs_of_rule, of_model
from attain.metrics._survival import Watched

LONGEST_S = 600.0
"""Seconds at which the duration of one answer is capped: longer ones are breaks, not work."""
WHEEL_SPINNING = 10
"""Opportunities without mastery from which a learner is said to spin wheels."""

DAY_S = 86_400.0
Opportunities = Annotated[int, Field(ge=1)]
Days = Annotated[float, Field(gt=0)]
Seconds = Annotated[float, Field(gt=0)]


def _needs_duration(rule: str, *_: object) -> str:
    return f"{needs_of_rule(rule)} duration_s"


def _needs_time(rule: str, *_: object) -> str:
    return f"{needs_of_rule(rule)} time_s"


def _informative(rule: str) -> list[Note]:
    """What must be said where practice may have ended because the same model declared mastery."""
    if not of_model(rule):
        return []
    return [lambda _: "if practice ends when this model declares mastery, those seen longer are the slower ones"]


def _soonest(rule: str) -> int:
    """The first opportunity at which right answers alone can meet a rule."""
    if rule == IN_A_ROW:
        return 3
    if of_model(rule):
        return 1
    level = float(rule.partition(">=")[2])
    return next((k for k in range(1, 1000) if 1 - EMA_KEEPS**k >= level), 1000)


def _less(rule: str, *_: object) -> Direction:
    return "none" if of_model(rule) else "min"


def _more(rule: str, *_: object) -> Direction:
    return "none" if of_model(rule) else "max"


def _time_metric(practice: Practice, rule: str, until: float | None, *, seconds: bool) -> Computed:
    """Restricted mean up to `until`, or the median for None, of opportunities or active seconds to mastery."""
    known = np.ones(len(practice.unit), dtype=bool)
    time, notes = practice.watched.astype(np.float64), [_censored(practice), *_informative(rule)]
    if seconds:
        time, known, said = _active_seconds(practice)
        notes.append(said)
    watched = Watched.of(time[known], practice.mastered[known], practice.unit[known])
    compute = watched.median() if until is None else watched.restricted_mean(until)
    unit = "seconds" if seconds else "opportunities"
    ends_early = _too_long(watched, until, unit) if until else "fewer than half ever master the skill"
    return Computed(compute, practice.n_rows(known), ends_early, joined_notes(*notes))


def _too_long(watched: Watched, until: float, unit: str) -> Note:
    def said(weights: NDArray[np.float64]) -> str:
        longest = watched.time[weights[watched.unit] > 0].max(initial=0)
        return (
            f"no one is seen for {until:g} {unit}, {longest:.0f} at most; a smaller number in the metric's id would do"
        )

    return said


def _active_seconds(practice: Practice) -> tuple[NDArray[np.float64], NDArray[np.bool_], Note]:
    """Capped seconds up to mastery or the last opportunity, which of them are known, and what was left out."""
    duration = practice.rows.numbers("duration_s")
    counts = practice.rows.place <= practice.watched[practice.pair]
    missing = np.bincount(practice.pair, counts & np.isnan(duration), len(practice.unit)) > 0
    capped = np.where(counts & ~np.isnan(duration), np.minimum(duration, LONGEST_S), 0)
    time = np.bincount(practice.pair, capped, len(practice.unit)).astype(np.float64)
    everyone = practice.sum_by_unit(np.ones(len(practice.unit)))
    said = counted_note(
        practice.sum_by_unit(missing), everyone, "learner-skill pairs left out", "a duration is not known"
    )
    return time, ~missing, joined_notes(said, capped_note(practice.rows))


def capped_note(rows: Rows) -> Note:
    """How many answers took longer than is counted."""
    duration = rows.numbers("duration_s")
    long, known = rows.sum_by_unit(duration > LONGEST_S), rows.sum_by_unit(~np.isnan(duration))
    return counted_note(long, known, f"durations capped at {LONGEST_S:g} s", "they took longer")


def _censored(practice: Practice) -> Note:
    everyone = practice.sum_by_unit(np.ones(len(practice.unit)))
    return counted_note(
        practice.sum_by_unit(~practice.mastered),
        everyone,
        "learner-skill pairs censored",
        "not mastered when last seen",
    )


@metric(direction=_less, unit="opportunities", needs=needs_of_rule, grain="practice", source="Royston & Parmar 2013")
def time_to_mastery_opportunities(rows: Rows, rule: Rule = IN_A_ROW, until: Opportunities = 20) -> Statistic:
    """Mean opportunities until a skill is mastered, of the first `until` ones: the Kaplan-Meier restricted mean."""
    return _time_metric(Practice.of(rows, rule), rule, until, seconds=False)


@metric(direction=_less, unit="opportunities", needs=needs_of_rule, grain="practice", source="Kaplan & Meier 1958")
def time_to_mastery_median_opportunities(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Opportunities by which half of the skills started are mastered (Kaplan-Meier)."""
    return _time_metric(Practice.of(rows, rule), rule, None, seconds=False)


@metric(direction=_less, unit="seconds", needs=_needs_duration, grain="practice", source="Royston & Parmar 2013")
def time_to_mastery_active_seconds(rows: Rows, rule: Rule = IN_A_ROW, until: Seconds = 600.0) -> Statistic:
    """Mean seconds of answering until a skill is mastered, of the first `until` ones: the restricted mean.

    Durations are capped at 600 s each. An answer with several skills takes its time on each of them.
    """
    return _time_metric(Practice.of(rows, rule), rule, until, seconds=True)


@metric(direction=_less, unit="seconds", needs=_needs_duration, grain="practice", source="Kaplan & Meier 1958")
def time_to_mastery_median_active_seconds(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Seconds of answering by which half of the skills started are mastered (Kaplan-Meier), capped at 600 s each."""
    return _time_metric(Practice.of(rows, rule), rule, None, seconds=True)


@metric(direction=_less, unit="days", needs=_needs_time, grain="practice", source="Royston & Parmar 2013")
def time_to_mastery_days(rows: Rows, rule: Rule = IN_A_ROW, until: Days = 30.0) -> Statistic:
    """Mean days by the calendar from the first answer on a skill to its mastery, of the first `until` ones.

    The restricted mean, as with opportunities; days without practice count. Answers without a time are left out.
    """
    practice = Practice.of(rows.where(~np.isnan(rows.numbers("time_s"))), rule)
    time_s, start = practice.rows.numbers("time_s"), practice.rows.practice_start
    days = (time_s[start + practice.watched - 1] - time_s[start]) / DAY_S
    watched = Watched.of(days.clip(0), practice.mastered, practice.unit)
    said = joined_notes(_censored(practice), *_informative(rule))
    n_rows = practice.sum_by_unit(practice.opportunities)
    return Computed(watched.restricted_mean(until), n_rows, _too_long(watched, until, "days"), said)


@metric(direction=_more, unit="share", needs=needs_of_rule, grain="practice", source="Aalen & Johansen 1978")
def dropout_adjusted_mastery(rows: Rows, rule: Rule = IN_A_ROW, by: Opportunities = 10) -> Statistic:
    """Share of skills started that are mastered by that opportunity, where leaving before is never to master it.

    The cumulative incidence of mastery with leaving as the competing event; below `mastered_share`, which asks what
    would be if nobody left. A course cannot gain in it by losing those who learn slowly.
    """
    practice = Practice.of(rows, rule)
    done = practice.mastered & (practice.mastered_at <= by)
    left = ~done & (practice.opportunities < by)
    started = practice.sum_by_unit(np.ones(len(practice.unit)))
    said = counted_note(practice.sum_by_unit(left), started, "learner-skill pairs count as not mastered", "left before")
    by_unit = np.column_stack([practice.sum_by_unit(done), started])
    return Sums(by_unit, ratio, "no skill was started", said, practice.sum_by_unit(practice.opportunities))


@metric(direction="none", unit="share", needs=needs_of_rule, grain="practice", source="Gong & Beck 2015")
def already_known_share(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Share of skills started whose first answers were all right and met the rule at once: known before practice.

    At once means at the third answer for `three_in_a_row`, as soon as right answers alone can do it for `ema>=...`, and
    at the first answer for `model>=...`.
    """
    practice = Practice.of(rows, rule)
    soonest = _soonest(rule)
    known = practice.mastered & (practice.mastered_at == soonest)
    by_unit = np.column_stack([practice.sum_by_unit(known), practice.sum_by_unit(practice.unit >= 0)])
    return Sums(by_unit, ratio, "no skill was started", n_rows=practice.sum_by_unit(practice.opportunities))


@metric(direction=_more, unit="share", needs=needs_of_rule, grain="practice", source="Kaplan & Meier 1958")
def mastered_share(rows: Rows, rule: Rule = IN_A_ROW, by: Opportunities = 10) -> Statistic:
    """Share of skills started that are mastered by that opportunity (Kaplan-Meier)."""
    practice = Practice.of(rows, rule)
    watched = Watched.of(practice.watched.astype(np.float64), practice.mastered, practice.unit)
    n_rows = practice.sum_by_unit(practice.opportunities)
    return Computed(watched.reached(by), n_rows, _too_long(watched, by, "opportunities"), _censored(practice))


@metric(direction=_less, unit="share", needs=needs_of_rule, grain="practice", source="Cen, Koedinger & Junker 2007")
def over_practice_rate(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Share of opportunities that came after the skill was mastered.

    Says nothing good about a rule that declares mastery too soon; read it beside a test of what is really known.
    """
    practice = Practice.of(rows, rule)
    beyond = np.where(practice.mastered, practice.opportunities - practice.mastered_at, 0)
    n_rows = practice.sum_by_unit(practice.opportunities)
    said = "whether mastery is true is not known here"
    by_unit = np.column_stack([practice.sum_by_unit(beyond), n_rows])
    return Sums(by_unit, ratio, "there are no opportunities", lambda _: said, n_rows)


@metric(direction=_less, unit="share", needs=needs_of_rule, grain="practice", source="Cen, Koedinger & Junker 2007")
def under_practice_rate(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Share of skills started that were left before they were mastered."""
    practice = Practice.of(rows, rule)
    by_unit = np.column_stack([practice.sum_by_unit(~practice.mastered), practice.sum_by_unit(practice.unit >= 0)])
    return Sums(by_unit, ratio, "no skill was started", n_rows=practice.sum_by_unit(practice.opportunities))


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


def _wheels(rows: Rows) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Of each learner's skills, how many are mastered within 10 opportunities, spin, and are undecided."""
    practice = Practice.of(rows, IN_A_ROW)
    mastered = practice.mastered & (practice.mastered_at <= WHEEL_SPINNING)
    long = practice.opportunities >= WHEEL_SPINNING
    parts = (mastered, ~mastered & long, ~mastered & ~long)
    return practice.sum_by_unit(parts[0]), practice.sum_by_unit(parts[1]), practice.sum_by_unit(parts[2])
