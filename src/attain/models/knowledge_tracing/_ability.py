"""What a learner's answers say about ability, which is normally distributed before the first."""

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled

Floats = NDArray[np.float64]

ABILITIES = np.linspace(-4, 4, 33)
"""Where the standard normal distribution of ability is evaluated."""
PRIOR = np.exp(-(ABILITIES**2) / 2) / np.exp(-(ABILITIES**2) / 2).sum()


@compiled
def follow(
    learner_start: NDArray[np.int64],
    correct: NDArray[np.int8],
    ease: Floats,
    slope: Floats,
    abilities: Floats,
    prior: Floats,
    running: bool,
) -> Floats:
    """Mean P(right) of each row over what is known of the learner's ability before it; shape (n,).

    P(right) at an ability is expit(slope * ability + ease). What is known is a distribution over `abilities`: `prior`
    and, if `running`, the likelihood of each earlier answer.
    """
    out = np.empty(len(correct))
    for who in range(len(learner_start) - 1):
        ability = prior.copy()
        for row in range(learner_start[who], learner_start[who + 1]):
            right = 1 / (1 + np.exp(-(slope[row] * abilities + ease[row])))
            right = np.minimum(np.maximum(right, 1e-12), 1 - 1e-12)  # no single answer rules out every ability
            out[row] = (ability * right).sum()
            if running:
                ability *= right if correct[row] else 1 - right
                ability /= ability.sum()
    return out
