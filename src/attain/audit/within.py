"""The difference between a cohort and the rest within courses: each course's own difference, then their mean.

A course where a cohort or the rest has nobody says nothing and drops out.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float64]


def mantel_haenszel(successes: ArrayLike, n: ArrayLike, other_successes: ArrayLike, other_n: ArrayLike) -> Floats:
    """Weighted mean of the strata's differences, with Mantel-Haenszel weights n·m / (n + m).

    Args:
        successes: of the cohort; strata are the last axis.
        n: rows of the cohort.
        other_successes: of the rest.
        other_n: rows of the rest.

    Returns:
        One difference for each row of strata, NaN where no stratum has both.

    >>> float(mantel_haenszel([5, 8], [10, 10], [4, 2], [10, 5]).round(3))
    0.22
    """
    x, m, y, k = (np.asarray(part, np.float64) for part in (successes, n, other_successes, other_n))
    with np.errstate(divide="ignore", invalid="ignore"):
        top = np.where(m + k > 0, (x * k - y * m) / (m + k), 0.0).sum(axis=-1)
        weight = np.where(m + k > 0, m * k / (m + k), 0.0).sum(axis=-1)
        return np.asarray(top / np.where(weight > 0, weight, np.nan))


def sato_interval(
    successes: NDArray[np.integer],
    n: NDArray[np.integer],
    other_successes: NDArray[np.integer],
    other_n: NDArray[np.integer],
    *,
    effect: float = 1.0,
    level: float = 0.95,
) -> tuple[float, float]:
    """Interval of `mantel_haenszel` over one row of strata (Sato, Greenland & Robins 1989); NaN where undefined.

    Args:
        successes: shape (n_strata,), of the cohort.
        n: rows of the cohort.
        other_successes: of the rest.
        other_n: rows of the rest.
        effect: how many times wider in variance because learners repeat.
        level: of the interval.
    """
    both = (n > 0) & (other_n > 0)
    x, m, y, k = (part[both].astype(np.float64) for part in (successes, n, other_successes, other_n))
    if not len(x):
        return np.nan, np.nan
    all_ = m + k
    weight = (m * k / all_).sum()
    gap = ((x * k - y * m) / all_).sum() / weight
    p = ((m**2 * y - k**2 * x + m * k * (k - m) / 2) / all_**2).sum()
    q = ((x * (k - y) + y * (m - x)) / (2 * all_)).sum()
    half = float(ndtri((1 + level) / 2)) * np.sqrt(max(gap * p + q, 0.0) * effect) / weight
    return float(max(gap - half, -1.0)), float(min(gap + half, 1.0))


def detectable_within(
    successes: NDArray[np.int64], n: NDArray[np.int64], other_n: NDArray[np.int64], alpha: float, power: float = 0.8
) -> float:
    """The least difference within strata that a test at `alpha` would find with this power; 1 where none could be.

    Args:
        successes: shape (n_strata,), of cohort and rest together.
        n: rows of the cohort.
        other_n: rows of the rest.
        alpha: level of the test.
        power: how often the difference is to be found.
    """
    all_ = (n + other_n).astype(np.float64)
    share = (successes + 2) / (all_ + 4)
    weight = n * other_n / np.maximum(all_, 1)
    if not weight.sum():
        return 1.0
    spread = np.sqrt((weight * share * (1 - share)).sum()) / weight.sum()
    return float(min(1.0, (ndtri(1 - alpha / 2) + ndtri(power)) * spread))
