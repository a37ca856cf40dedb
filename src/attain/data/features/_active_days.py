"""The days on which each owner of events was active, from which most features of activity are counted."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from attain.data.enrolments import Events


@dataclass(frozen=True, eq=False)
class ActiveDays:
    """Each owner's days with at least one event, ascending; those of owner i stand at `start[i]:start[i + 1]`.

    Attributes:
        owner: shape (n_days,), whose it is.
        day: shape (n_days,).
        start: shape (n_owners + 1,).
    """

    owner: NDArray[np.int64]
    day: NDArray[np.float64]
    start: NDArray[np.int64]

    @classmethod
    def of(cls, events: Events) -> Self:
        """From events, which are sorted by owner and day."""
        first = np.diff(events.day, prepend=np.float32(np.nan)) != 0
        begins = events.start[:-1][np.diff(events.start) > 0]
        first[begins] = True
        at = np.flatnonzero(first)
        start = np.searchsorted(at, events.start).astype(np.int64)
        owner = np.repeat(np.arange(len(start) - 1), np.diff(start))
        return cls(owner, events.day[at].astype(np.float64), start)

    @property
    def count(self) -> NDArray[np.float64]:
        """How many days; shape (n_owners,)."""
        return np.diff(self.start).astype(np.float64)

    @property
    def last(self) -> NDArray[np.float64]:
        """The latest day, NaN for owners without any; shape (n_owners,)."""
        return np.where(self.count > 0, np.append(self.day, np.nan)[self.start[1:] - 1], np.nan)

    @property
    def pause(self) -> NDArray[np.float64]:
        """Days since the owner's active day before, NaN for the first; shape (n_days,)."""
        pause = np.diff(self.day, prepend=np.nan)
        pause[self.start[:-1][self.count > 0]] = np.nan
        return pause

    def sum(self, values: NDArray[np.generic]) -> NDArray[np.float64]:
        """Sum of a value of each day by owner; shape (n_owners,)."""
        return np.bincount(self.owner, values.astype(float), len(self.start) - 1).astype(float)


def total(events: Events) -> NDArray[np.float64]:
    """Sum of the amounts by owner; shape (n_owners,)."""
    return np.bincount(events.owner, events.amount, len(events.start) - 1).astype(float)
