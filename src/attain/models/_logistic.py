"""Logistic regression on sparse columns, held back by a penalty."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.special import expit

from attain.models._curvature import Curvature, split

Floats = NDArray[np.float64]

STEPS = 50
"""Newton's method needs about eight; more than this means that it fails."""
LARGE = 3000
"""With more columns than this, conjugate gradients on the loose ones are faster than solving for all exactly."""
LARGEST = 6000
"""So many columns, at most, are solved for exactly; their matrix takes 288 MB."""


def fit_logistic(
    columns: csr_array, target: NDArray[np.integer], penalty: Floats, *, single: int = 0, loose: int = 0
) -> Floats:
    """Weights w that minimise the log loss (summed over rows) + sum(penalty * w**2) / 2, by Newton's method.

    Its steps are exact where that is cheap: single columns are eliminated, as their part of the curvature is a
    diagonal, and what remains is small enough for a Cholesky factor. Only where loose columns would make it too large
    are those left to conjugate gradients. So the time grows with the rows, hardly with the number of items or learners.

    Args:
        columns: shape (n, k).
        target: shape (n,), 0 or 1.
        penalty: shape (k,), all above 0, so that there is exactly one minimum.
        single: of so many columns, the first, each row has at most one: those of items, for instance.
        loose: so many columns, the last, may be left to conjugate gradients: those of learners, for instance.

    Returns:
        shape (k,).
    """
    size = columns.shape[1] - single
    if size <= LARGE:
        loose = 0
    elif size - loose > LARGEST:
        loose = size
    weights, logit = np.zeros(columns.shape[1]), np.zeros(columns.shape[0])
    parts, turned = split(columns, single, loose), columns.T.tocsr()
    value, promised = _loss(logit, target, penalty, weights), np.inf
    for _ in range(STEPS):
        p = expit(logit)
        slope = turned @ (p - target) + penalty * weights
        closely = min(max(promised / value, 1e-8), 1e-2)  # a step need not be better than Newton's idea is
        step = Curvature(parts, p * (1 - p), penalty).solve(slope, closely)
        promised = float(slope @ step) / 2  # what the step would gain if the loss were a parabola
        if promised < 1e-9 * max(1, value):
            return weights - step
        along, share = columns @ step, 1.0
        while (tried := _loss(logit - share * along, target, penalty, weights - share * step)) > value:
            share /= 2
        weights, logit, value = weights - share * step, logit - share * along, tried
    raise ArithmeticError(
        f"Newton's method did not settle in {STEPS} steps; the last still promised {promised:g} nats."
    )


def _loss(logit: Floats, target: NDArray[np.integer], penalty: Floats, weights: Floats) -> float:
    return float(np.logaddexp(0, logit).sum() - logit @ target + penalty @ weights**2 / 2)
