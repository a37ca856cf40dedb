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


def bootstrap_weights(
    n_units: int, replicates: int, seed: int, strata: NDArray[np.integer] | None = None
) -> Iterator[NDArray[np.float64]]:
    """How often each unit is drawn in each replicate: `n_units` draws with replacement, in blocks of replicates.

    The weights depend on the seed, the number of units and the strata alone, not on the blocks.

    Args:
        n_units: how many there are.
        replicates: how often all are drawn.
        seed: of the draws.
        strata: shape (n_units,); as many units of each stratum are drawn as it has. None for one.

    Yields:
        shape (some, n_units), `replicates` rows in all; each row sums to `n_units`.
    """
    several = {} if strata is None else {int(code): np.flatnonzero(strata == code) for code in np.unique(strata)}
    drawn = [(own, rng(seed, "bootstrap", len(own), code)) for code, own in several.items()]
    drawn = drawn or [(np.arange(n_units), rng(seed, "bootstrap", n_units))]
    size = max(1, BLOCK // max(n_units, 1))
    for start in range(0, replicates, size):
        weights = np.empty((min(size, replicates - start), n_units))
        for own, generator in drawn:
            weights[:, own] = drawn_counts(generator, len(weights), len(own))
        yield weights


def drawn_counts(generator: np.random.Generator, rows: int, n_units: int) -> NDArray[np.int64]:
    """How often each of some units is drawn, in each of some replicates; shape (rows, n_units)."""
    drawn = generator.integers(0, max(n_units, 1), size=(rows, n_units)) + n_units * np.arange(rows)[:, None]
    return np.bincount(drawn.ravel(), minlength=rows * n_units).reshape(rows, n_units)


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
