"""The most taken items, the same for everyone."""

import numpy as np
from numpy.typing import NDArray

from attain.core.component import Params
from attain.data.choices import Choices
from attain.models._saved import Learned, Saved
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender


class PopularityParams(Params):
    """Parameters of `popularity`: none."""


class Popularity(Saved, Recommender):
    """Items by how many training learners took them. A baseline: hard to beat on past choices, and poor teaching."""

    name = "popularity"
    params: PopularityParams
    learned: Learned
    """Array `takers`, shape (n_items,)."""

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        takers = np.bincount(log.item[~log.repeated], minlength=len(log.items))
        self.learned = Learned({"takers": takers.astype(np.float32)}, {"items": log.items})

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        takers = self.learned.arrays["takers"].astype(np.float32)
        return np.broadcast_to(takers, (len(learners), len(takers)))
