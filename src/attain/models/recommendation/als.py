"""Factors of learners and items by alternating least squares. Needs implicit."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.compiled import compiled
from attain.core.component import Params
from attain.data.choices import Choices
from attain.models._saved import Learned, Saved
from attain.models.recommendation._implicit import matrix, one_thread
from attain.models.recommendation._taken import taken
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender

ENOUGH = 1e-9
"""The search for a learner's factors ends where its squared residual has fallen to this share."""


class ALSParams(Params):
    """Parameters of `als`."""

    factors: int = Field(default=64, ge=1)
    """Length of the vectors."""
    iterations: int = Field(default=15, ge=1)
    """How often learners and items are solved for in turn."""
    regularization: float = Field(default=0.05, ge=0)
    """How strongly factors are drawn to 0."""
    confidence: float = Field(default=10, gt=0)
    """How much more a choice counts than one that was not made."""


class ALS(Saved, Recommender):
    """Weighted matrix factorisation of implicit feedback (Hu, Koren & Volinsky 2008), trained by `implicit`.

    A learner's factors are solved for from the history at hand, so that learners who were not in the training part are
    served as well as others.

    References:
        Hu, Y., Koren, Y., & Volinsky, C. (2008). Collaborative filtering for implicit feedback datasets. ICDM, 263-272.
    """

    name = "als"
    params: ALSParams
    learned: Learned
    """Array `item`, shape (n_items, factors)."""

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        from implicit.cpu.als import AlternatingLeastSquares

        seed = int(context.rng.integers(2**31))
        with one_thread():
            model = AlternatingLeastSquares(
                factors=self.params.factors,
                regularization=self.params.regularization,
                alpha=self.params.confidence,
                iterations=self.params.iterations,
                num_threads=1,
                random_state=seed,
            )
            model.fit(matrix(log), show_progress=False)
        self.learned = Learned({"item": np.asarray(model.item_factors, dtype=np.float32)}, {"items": log.items})

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        item = self.learned.arrays["item"].astype(np.float32, copy=False)
        own = taken(history, learners)
        gram = item.T @ item + np.float32(self.params.regularization) * np.eye(item.shape[1], dtype=np.float32)
        learner = _solved(own.start, own.item, item, gram, np.float32(self.params.confidence))
        return learner @ item.T


@compiled
def _solved(
    start: NDArray[np.int64],
    taken_item: NDArray[np.int32],
    item: NDArray[np.float32],
    gram: NDArray[np.float32],
    confidence: np.float32,
) -> NDArray[np.float32]:
    """Each row's factors x, by conjugate gradients on (gram + sum (c - 1) y y') x = sum c y over its items."""
    n, width = len(start) - 1, item.shape[1]
    out = np.zeros((n, width), dtype=np.float32)
    for i in range(n):
        own = item[taken_item[start[i] : start[i + 1]]]
        x, r = out[i], np.zeros(width, dtype=np.float32)
        for at in range(len(own)):
            for k in range(width):
                r[k] += confidence * own[at, k]
        p, old = r.copy(), np.dot(r, r)
        enough = ENOUGH * old
        for _ in range(2 * width):
            if old <= enough:
                break
            ap = np.dot(gram, p)
            for at in range(len(own)):
                along = (confidence - np.float32(1)) * np.dot(own[at], p)
                for k in range(width):
                    ap[k] += along * own[at, k]
            step = old / np.dot(p, ap)
            for k in range(width):
                x[k] += step * p[k]
                r[k] -= step * ap[k]
            new = np.dot(r, r)
            for k in range(width):
                p[k] = r[k] + new / old * p[k]
            old = new
    return out
