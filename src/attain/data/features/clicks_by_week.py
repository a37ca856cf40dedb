"""Activity week by week, for trees that find their own pattern and for models of sequences."""

import numpy as np
from numpy.typing import NDArray

from attain.data.enrolments import Enrolments, Fact
from attain.data.features._active_days import ActiveDays

NEEDS = ("activity",)
ACTIONABLE = True
FIXED = ()
TOPICS: dict[str, str] = {}
CHANNELS = ("clicks", "active_days")
WEEK = 7
_Dated = tuple[NDArray[np.int64], NDArray[np.floating], NDArray[np.floating]]


def build(log: Enrolments) -> dict[str, Fact]:
    """Clicks and active days of each week; `before` is all that came before day 0, and the last week may be a part."""
    weeks = weekly(log)
    width = len(str(weeks.shape[1] - 2))
    names = ["before", *(f"{week:0{width}d}" for week in range(weeks.shape[1] - 1))]
    return {
        f"{channel}_week_{name}": Fact("clicks_by_week", weeks[:, at, which].copy())
        for which, channel in enumerate(CHANNELS)
        for at, name in enumerate(names)
    }


def weekly(log: Enrolments) -> NDArray[np.float64]:
    """Shape (n, 1 + n_weeks, 2): first what came before day 0, then each week from day 0 to the cut-off; by `CHANNELS`.

    NaN throughout for enrolments whose activity is not recorded.
    """
    events = log.activity
    assert events is not None
    n, n_weeks = len(log), max(int(np.floor(log.as_of / WEEK)) + 1, 0)
    days = ActiveDays.of(events)
    out = np.empty((n, 1 + n_weeks, len(CHANNELS)))
    clicks: _Dated = (events.owner, events.day, events.amount)
    active: _Dated = (days.owner, days.day, np.ones(len(days.day)))
    for at, (owner, day, amount) in enumerate((clicks, active)):
        week = np.clip(np.floor(day / WEEK), -1, n_weeks - 1).astype(np.int64) + 1
        counted = np.bincount(owner * (1 + n_weeks) + week, amount, n * (1 + n_weeks))
        out[:, :, at] = counted.reshape(n, 1 + n_weeks)
    out[~log.recorded] = np.nan
    return out
