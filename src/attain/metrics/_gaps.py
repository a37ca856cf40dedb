"""Answers along the clock: in order of time, by day, and how long after the one before."""

import numpy as np
from numpy.typing import NDArray

from attain.core.table import Rows
from attain.metrics._answers import DAY_S


def in_time(rows: Rows) -> Rows:
    """The rows that have a time, by learner and time, whatever a clock that jumped has done to their order."""
    time = rows.numbers("time_s")
    if (missing := np.isnan(time)).any():
        rows = rows.where(~missing)
        time = time[~missing]
    if ((np.diff(time) >= 0) | (np.diff(rows.unit) != 0)).all():  # they stand by learner already
        return rows
    order = np.lexsort((time, rows.unit))
    return Rows({name: values[order] for name, values in rows.columns.items()}, rows.unit[order], rows.units)


def gaps(rows: Rows) -> NDArray[np.float64]:
    """Seconds since the learner's row before, shape (n,), NaN for the first; of rows `in_time`."""
    return np.where(first_of_unit(rows), np.nan, np.diff(rows.numbers("time_s"), prepend=0))


def day_of(rows: Rows) -> NDArray[np.int64]:
    """The day of each row, shape (n,); days begin where the clock of the data set has midnight."""
    return np.floor(rows.numbers("time_s") / DAY_S).astype(np.int64)


def first_of_unit(rows: Rows) -> NDArray[np.bool_]:
    """Which rows are the first of their learner; shape (n,)."""
    return np.append(np.ones(min(len(rows), 1), dtype=bool), np.diff(rows.unit) != 0)
