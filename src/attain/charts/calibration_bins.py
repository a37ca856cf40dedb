"""Calibration of some scores in bins: of the answers scored about 0.7, how many are right?"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.charts.shares import Shares, shares

BINS = 10
FEWEST = 10
"""A bin with fewer answers shows no share: it would say nothing, and too much about those few."""


@dataclass(frozen=True)
class Calibration:
    """Scores in bins of equal width.

    Attributes:
        edges: shape (bins + 1,).
        score: shape (bins,), mean score in the bin; NaN where it is empty.
        right: the shares of right answers in the bins.
    """

    edges: NDArray[np.float64]
    score: NDArray[np.float64]
    right: Shares


def calibration(target: NDArray[np.number], score: NDArray[np.floating], bins: int = BINS) -> Calibration:
    """Count the answers of each bin.

    Args:
        target: shape (n,), 1 or 0.
        score: shape (n,), in [0, 1].
        bins: how many.
    """
    score = np.asarray(score, float)
    place = np.minimum((score * bins).astype(int), bins - 1)
    right = shares(place, np.asarray(target), bins)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(place, score, bins) / np.where(right.n > 0, right.n, np.nan)
    return Calibration(np.linspace(0, 1, bins + 1), mean, right)
