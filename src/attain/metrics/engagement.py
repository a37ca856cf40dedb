"""How much learners work: seconds an answer, sessions, days, time on task.

Sessions and time on task depend on the longest pause that does not end a session, which is why it stands in the id
(Kovanovic et al. 2015: fifteen ways to estimate time on task lead to different findings).

All read the answers that are judged: under a split by time those after the cut, all of which lie in one span of time.
"""

import re
from dataclasses import replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from attain.core.metric import Note, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import (
    LONGEST_S,
    capped_note,
    counted_note,
    days,
    joined_notes,
    judged,
    mean_of_rows,
    ratio,
    rows_of_units,
)
from attain.metrics._gaps import day_of, first_of_unit, gaps, in_time


def _pause(text: str) -> str:
    if not re.fullmatch(r"[1-9]\d*m", text):
        raise ValueError("Expected minutes, such as '30m'")
    return text


Pause = Annotated[str, AfterValidator(_pause)]


Within = Annotated[str, AfterValidator(days)]


@metric(direction="min", unit="seconds", needs="target duration_s")
def seconds_per_correct_answer(rows: Rows) -> Statistic:
    """Seconds spent on all answers for each right one: the price of a success, a ratio of sums.

    Durations are capped at 600 s; answers without a duration are left out. Not comparable between groups that got
    items of different difficulty.
    """
    rows, said = _timed(rows)
    spent = rows.sum_by_unit(np.minimum(rows.numbers("duration_s"), LONGEST_S))
    by_unit = np.column_stack([spent, rows.sum_by_unit(rows.numbers("target") > 0.5)])
    return Sums(by_unit, ratio, "no answer with a duration is right", said, rows_of_units(rows))


@metric(direction="none", unit="seconds", needs="target duration_s")
def seconds_of_correct_answers(rows: Rows) -> Statistic:
    """Mean seconds that a right answer took: speed, whatever the wrong answers cost; capped at 600 s."""
    rows, said = _timed(rows)
    rows = rows.where(rows.numbers("target") > 0.5)
    mean = mean_of_rows(rows, np.minimum(rows.numbers("duration_s"), LONGEST_S), "no answer with a duration is right")
    return replace(mean, said=said)


def _timed(rows: Rows) -> tuple[Rows, Note]:
    rows = judged(rows)
    known = ~np.isnan(rows.numbers("duration_s"))
    everything = rows.sum_by_unit(np.ones(len(rows)))
    said = counted_note(rows.sum_by_unit(~known), everything, "answers left out", "the duration is not known")
    return rows.where(known), joined_notes(said, capped_note(rows))


@metric(direction="none", unit="count", needs="time_s")
def sessions(rows: Rows, pause: Pause = "30m") -> Statistic:
    """Mean number of sessions of a learner; a longer pause between answers than stated begins another."""
    rows = in_time(rows)
    return _mean_of_units(rows, ~(gaps(rows) <= _seconds(pause)))


@metric(direction="none", unit="minutes", needs="time_s", source="Kovanovic et al. 2015")
def time_on_task_minutes(rows: Rows, pause: Pause = "30m") -> Statistic:
    """Mean minutes of a learner from answer to answer, pauses longer than stated left out.

    The last answer of a session counts for 0, for when it ends is not known.
    """
    rows = in_time(rows)
    gap = gaps(rows)
    return _mean_of_units(rows, np.where(gap <= _seconds(pause), gap, 0) / 60)


@metric(direction="none", unit="days", needs="time_s")
def active_days(rows: Rows) -> Statistic:
    """Mean number of days on which a learner answered; days begin where the clock of the data set has midnight."""
    rows = in_time(rows)
    other = np.append(np.zeros(min(len(rows), 1), dtype=bool), np.diff(day_of(rows)) != 0)
    return _mean_of_units(rows, first_of_unit(rows) | other)


@metric(direction="min", unit="share", needs="time_s")
def bounce_rate(rows: Rows, pause: Pause = "30m") -> Statistic:
    """Share of sessions with a single answer; a longer pause between answers than stated begins another session."""
    rows = in_time(rows)
    begins = ~(gaps(rows) <= _seconds(pause))
    ends = np.append(begins[1:], np.ones(min(len(rows), 1), dtype=bool))
    by_unit = np.column_stack([rows.sum_by_unit(begins & ends), rows.sum_by_unit(begins)])
    return Sums(by_unit, ratio, "no answer has a time", n_rows=rows_of_units(rows))


@metric(direction="max", unit="share", needs="time_s", written="at")
def return_rate(rows: Rows, within: Within = "7d") -> Statistic:
    """Share of learners who came back on a later day, within so many days of their first answer.

    Learners whose first answer is so late in the data that they had not that long to come back are left out.
    """
    rows = in_time(rows)
    span = float(within.removesuffix("d"))
    day = day_of(rows)
    first = np.full(rows.n_units, np.inf)
    np.minimum.at(first, rows.unit, day)
    back = np.zeros(rows.n_units)
    later = (day > first[rows.unit]) & (day <= first[rows.unit] + span)
    back[rows.unit[later]] = 1
    here = np.isfinite(first)
    watched = here & (first + span <= day.max(initial=0))
    late = "they came too late to be watched as long"
    said = counted_note((here & ~watched).astype(float), here.astype(float), "learners left out", late)
    by_unit = np.column_stack([np.where(watched, back, 0), watched]).astype(float)
    return Sums(by_unit, ratio, f"no learner is watched for {span:g} days", said, rows_of_units(rows))


def _mean_of_units(rows: Rows, values: NDArray[np.generic]) -> Sums:
    count = rows_of_units(rows)
    return Sums(np.column_stack([rows.sum_by_unit(values), count > 0]), ratio, "no answer has a time", n_rows=count)


def _seconds(pause: str) -> float:
    return 60.0 * float(pause.removesuffix("m"))
