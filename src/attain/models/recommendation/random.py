"""Items in an order drawn once: what lists reach that know nothing."""

import numpy as np
from numpy.typing import NDArray

from attain.core.component import Params
from attain.data.choices import Choices
from attain.models._saved import Learned, Saved
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender


class RandomParams(Params):
    """Parameters of `random`: none."""


class Random(Saved, Recommender):
    """A score for each learner and item that looks random, and is the same whenever it is asked for."""

    name = "random"
    params: RandomParams
    learned: Learned
    """Arrays `of_item`, shape (n_items,), and `of_learner`, shape (n_learners,): whole numbers that are mixed."""

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        draw = context.rng.integers
        whole = np.iinfo(np.uint64).max
        arrays = {
            "of_item": draw(whole, size=len(log.items), dtype=np.uint64),
            "of_learner": draw(whole, size=len(log.learners), dtype=np.uint64),
        }
        self.learned = Learned(arrays, {"items": log.items})

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        of_item = self.learned.arrays["of_item"].astype(np.uint64)
        of_learner = self.learned.arrays["of_learner"].astype(np.uint64)
        mixed = _mixed(of_learner[learners][:, None] ^ of_item)
        return (mixed >> np.uint64(40)).astype(np.float32)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Whole numbers of which every bit depends on every bit of those given (SplitMix64; Steele et al. 2014)."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(values ^ (values >> np.uint64(31)))
