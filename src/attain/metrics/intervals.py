"""How sure is a number: bootstrap weights of whole units, percentile intervals, correction for many comparisons."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from attain.core.rng import rng

LEVEL = 0.95
BLOCK = 4_000_000
"""Weights held in memory at once (32 MB), however many units and replicates there are."""
DEFINED_SHARE = 0.9
"""The least share of replicates in which a value must exist for its interval to be given."""


def bootstrap_weights(n_units: int, replicates: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """How often each unit is drawn in each replicate: `n_units` draws with replacement, in blocks of replicates.

    The weights depend on the seed and the number of units alone, not on the blocks.

    Yields:
        shape (some, n_units), `replicates` rows in all; each row sums to `n_units`.
    """
    generator = rng(seed, "bootstrap", n_units)
    size = max(1, BLOCK // max(n_units, 1))
    for start in range(0, replicates, size):
        rows = min(size, replicates - start)
        drawn = generator.integers(0, n_units, size=(rows, n_units)) + n_units * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * n_units).reshape(rows, n_units).astype(np.float64)


def percentile(replicates: NDArray[np.float64], level: float = LEVEL) -> tuple[float, float] | None:
    """Percentile bootstrap interval of the replicates that are defined; None where too few are.

    >>> [round(end) for end in percentile(np.arange(1001.0))]
    [25, 975]
    """
    defined = replicates[~np.isnan(replicates)]
    if len(defined) < 2 or len(defined) < DEFINED_SHARE * len(replicates):
        return None
    low, high = np.quantile(defined, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """P values adjusted for being several (Holm 1979), in the order given; NaN is left out of the count.

    >>> holm(np.array([0.01, 0.04, 0.03])).tolist()
    [0.03, 0.06, 0.06]
    """
    adjusted = np.full(len(p), np.nan)
    order = np.argsort(p)[: int((~np.isnan(p)).sum())]
    factors = len(order) - np.arange(len(order))
    adjusted[order] = np.minimum(np.maximum.accumulate(p[order] * factors), 1)
    return adjusted
