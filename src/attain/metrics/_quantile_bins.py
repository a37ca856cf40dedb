"""Bins of equal mass over scores, drawn anew under each weighting of the units."""

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled

Floats = NDArray[np.float64]


@compiled
def mean_over_bins(
    unit: NDArray[np.int32], value: Floats, first: NDArray[np.bool_], bins: int, root: bool, weights: Floats
) -> Floats:
    """What the bins' sums come to, a row: the sum of their sizes, or of their roots, over the weight of all rows.

    Args:
        unit: shape (n,), of each row; rows by ascending score.
        value: shape (n,), what is summed in each bin.
        first: shape (n,), whether a row is the first of its score, as ties are never parted.
        bins: into how many bins, at most.
        root: the square root of each sum is taken, not its size.
        weights: shape (replicates, n_units).

    Returns:
        shape (replicates,), NaN where all weights are 0.
    """
    out = np.full(len(weights), np.nan)
    for r in range(len(weights)):
        weight = weights[r]
        total = 0.0
        for u in unit:
            total += weight[u]
        if total <= 0:
            continue
        before, found, here, place = 0.0, 0.0, 0.0, 0
        for i in range(len(unit)):
            if first[i]:
                now = int(before * bins / total)
                if now != place:
                    found += np.sqrt(here) if root else abs(here)
                    here, place = 0.0, now
            w = weight[unit[i]]
            here += w * value[i]
            before += w
        out[r] = (found + (np.sqrt(here) if root else abs(here))) / total
    return out
