"""Shares by group with their intervals, as several figures show them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BARS = (
    "Bars: 95 % Wilson intervals that treat answers as independent; a learner's answers are alike, so the true "
    "uncertainty is wider."
)
"""What a figure with these intervals says of them."""

_Z = 1.959963984540054


@dataclass(frozen=True)
class Shares:
    """Shares of right answers by group; all of shape (groups,).

    Attributes:
        n: answers.
        share: share right, NaN where there is no answer.
        low: lower end of the 95 % Wilson interval.
        high: upper end.
    """

    n: NDArray[np.int64]
    share: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


def shares(group: NDArray[np.integer], target: NDArray[np.number], groups: int) -> Shares:
    """Count right answers by group.

    Args:
        group: shape (n,), from 0 to `groups` - 1.
        target: shape (n,), 1 or 0.
        groups: how many.
    """
    n = np.bincount(group, minlength=groups)
    known = np.where(n > 0, n, np.nan)
    share = np.bincount(group, np.asarray(target, float), groups) / known
    shrunk = 1 + _Z**2 / known
    middle = (share + _Z**2 / (2 * known)) / shrunk
    half = _Z / shrunk * np.sqrt(share * (1 - share) / known + _Z**2 / (4 * known**2))
    return Shares(n, share, np.minimum(middle - half, share).clip(0), np.maximum(middle + half, share).clip(max=1))
