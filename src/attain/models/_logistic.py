"""Logistic regression on sparse columns, held back by a penalty."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array
from scipy.sparse.linalg import spsolve
from scipy.special import expit

Floats = NDArray[np.float64]

STEPS = 50
"""Newton's method needs about eight; more than this means that it fails."""


def fit_logistic(columns: csr_array, target: NDArray[np.integer], penalty: Floats) -> Floats:
    """Weights w that minimise the log loss (summed over rows) + sum(penalty * w**2) / 2, by Newton's method.

    Args:
        columns: shape (n, k).
        target: shape (n,), 0 or 1.
        penalty: shape (k,), all above 0, so that there is exactly one minimum.

    Returns:
        shape (k,).
    """
    weights = np.zeros(columns.shape[1])
    value = _loss(columns, target, penalty, weights)
    turned = columns.T.tocsr()
    for _ in range(STEPS):
        p = expit(columns @ weights)
        slope = turned @ (p - target) + penalty * weights
        curvature = turned @ diags_array(p * (1 - p)) @ columns + diags_array(penalty)
        step = spsolve(curvature.tocsc(), slope)
        promised = float(slope @ step) / 2  # what the step would gain if the loss were a parabola
        if promised < 1e-9 * max(1, value):
            return weights
        share = 1.0
        while (tried := _loss(columns, target, penalty, weights - share * step)) > value:
            share /= 2
        weights, value = weights - share * step, tried
    raise ArithmeticError(
        f"Newton's method did not settle in {STEPS} steps; the last still promised {promised:g} nats."
    )


def _loss(columns: csr_array, target: NDArray[np.integer], penalty: Floats, weights: Floats) -> float:
    logit = columns @ weights
    return float(np.logaddexp(0, logit).sum() - logit @ target + penalty @ weights**2 / 2)
