"""Items like those that the learner took: nearest neighbours by who took both."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.compiled import compiled
from attain.core.component import Params
from attain.data.choices import Choices
from attain.models._saved import Learned, Saved
from attain.models.recommendation._taken import summed, taken
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender


class ItemKNNParams(Params):
    """Parameters of `item_knn`."""

    neighbours: int = Field(default=50, ge=1)
    """How many of the most similar items each item speaks for."""
    similarity: Literal["cosine", "jaccard"] = "cosine"
    """How alike two items are: the learners who took both, against the geometric mean of those who took each, or
    against those who took either."""
    shrink: float = Field(default=10, ge=0)
    """Added to the denominator, so that items of few learners are not held alike by chance."""


class ItemKNN(Saved, Recommender):
    """Scores an item by the sum of its similarities to what the learner took (Sarwar et al. 2001, sec. 3).

    References:
        Sarwar, B., Karypis, G., Konstan, J., & Riedl, J. (2001). Item-based collaborative filtering recommendation
        algorithms. WWW, 285-295.
    """

    name = "item_knn"
    params: ItemKNNParams
    learned: Learned
    """Arrays `start`, shape (n_items + 1,), `near` and `weight`: the neighbours of each item."""

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        own = taken(log)
        by = own.turned()
        near, weight = _nearest(
            own.start,
            own.item,
            by.start,
            by.item,
            own.n_items,
            min(self.params.neighbours, max(own.n_items - 1, 1)),
            np.float32(self.params.shrink),
            self.params.similarity == "jaccard",
        )
        kept = weight > 0
        start = np.concatenate([[0], np.cumsum(kept.sum(axis=1))]).astype(np.int64)
        self.learned = Learned({"start": start, "near": near[kept], "weight": weight[kept]}, {"items": log.items})

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        own, arrays = taken(history, learners), self.learned.arrays
        return summed(
            own.start,
            own.item,
            arrays["start"].astype(np.int64, copy=False),
            arrays["near"].astype(np.int32, copy=False),
            arrays["weight"].astype(np.float32, copy=False),
            own.n_items,
        )


@compiled
def _nearest(
    start: NDArray[np.int64],
    item: NDArray[np.int32],
    by_start: NDArray[np.int64],
    by: NDArray[np.int32],
    n_items: int,
    k: int,
    shrink: np.float32,
    jaccard: bool,
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """The k most similar items of each item, 0 where there are fewer; ties go to the item that comes first."""
    near = np.zeros((n_items, k), dtype=np.int32)
    weight = np.zeros((n_items, k), dtype=np.float32)
    both = np.zeros(n_items, dtype=np.float32)
    met = np.empty(n_items, dtype=np.int32)
    for i in range(n_items):
        n_met, n_own = 0, by_start[i + 1] - by_start[i]
        for at in range(by_start[i], by_start[i + 1]):
            for p in range(start[by[at]], start[by[at] + 1]):
                other = item[p]
                if both[other] == 0:
                    met[n_met] = other
                    n_met += 1
                both[other] += np.float32(1)
        count = 0
        few = 8 * n_met < n_items  # else it is quicker to look at all items than to sort those that were met
        others = np.sort(met[:n_met]) if few else met
        for at in range(n_met if few else n_items):
            j = others[at] if few else at
            together, n_other = both[j], by_start[j + 1] - by_start[j]
            both[j] = 0
            if j == i or together == 0:
                continue
            if jaccard:
                value = together / (np.float32(n_own + n_other) - together + shrink)
            else:
                value = together / (np.sqrt(np.float32(n_own) * np.float32(n_other)) + shrink)
            if count == k and value <= weight[i, k - 1]:
                continue
            place = count if count < k else k - 1
            while place > 0 and weight[i, place - 1] < value:
                if place < k:
                    weight[i, place], near[i, place] = weight[i, place - 1], near[i, place - 1]
                place -= 1
            weight[i, place], near[i, place] = value, j
            if count < k:
                count += 1
    return near, weight
