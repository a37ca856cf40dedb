"""What each learner did in each step of time before the cut-off, as a sequence that a network can read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.enrolments import Enrolments, Names

OWN = 4
"""Channels beside those of the kinds."""
_CLICKS = 4.0
"""Logs of counts are divided by this, so that they are about 1."""


@dataclass(frozen=True, eq=False)
class Steps:
    """Steps of equal length that end at the cut-off; the first takes in everything before it, too.

    Attributes:
        count: how many.
        length: of one, in the unit of the cut-off.
        kinds: of activity that have a channel.
    """

    count: int
    length: float
    kinds: Names

    @classmethod
    def learn(cls, log: Enrolments, length: float) -> "Steps":
        """As many as there are from the start of the course to the cut-off, and one for before.

        Raises:
            UserError: the data have no activity.
        """
        if log.activity is None:
            raise UserError("Model 'gru' reads activity, which this data set does not have. Choose another model.")
        return cls(1 + max(1, int(np.ceil((log.as_of + 1) / length))), length, log.activity.kinds)

    def matrix(self, log: Enrolments) -> NDArray[np.float64]:
        """Shape (n, count, OWN + n_kinds): log of clicks, share of days, log of pages, whether known, log by kind."""
        events, n = log.activity, len(log)
        out = np.zeros((n, self.count, OWN + len(self.kinds)))
        if events is None:
            return out
        back = np.floor((log.as_of - np.maximum(events.day, -1e6)) / self.length).astype(np.int64)
        cell = events.owner * self.count + self.count - 1 - np.minimum(back, self.count - 1)
        amount = np.nan_to_num(events.amount.astype(np.float64), nan=1.0)

        def table(values: NDArray[np.float64], cells: NDArray[np.int64]) -> NDArray[np.float64]:
            return np.bincount(cells, values, n * self.count).astype(float).reshape(n, self.count)

        def distinct(what: NDArray[np.integer]) -> NDArray[np.float64]:
            pairs = np.unique(np.stack([cell, what.astype(np.int64)]), axis=1)[0]
            return table(np.ones(len(pairs)), pairs)

        out[:, :, 0] = np.log1p(table(amount, cell)) / _CLICKS
        out[:, :, 1] = distinct(np.floor(events.day)) / self.length
        out[:, :, 2] = np.log1p(distinct(events.about)) / _CLICKS
        for channel, name in enumerate(self.kinds):
            its = events.kind == _code(events.kinds, str(name))
            out[:, :, OWN + channel] = np.log1p(table(amount[its], cell[its])) / _CLICKS
        out[~log.recorded] = 0
        out[:, :, 3] = log.recorded[:, None]
        return out

    def names(self) -> list[str]:
        """A name for each step, such as `activity 0 to 6 before` the cut-off, the oldest first."""
        ends = [f"activity {self.length * k:g} to {self.length * (k + 1) - 1:g} before" for k in range(self.count - 1)]
        return [f"activity {self.length * (self.count - 1):g} or more before", *reversed(ends)]


def _code(kinds: Names, name: str) -> int:
    found = np.flatnonzero(kinds == name)
    return int(found[0]) if len(found) else -2
