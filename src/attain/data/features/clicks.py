"""How much, how often and how regularly a learner was active up to the cut-off."""

import numpy as np
from numpy.typing import NDArray

from attain.data.enrolments import Enrolments, Events, Fact
from attain.data.features._active_days import ActiveDays, total

NEEDS = ("activity",)
ACTIONABLE = True
FIXED = ()
TOPICS = {
    "clicks_total": "amount of activity",
    "clicks_pages": "amount of activity",
    "clicks_active_days": "amount of activity",
    "clicks_sessions": "amount of activity",
    "clicks_pause_mean": "regularity of activity",
    "clicks_pause_sd": "regularity of activity",
    "clicks_session_days": "regularity of activity",
}
WEEK = 7


def build(log: Enrolments) -> dict[str, Fact]:
    """Counts, recency, regularity, trend and sessions; NaN where an offering's activity is not recorded.

    `clicks_days_since_last` is NaN for those who were never active, `clicks_pause_mean` and `clicks_pause_sd` where
    there are too few active days, `clicks_trend` before two weeks have gone by. A session is a run of days in a row.
    """
    events = log.activity
    assert events is not None
    days = ActiveDays.of(events)
    values = {
        "total": total(events),
        "pages": _distinct(events),
        "before_start": np.bincount(events.owner, np.where(events.day < 0, events.amount, 0), len(log)).astype(float),
        "active_days": days.count,
        "days_since_last": log.as_of - days.last,
        **_regularity(days),
        "trend": _trend(days, log.as_of),
        **_by_kind(events, len(log)),
    }
    here = log.recorded
    return {f"clicks_{name}": Fact("clicks", np.where(here, column, np.nan)) for name, column in values.items()}


def _distinct(events: Events) -> NDArray[np.float64]:
    """How many pages each owner saw."""
    n_pages = int(events.about.max(initial=0)) + 2
    key = np.sort(events.owner * n_pages + events.about + 1)
    owner = key[np.diff(key, prepend=-1) != 0] // n_pages
    return np.bincount(owner, minlength=len(events.start) - 1).astype(float)


def _regularity(days: ActiveDays) -> dict[str, NDArray[np.float64]]:
    """Pauses between active days, and runs of days in a row."""
    pause = days.pause
    known = ~np.isnan(pause)
    pauses, summed, squared = (days.sum(np.where(known, pause**power, 0)) for power in (0, 1, 2))
    sessions = days.sum(~known | (pause > 1))
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(pauses > 0, summed / pauses, np.nan)
        variance = np.maximum(squared / pauses - mean**2, 0)
        return {
            "pause_mean": mean,
            "pause_sd": np.where(pauses > 1, np.sqrt(variance), np.nan),
            "sessions": sessions,
            "session_days": np.where(sessions > 0, days.count / sessions, np.nan),
        }


def _trend(days: ActiveDays, as_of: float) -> NDArray[np.float64]:
    """By how many active days a week more with each whole week back from the cut-off to the start: a straight line."""
    weeks = int((as_of + 1) // WEEK)
    if weeks < 2:  # a line needs two points
        return np.full(len(days.start) - 1, np.nan)
    back = np.floor((as_of - days.day) / WEEK)
    offset = np.where(back < weeks, (weeks - 1) / 2 - back, 0)
    return days.sum(offset) / float(((np.arange(weeks) - (weeks - 1) / 2) ** 2).sum())


def _by_kind(events: Events, n: int) -> dict[str, NDArray[np.float64]]:
    """Clicks on each kind of page."""
    width = len(events.kinds)
    counts = np.bincount(events.owner * width + events.kind, events.amount, n * width).astype(float).reshape(n, width)
    return {f"on_{name}": counts[:, code] for code, name in enumerate(events.kinds)}
