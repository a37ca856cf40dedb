"""What a prepared data set holds, in figures that may be shown: counts, lengths, times, cohorts."""

from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from attain.data.cohorts import shown, sizes
from attain.data.dataset import Change, Dataset

_DAY_S = 86_400
_CALENDAR = (datetime(1990, 1, 1, tzinfo=UTC).timestamp(), datetime(2100, 1, 1, tzinfo=UTC).timestamp())


@dataclass(frozen=True)
class Spread:
    """A distribution in five numbers."""

    least: float
    quarter: float
    median: float
    three_quarters: float
    most: float


@dataclass(frozen=True)
class Facts:
    """A data set at a glance.

    Attributes:
        share_correct: of the answers, 0 to 1.
        share_multi_skill: answers that practise several skills.
        share_without_skill: answers that practise none.
        answers_a_learner: how many answers a learner gives.
        days: from the first to the last answer; None where the set has no times.
        first_day: ISO date of the first answer, where the times count from 1970.
        last_day: of the last.
        duration_s: seconds an answer takes; None where the set has none.
        share_with_duration: answers whose duration is known.
        published_folds: learners by fold of the published split (-1: always in training), a text in place of a count
            that may not be shown; None where there is no such split.
        cohorts: learners by cohort, by attribute, likewise.
    """

    name: str
    fingerprint: str
    answers: int
    learners: int
    items: int
    skills: int
    share_correct: float
    share_multi_skill: float
    share_without_skill: float
    answers_a_learner: Spread
    days: float | None
    first_day: str | None
    last_day: str | None
    duration_s: Spread | None
    share_with_duration: float | None
    published_folds: dict[str, int | str] | None
    cohorts: dict[str, dict[str, int | str]]
    changes: tuple[Change, ...]


def describe(dataset: Dataset) -> Facts:
    """The facts of a data set."""
    log = dataset.log
    counts = np.diff(log.skill_start)
    time, duration = log.time_s, log.duration_s
    known = None if duration is None else duration[~np.isnan(duration)]
    first, last = (None, None) if time is None else (float(np.nanmin(time)), float(np.nanmax(time)))
    folds = dataset.published
    return Facts(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        answers=len(log),
        learners=len(log.present),
        items=len(np.unique(log.item)),
        skills=len(np.unique(log.skill)),
        share_correct=float(log.correct.mean()),
        share_multi_skill=float((counts > 1).mean()),
        share_without_skill=float((counts == 0).mean()),
        answers_a_learner=spread(np.diff(log.learner_start)),
        days=None if first is None or last is None else (last - first) / _DAY_S,
        first_day=_day(first),
        last_day=_day(last),
        duration_s=None if known is None else spread(known),
        share_with_duration=None if known is None else len(known) / len(log),
        published_folds=None if folds is None else shown({str(n): int((folds == n).sum()) for n in np.unique(folds)}),
        cohorts={}
        if dataset.cohorts is None
        else {name: shown(counts) for name, counts in sizes(dataset.cohorts).items()},
        changes=dataset.changes,
    )


def spread(values: NDArray[np.integer] | NDArray[np.floating]) -> Spread:
    """A distribution in five numbers."""
    return Spread(*(float(v) for v in np.quantile(values, [0, 0.25, 0.5, 0.75, 1])))


def _day(seconds: float | None) -> str | None:
    """The date, or None for seconds that plainly count from another moment than 1970."""
    if seconds is None or not _CALENDAR[0] <= seconds < _CALENDAR[1]:
        return None
    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
