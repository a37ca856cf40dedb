"""Did it depend on ability who was asked which item? Measured, for what is declared of a tutor need not be so."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]

ALPHA = 0.05
LEAST_SHARE = 0.02
"""A share of the variance of ability that items may explain beyond chance without harm to comparisons of p-values."""


@dataclass(frozen=True)
class Exposure:
    """How far items differ in the ability of those who were asked them.

    Attributes:
        share: share of the variance of ability, over answers, that lies between items; None where it is not defined.
        chance: what that share would be on the average if each learner might as well have been any other.
        p: share of shuffles of learners that reach `share`, with the one that was seen.
        depends: whether exposure depended on ability, in earnest.
        reason: why there is no share.
    """

    share: float | None
    chance: float | None
    p: float | None
    depends: bool
    reason: str = ""

    @property
    def beyond(self) -> float:
        """Share of the variance between items beyond chance; 0 where it is not defined."""
        if self.share is None or self.chance is None or self.chance >= 1:
            return 0.0
        return max(0.0, (self.share - self.chance) / (1 - self.chance))


def exposure(
    learner: Ints, item: Ints, ability: Floats, n_items: int, *, shuffles: int = 199, seed: int = 0
) -> Exposure:
    """Test whether who was asked what depended on ability.

    Learners are shuffled, not answers: a learner's items go together to another learner, so that items that were given
    as a form, to a class, or in an order, do not look as if they were given by ability.

    Args:
        learner: shape (n,), codes from 0.
        item: shape (n,), codes from 0.
        ability: shape (n_learners,).
        n_items: how many there are.
        shuffles: of learners.
        seed: of the shuffles.
    """
    here = np.unique(learner)
    if len(here) < 3 or len(np.unique(item)) < 2:
        return Exposure(None, None, None, False, "fewer than three learners, or than two items")
    if np.ptp(ability[here]) < 1e-9:
        return Exposure(None, None, None, False, "all learners are equally able")
    place = np.zeros(len(ability), dtype=np.int64)
    place[here] = np.arange(len(here))
    who, own, n = place[learner], ability[here], np.bincount(item, minlength=n_items).clip(min=1)
    seen = _between(own[who], item, n)
    rng = np.random.default_rng(seed)
    shuffled = np.array([_between(rng.permutation(own)[who], item, n) for _ in range(shuffles)])
    p = float((1 + (shuffled >= seen - 1e-12).sum()) / (1 + shuffles))
    found = Exposure(seen, float(shuffled.mean()), p, False)
    return Exposure(seen, found.chance, p, p < ALPHA and found.beyond >= LEAST_SHARE)


def _between(ability: Floats, item: Ints, n: NDArray[np.int64]) -> float:
    """Share of the variance of `ability` that lies between items."""
    centred = ability - ability.mean()
    sums = np.bincount(item, weights=centred, minlength=len(n))
    return float((sums**2 / n).sum() / (centred**2).sum())
