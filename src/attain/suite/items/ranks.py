"""Places by difficulty, and the places that intervals allow."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def ranks(b: Floats, low: Floats, high: Floats, enough: NDArray[np.bool_]) -> tuple[Ints, Ints, Ints]:
    """The place of each item, the first that it may have, and the last; 1 the hardest, 0 for an item without a place.

    An item cannot stand before those whose whole interval lies above its own.

    >>> b = np.array([0.0, 2.0, 0.3])
    >>> [places.tolist() for places in ranks(b, b - 0.5, b + 0.5, np.array([True, True, True]))]
    [[3, 1, 2], [2, 1, 2], [3, 1, 3]]
    """
    own = np.flatnonzero(enough & np.isfinite(b))
    place, first, last = (np.zeros(len(b), dtype=np.int64) for _ in range(3))
    place[own[np.argsort(-b[own], kind="stable")]] = np.arange(1, len(own) + 1)
    first[own] = 1 + len(own) - np.searchsorted(np.sort(low[own]), high[own], side="right")
    last[own] = len(own) - np.searchsorted(np.sort(high[own]), low[own], side="left")
    return place, first, last
