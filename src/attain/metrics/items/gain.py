"""Do learners who met more generated items come further on human ones than those who met fewer?

Nobody was sent to either by lot unless the exposure says so, so this is a comparison, not an effect.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.metrics.intervals import bootstrap_weights, percentile
from attain.metrics.items.difficulty import anchored

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]

FEWEST_LEARNERS = 30
FEWEST_IN_HALF = 3
REPLICATES = 500


@dataclass(frozen=True)
class Gain:
    """How ability grew by what was met.

    Attributes:
        learners: with answers enough to human items.
        gain: logits that ability on human items grows by more, from the first half of a learner's answers to them to
            the second, if all items met are generated instead of none; None where it is not defined.
        low: lower end of the 95 % interval over learners.
        high: upper end.
        reason: why there is none.
    """

    learners: int
    gain: float | None
    low: float | None
    high: float | None
    reason: str = ""


def gain_by_kind(learner: Ints, b: Floats, correct: Ints, generated: NDArray[np.bool_], *, seed: int = 0) -> Gain:
    """Least squares of each learner's growth on the share of generated items among those met.

    Ability is measured twice, in the first and in the second half of the answers to human items, each time from that
    half alone. A running estimate would not do: it moves from the mean to the truth, which looks like growth of the
    able.

    Args:
        learner: shape (n,), codes, ascending; each learner's answers in their order.
        b: shape (n,), difficulty of the item; NaN where it is not known.
        correct: shape (n,), 0 or 1.
        generated: shape (n,), whether the item is.
        seed: of the bootstrap.
    """
    n_learners = int(learner.max(initial=-1)) + 1
    human = np.flatnonzero(~generated & np.isfinite(b))
    own = np.bincount(learner[human], minlength=n_learners)
    start = np.cumsum(own) - own
    late = (np.arange(len(human)) - start[learner[human]]) >= (own[learner[human]] + 1) // 2
    half = learner[human] * 2 + late
    ability = anchored(half, 1 - np.asarray(correct)[human], b[human], 2 * n_learners).b.reshape(-1, 2)
    met = np.bincount(learner, minlength=n_learners)
    here = own >= 2 * FEWEST_IN_HALF
    growth = (ability[:, 1] - ability[:, 0])[here]
    share = np.bincount(learner, weights=generated, minlength=n_learners)[here] / met[here]
    if len(growth) < FEWEST_LEARNERS:
        why = f"fewer than {FEWEST_LEARNERS} learners with {2 * FEWEST_IN_HALF} answers to human items"
        return Gain(len(growth), None, None, None, why)
    if np.ptp(share) < 1e-9:
        return Gain(len(growth), None, None, None, "all learners met the same share of generated items")
    weights = (row for rows in bootstrap_weights(len(growth), REPLICATES, seed) for row in rows)
    drawn = np.array([_slope(share, growth, row) for row in weights])
    low, high = percentile(drawn) or (None, None)
    return Gain(len(growth), _slope(share, growth, np.ones(len(growth))), low, high)


def _slope(share: Floats, growth: Floats, weight: Floats) -> float:
    centred = share - (weight @ share) / weight.sum()
    spread = float(weight @ centred**2)
    return float(weight @ (centred * growth)) / spread if spread > 0 else float("nan")
