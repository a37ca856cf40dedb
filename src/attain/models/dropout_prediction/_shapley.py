"""What each feature adds to a score, for a model that does not tell by itself: Shapley values, by sampling."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Logit = Callable[[Floats], Floats]

_CHUNK = 2_000_000
"""Cells of the matrix that is scored at once, about."""


def sampled_shapley(logit: Logit, x: Floats, background: Floats, group: NDArray[np.int64]) -> tuple[float, Floats]:
    """Mean change of the logit as each feature takes the row's value in place of a background row's.

    Features come in one by one, in as many random orders as there are background rows, and in each order reversed
    (Štrumbelj & Kononenko 2014). All columns of a feature come in together. The orders are the same for every row, so
    that a row's values do not depend on which others are asked for, and they add up exactly.

    Args:
        logit: the score of rows, in log-odds.
        x: shape (n, n_columns).
        background: shape (m, n_columns), rows of the training part.
        group: shape (n_columns,), the number of each column's feature; each from 0 occurs.

    Returns:
        The mean logit of the background, and an array of shape (n, n_features).
    """
    n_features = int(group.max(initial=-1)) + 1
    generator, value = np.random.default_rng(0), np.zeros((len(x), n_features))
    size = max(1, _CHUNK // max(1, x.shape[1] * (n_features + 1)))
    begins = logit(background)
    for start, row in zip(begins, background, strict=True):
        order = generator.permutation(n_features)
        for turn in (order, order[::-1]):
            for at in range(0, len(x), size):
                value[at : at + size] += _one(logit, x[at : at + size], row, float(start), group, turn)
    return float(begins.mean()), value / (2 * len(background))


def _one(
    logit: Logit, x: Floats, row: Floats, start: float, group: NDArray[np.int64], order: NDArray[np.int64]
) -> Floats:
    """The changes as features come in in one order; shape (n, n_features)."""
    place = np.argsort(order)[group]  # of each column: when it comes in
    steps = np.where(place <= np.arange(len(order))[:, None, None], x, row)  # shape (n_features, n, n_columns)
    score = logit(steps.reshape(-1, x.shape[1])).reshape(len(order), len(x))
    out = np.empty((len(x), len(order)))
    out[:, order] = np.diff(score, axis=0, prepend=start).T
    return out
