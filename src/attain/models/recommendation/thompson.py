"""A bandit that draws each item's worth from what is known of it, and lists the luckiest."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.core.errors import UserError
from attain.data.choices import Choices
from attain.data.interactions import Interactions
from attain.models._saved import Learned, Saved
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender


class ThompsonParams(Params):
    """Parameters of `thompson`."""

    reward: Literal["taken", "correct"] = "taken"
    """What an item is worth: the chance that a learner takes it, or that an answer to it is right."""
    prior: float = Field(default=1, gt=0)
    """Successes and failures that each item is thought to have had before."""


class Thompson(Saved, Recommender):
    """Bernoulli Thompson sampling (Chapelle & Li 2011): each learner's list is a draw from the posterior of each item.

    A score is one draw from Beta(prior + successes, prior + failures), the same whenever a learner is asked for again.
    What few learners took varies most, and so is tried; on a log, where nothing can be tried, that costs agreement.
    """

    name = "thompson"
    params: ThompsonParams
    learned: Learned
    """Arrays `success` and `failure`, shape (n_items,), and `seed`, shape (1,)."""

    def check_data(self, log: Choices | Interactions) -> None:
        """See `Component.check_data`."""
        if self.params.reward == "correct" and log.correct is None:
            raise UserError("'reward: correct' of 'thompson' needs right and wrong answers; this data set has none.")

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        n = len(log.items)
        if self.params.reward == "correct" and log.correct is not None:
            success = np.bincount(log.item[log.correct == 1], minlength=n)
            failure = np.bincount(log.item[log.correct == 0], minlength=n)
        else:
            success = np.bincount(log.item[~log.repeated], minlength=n)
            failure = len(log.present) - success
        seed = context.rng.integers(2**31, size=1)
        arrays = {"success": success.astype(np.float64), "failure": failure.astype(np.float64), "seed": seed}
        self.learned = Learned(arrays, {"items": log.items})

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        arrays, prior = self.learned.arrays, self.params.prior
        a = prior + arrays["success"].astype(np.float64)
        b = prior + arrays["failure"].astype(np.float64)
        seed = int(arrays["seed"][0])
        draws = [np.random.default_rng([seed, int(learner)]).beta(a, b) for learner in learners]
        return np.array(draws, dtype=np.float32).reshape(len(learners), len(a))
