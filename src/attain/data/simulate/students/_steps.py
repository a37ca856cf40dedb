"""What every kind does at a step, compiled into each kind's own loop."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from attain.data.simulate.students._luck import LEAVE, luck


@njit(inline="always")
def turn(
    i: int,
    s: int,
    now: bool,
    mastered: NDArray[np.bool_],
    lacking: NDArray[np.int32],
    count: NDArray[np.int32],
    next_start: NDArray[np.int64],
    following: NDArray[np.int32],
) -> None:
    """Learner i has now mastered skill s, or has not any more; only the skills that build on it are looked at."""
    if mastered[i, s] == now:
        return
    mastered[i, s] = now
    by = 1 if now else -1
    count[i] += by
    for at in range(next_start[s], next_start[s + 1]):
        lacking[i, following[at]] -= by


@njit(inline="always")
def goes(
    seed: np.uint64,
    i: int,
    step: int,
    right: bool,
    wrong: NDArray[np.int32],
    leaving: NDArray[np.float64],
) -> bool:
    """Whether learner i leaves after this answer; keeps count of wrong ones in a row."""
    wrong[i] = 0 if right else wrong[i] + 1
    if leaving[0] == 0 and leaving[1] == 0 and leaving[2] == 0:
        return False
    hazard = leaving[0] + leaving[1] * (step + 1) / 100 + leaving[2] * max(0, wrong[i] - 2)
    return bool(luck(seed, i, step, LEAVE) < hazard)
