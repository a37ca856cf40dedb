"""Time to an event that some never reach while they are watched: Kaplan-Meier under many weightings."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled


@dataclass(frozen=True)
class Watched:
    """What was watched until its event or until it was lost from sight, by ascending time.

    Attributes:
        time: shape (n,), when the event came, or until when it had not come.
        event: shape (n,), whether it came; at equal times events come before losses.
        unit: shape (n,), codes of the units.
    """

    time: NDArray[np.float64]
    event: NDArray[np.bool_]
    unit: NDArray[np.int32]

    @classmethod
    def of(cls, time: NDArray[np.float64], event: NDArray[np.bool_], unit: NDArray[np.int32]) -> "Watched":
        """Sort by time."""
        order = np.argsort(time, kind="stable")
        return cls(time[order], event[order], unit[order])

    def restricted_mean(self, until: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        """Mean of the lesser of time and `until`; NaN where the curve ends before `until` above 0."""
        return lambda weights: _summaries(self.time, self.event, self.unit, until, weights)[:, 0]

    def reached(self, until: float) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        """Share whose event comes by `until`; NaN where the curve ends before that above 0."""
        return lambda weights: 1 - _summaries(self.time, self.event, self.unit, until, weights)[:, 1]

    def median(self) -> Callable[[NDArray[np.float64]], NDArray[np.float64]]:
        """The first time at which the event has come for half; NaN where it never does."""
        return lambda weights: _summaries(self.time, self.event, self.unit, 0.0, weights)[:, 2]


@compiled
def _summaries(
    time: NDArray[np.float64],
    event: NDArray[np.bool_],
    unit: NDArray[np.int32],
    until: float,
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Shape (replicates, 3): restricted mean, share without the event after `until`, median time; NaN if undefined."""
    tiny = 1e-9
    out = np.full((len(weights), 3), np.nan)
    for r in range(len(weights)):
        weight = weights[r]
        at_risk = 0.0
        for u in unit:
            at_risk += weight[u]
        if at_risk <= tiny:
            continue
        share, after, area, last = 1.0, 1.0, 0.0, 0.0
        i = 0
        while i < len(time) and at_risk > tiny:
            t, events, leaving = time[i], 0.0, 0.0
            while i < len(time) and time[i] == t:
                w = weight[unit[i]]
                leaving += w
                events += w * event[i]
                i += 1
            if leaving <= 0:
                continue
            area += share * (min(t, until) - min(last, until))
            share = share * (1 - events / at_risk) if at_risk - events > tiny else 0.0
            at_risk -= leaving
            last = t
            if t <= until:
                after = share
            if np.isnan(out[r, 2]) and share <= 0.5 + tiny:
                out[r, 2] = t
        if last >= until or share == 0:
            out[r, 0], out[r, 1] = area, after
    return out
