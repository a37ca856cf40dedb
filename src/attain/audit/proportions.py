"""How sure is the difference of two shares, and what difference could have been seen at all?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from attain.metrics.proportions import wilson

Floats = NDArray[np.float64]


def newcombe(
    count: ArrayLike, n: ArrayLike, other_count: ArrayLike, other_n: ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    """Interval of the difference of two independent shares, from their Wilson intervals (Newcombe 1998, method 10)."""
    low, high = wilson(count, n, level)
    other_low, other_high = wilson(other_count, other_n, level)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.asarray(count, np.float64) / np.asarray(n, np.float64)
        other = np.asarray(other_count, np.float64) / np.asarray(other_n, np.float64)
    below = np.sqrt((share - low) ** 2 + (other_high - other) ** 2)
    above = np.sqrt((high - share) ** 2 + (other - other_low) ** 2)
    return share - other - below, share - other + above


def detectable_gap(share: ArrayLike, n: ArrayLike, other_n: ArrayLike, alpha: float, power: float = 0.8) -> Floats:
    """The least difference from `share` that a test at `alpha` would find with this power; capped at 1, NaN without n.

    By the normal approximation, with two successes and two failures added to the share (Agresti & Coull 1998), so
    that a share of 0 or 1 does not look as if any gap could be seen.

    >>> round(float(detectable_gap(0.2, 56, 4000, alpha=0.05)), 2)
    0.15
    """
    m, k = np.asarray(n, np.float64), np.asarray(other_n, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        all_ = m + k
        kept = (np.asarray(share, np.float64) * all_ + 2) / (all_ + 4)
        spread = np.sqrt(kept * (1 - kept) * (1 / m + 1 / k))
    gap = float(ndtri(1 - alpha / 2) + ndtri(power)) * spread
    return np.where((m > 0) & (k > 0), np.minimum(gap, 1.0), np.nan)
