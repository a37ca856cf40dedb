"""When simulated answers are given, and how long they take."""

import numpy as np
from numpy.typing import NDArray

START = 1_725_264_000
"""Monday 2 September 2024, 08:00 UTC, in seconds since 1970: nobody answers before."""
SESSION, DAY_S = 14, 86_400
"""Answers in a session on average; seconds of a day."""


def durations(knew: NDArray[np.bool_], pace: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Seconds of each answer: log-normal around 18, half as long again where the skill is not known yet."""
    median = 18 * pace * np.where(knew, 1.0, 1.5)
    return np.asarray(np.round(median * rng.lognormal(0, 0.6, size=len(knew)), 1))


def times(learner: NDArray[np.int64], duration: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """When each answer begins, in seconds since 1970; within a learner ascending.

    Answers follow each other within a session; the next session comes an hour to several days later.
    """
    n = len(learner)
    first = np.diff(learner, prepend=-1) != 0
    new_session = ~first & (rng.random(n) < 1 / SESSION)
    pause = rng.exponential(4, size=n) + np.where(new_session, 3600 + rng.exponential(1.5 * DAY_S, size=n), 0)
    step = np.where(first, 0, np.roll(duration, 1) + pause)
    since_first = np.cumsum(step)
    begin = np.maximum.accumulate(np.where(first, since_first, 0))
    arrival = rng.uniform(0, 14 * DAY_S, size=int(first.sum()))[np.cumsum(first) - 1]
    return np.asarray(np.round(START + arrival + since_first - begin, 1))
