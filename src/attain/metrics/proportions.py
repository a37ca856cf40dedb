"""How sure is a share?"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]


def wilson(count: ArrayLike, n: ArrayLike, level: float = 0.95) -> tuple[Floats, Floats]:
    """Interval of a share (Wilson 1927); never leaves [0, 1], and is not empty at 0 or n.

    Args:
        count: how many of `n`; any shape.
        n: need not be whole: learners who repeat count for less than their rows.
        level: of the interval.

    Returns:
        Lower and upper ends, NaN where n is 0.

    >>> [float(end.round(3)) for end in wilson(0, 10)]
    [0.0, 0.278]
    """
    z = float(ndtri((1 + level) / 2))
    x, m = np.asarray(count, np.float64), np.asarray(n, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = x / m
        middle = (share + z * z / (2 * m)) / (1 + z * z / m)
        half = z / (1 + z * z / m) * np.sqrt(share * (1 - share) / m + z * z / (4 * m * m))
    low = np.where(x <= 0, np.where(m > 0, 0.0, np.nan), np.maximum(middle - half, 0))
    high = np.where(x >= m, np.where(m > 0, 1.0, np.nan), np.minimum(middle + half, 1))
    return low, high
