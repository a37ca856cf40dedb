"""Factors of learners and items that rank what was taken above what was not. Needs implicit."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.choices import Choices
from attain.data.interactions import recode
from attain.models._saved import Learned, Saved
from attain.models.recommendation._implicit import matrix, one_thread
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender


class BPRParams(Params):
    """Parameters of `bpr`."""

    factors: int = Field(default=64, ge=1)
    """Length of the vectors."""
    iterations: int = Field(default=100, ge=1)
    """Passes over the training pairs."""
    learning_rate: float = Field(default=0.05, gt=0)
    """Step size."""
    regularization: float = Field(default=0.01, ge=0)
    """How strongly factors are drawn to 0."""


class BPR(Saved, Recommender):
    """Bayesian personalised ranking (Rendle et al. 2009), trained by `implicit`.

    It knows learners by name: one who took nothing in the training part is served as the mean of all others.

    References:
        Rendle, S., Freudenthaler, C., Gantner, Z., & Schmidt-Thieme, L. (2009). BPR: Bayesian personalized ranking from
        implicit feedback. UAI, 452-461.
    """

    name = "bpr"
    params: BPRParams
    learned: Learned
    """Arrays `item`, shape (n_items, factors + 1), the last column for what all like, and `learner`, likewise, with one
    more row: the mean."""

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        from implicit.cpu.bpr import BayesianPersonalizedRanking

        seed = int(context.rng.integers(2**31))
        with one_thread():
            model = BayesianPersonalizedRanking(
                factors=self.params.factors,
                iterations=self.params.iterations,
                learning_rate=self.params.learning_rate,
                regularization=self.params.regularization,
                num_threads=1,
                random_state=seed,
            )
            model.fit(matrix(log), show_progress=False)
        learner = np.asarray(model.user_factors, dtype=np.float32)[log.present]
        self.learned = Learned(
            {
                "item": np.asarray(model.item_factors, dtype=np.float32),
                "learner": np.vstack([learner, learner.mean(axis=0)]),
            },
            {"items": log.items, "learners": log.learners[log.present]},
        )

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        at = recode(history.learners[learners], self.learned.names["learners"])  # -1, the last row, for others
        table, item = (self.learned.arrays[name].astype(np.float32, copy=False) for name in ("learner", "item"))
        return table[at] @ item.T
