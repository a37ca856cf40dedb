"""EASE: a linear model from what a learner took to every item, with a closed-form solution."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.choices import Choices
from attain.models._saved import Learned, Saved
from attain.models.recommendation._taken import summed_rows, taken, taken_together
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender


class EASEParams(Params):
    """Parameters of `ease`."""

    ridge: float = Field(default=200, gt=0)
    """How strongly weights are drawn to 0, in learners; more for small or sparse sets."""


class EASE(Saved, Recommender):
    """Every item is predicted from the others by ridge regression, no item from itself (Steck 2019, eq. 8).

    Needs memory for two dense tables of items by items (200 MB at 5,000 items) and time for one inverse.

    References:
        Steck, H. (2019). Embarrassingly shallow autoencoders for sparse data. WWW, 3251-3257.
    """

    name = "ease"
    params: EASEParams
    learned: Learned
    """Array `weight`, shape (n_items, n_items): what row's item, taken, adds to column's item."""

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        from scipy.linalg import lapack

        own = taken(log)
        by = own.turned()
        gram = taken_together(own.start, own.item, by.start, by.item, own.n_items)
        gram[np.diag_indices(own.n_items)] += np.float32(self.params.ridge)
        factor, _ = lapack.spotrf(gram.T, lower=1, overwrite_a=1)  # symmetric, and positive by the ridge
        inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
        inverse = np.ascontiguousarray(inverse.T)  # the upper half is filled
        _mirror(inverse)
        weight = inverse / -np.diag(inverse)
        np.fill_diagonal(weight, 0)
        self.learned = Learned({"weight": weight}, {"items": log.items})

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        own = taken(history, learners)
        return summed_rows(own.start, own.item, self.learned.arrays["weight"].astype(np.float32, copy=False))


def _mirror(square: NDArray[np.float32]) -> None:
    """Copy the upper half of a square table to its lower half, in blocks that fit the cache."""
    size = 512
    for a in range(0, len(square), size):
        for b in range(0, a, size):
            square[a : a + size, b : b + size] = square[b : b + size, a : a + size].T
        block = square[a : a + size, a : a + size]
        block[np.tril_indices(len(block), -1)] = block.T[np.tril_indices(len(block), -1)]
