"""From a number for each skill to a number for each answer."""

import numpy as np
from numpy.typing import NDArray

from attain.data.interactions import Interactions


def mean_over_skills(log: Interactions, value: NDArray[np.float64], bare: float) -> NDArray[np.float64]:
    """Mean of `value` over the skills of each answer.

    Args:
        log: n answers.
        value: shape (len(log.skills),).
        bare: for an answer without a skill.

    Returns:
        shape (n,).
    """
    counts = np.diff(log.skill_start)
    row = np.repeat(np.arange(len(log)), counts)
    total = np.bincount(row, weights=value[log.skill], minlength=len(log))
    return np.where(counts > 0, total / counts.clip(min=1), bare)
