"""Luck that depends on the learner, the step and the purpose alone, so that two tutors meet the same."""

import numpy as np
from numba import njit

ANSWER, LEARN, FORGET, LEAVE, START = 1, 2, 3, 4, 5
"""What a draw is for."""


@njit(inline="always")
def mixed(value: np.uint64) -> np.uint64:
    """A whole number of which every bit depends on every bit of the given (SplitMix64; Steele et al. 2014)."""
    value = (value ^ (value >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return value ^ (value >> np.uint64(31))


@njit(inline="always")
def luck(seed: np.uint64, learner: int, step: int, purpose: int) -> float:
    """A number in [0, 1)."""
    key = mixed(seed + np.uint64(learner) * np.uint64(0x9E3779B97F4A7C15))
    key = mixed(key + np.uint64(step) * np.uint64(0xD1B54A32D192ED03) + np.uint64(purpose))
    return np.float64(key >> np.uint64(11)) / 9007199254740992.0
