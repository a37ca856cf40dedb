"""The ROC curve of some scores: which share of right answers is found at which share of false alarms."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

POINTS = 400


@dataclass(frozen=True)
class Roc:
    """A ROC curve.

    Attributes:
        false_alarms: shape (k,), share of wrong answers scored at or above a threshold, ascending from 0 to 1.
        found: shape (k,), share of right answers scored at or above it.
        auc: area under the whole curve.
        n: answers.
        n_right: right answers.
    """

    false_alarms: NDArray[np.float64]
    found: NDArray[np.float64]
    auc: float
    n: int
    n_right: int


def roc(target: NDArray[np.number], score: NDArray[np.floating]) -> Roc | None:
    """The curve at every distinct score, thinned to 400 points; None where one class is missing.

    Args:
        target: shape (n,), 1 or 0.
        score: shape (n,).
    """
    right = np.asarray(target) > 0.5
    n_right = int(right.sum())
    if n_right in (0, len(right)):
        return None
    order = np.argsort(-np.asarray(score, float), kind="stable")
    last = np.append(np.diff(np.asarray(score, float)[order]) != 0, np.True_)
    found = np.append(0, np.cumsum(right[order])[last]) / n_right
    false_alarms = np.append(0, np.cumsum(~right[order])[last]) / (len(right) - n_right)
    auc = float(np.trapezoid(found, false_alarms))
    kept = np.unique(np.linspace(0, len(found) - 1, POINTS).round().astype(int))
    return Roc(false_alarms[kept], found[kept], auc, len(right), n_right)
