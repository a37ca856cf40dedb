"""A Rasch model of learners and items together: for where no ability is known beforehand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.metrics.items.difficulty import Difficulty

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]

ITEM_SD = 3.0
"""Standard deviation of the normal prior of difficulties, in logits."""
LEARNER_SD = 5.0
"""Of abilities; wide, so that learners who were asked by ability are not drawn together, which would draw items too."""
MOST_STEPS = 500


@dataclass(frozen=True, eq=False)
class Rasch:
    """Learners and items on one scale, with mean ability 0.

    Attributes:
        difficulty: of items.
        ability: shape (n_learners,); NaN for a learner without answers.
        shrunk: the factor, under 1, by which the joint estimates were brought nearer to each other.
        converged: whether the steps became small before there were too many.
    """

    difficulty: Difficulty
    ability: Floats
    shrunk: float
    converged: bool


def rasch(learner: Ints, item: Ints, correct: Ints, n_learners: int, n_items: int) -> Rasch:
    """Fit P(right) = expit(ability - b) by joint maximum likelihood, with weak normal priors that keep all finite.

    Joint, not marginal: a marginal likelihood takes it that who was asked what did not depend on ability beyond the
    answers that are here; where it did, it draws difficulties together (in the tests' simulation to a third). Joint
    estimates are too far apart by about L / (L - 1), where learners give L answers each (Wright & Douglas 1977); this
    is taken back. It is little more than a rule for short or uneven L, so differences of items count more than their
    size. Standard errors of items count what is not known of abilities, to first order.

    Args:
        learner: shape (n,), codes from 0.
        item: shape (n,), codes from 0.
        correct: shape (n,), 0 or 1.
        n_learners: how many there are.
        n_items: how many there are.
    """
    theta, b, information, converged = _joint(
        np.asarray(learner, dtype=np.int64),
        np.asarray(item, dtype=np.int64),
        np.asarray(correct, dtype=np.float64),
        n_learners,
        n_items,
        (ITEM_SD, LEARNER_SD, MOST_STEPS),
    )
    answers, n = np.bincount(learner, minlength=n_learners), np.bincount(item, minlength=n_items)
    length = float((answers**2).sum() / max(answers.sum(), 1))  # of the learner of a usual answer
    shrunk = (length - 1) / length if length >= 2 else 0.5
    middle = float(theta[answers > 0].mean()) if (answers > 0).any() else 0.0
    difficulty = np.where(n > 0, (b - middle) * shrunk, np.nan)
    se = np.where(n > 0, shrunk / np.sqrt(information), np.nan)
    return Rasch(
        Difficulty(n, difficulty, se), np.where(answers > 0, (theta - middle) * shrunk, np.nan), shrunk, converged
    )


@compiled
def _joint(
    learner: NDArray[np.int64],
    item: NDArray[np.int64],
    y: Floats,
    n_learners: int,
    n_items: int,
    how: tuple[float, float, int],
) -> tuple[Floats, Floats, Floats, bool]:
    """Newton steps of all learners, then of all items, in turn; abilities, difficulties, and what is known of these."""
    item_weight, learner_weight, most = 1 / how[0] ** 2, 1 / how[1] ** 2, how[2]
    theta, b = np.zeros(n_learners), np.zeros(n_items)
    converged = False
    for _ in range(most):
        largest = 0.0
        score, information = -theta * learner_weight, np.full(n_learners, learner_weight)
        for row in range(len(y)):
            p = 1 / (1 + np.exp(b[item[row]] - theta[learner[row]]))
            score[learner[row]] += y[row] - p
            information[learner[row]] += p * (1 - p)
        for who in range(n_learners):
            step = min(max(score[who] / information[who], -1.0), 1.0)
            theta[who] += step
            largest = max(largest, abs(step))
        score, information = -b * item_weight, np.full(n_items, item_weight)
        for row in range(len(y)):
            p = 1 / (1 + np.exp(b[item[row]] - theta[learner[row]]))
            score[item[row]] += p - y[row]
            information[item[row]] += p * (1 - p)
        for i in range(n_items):
            step = min(max(score[i] / information[i], -1.0), 1.0)
            b[i] += step
            largest = max(largest, abs(step))
        shift = b.sum() * item_weight + theta.sum() * learner_weight  # only the priors hold all in their place
        shift /= n_items * item_weight + n_learners * learner_weight
        b -= shift
        theta -= shift
        if max(largest, abs(shift)) < 1e-5:
            converged = True
            break
    of_learner, own = np.full(n_learners, learner_weight), np.full(n_items, item_weight)
    for row in range(len(y)):
        p = 1 / (1 + np.exp(b[item[row]] - theta[learner[row]]))
        of_learner[learner[row]] += p * (1 - p)
        own[item[row]] += p * (1 - p)
    left = own.copy()
    for row in range(len(y)):
        p = 1 / (1 + np.exp(b[item[row]] - theta[learner[row]]))
        left[item[row]] -= (p * (1 - p)) ** 2 / of_learner[learner[row]]
    return theta, b, left, converged
