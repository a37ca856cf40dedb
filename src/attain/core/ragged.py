"""Rows of differing length in one flat array: those of row i are `flat[start[i]:start[i + 1]]`."""

import numpy as np
from numpy.typing import NDArray


def pick(start: NDArray[np.integer], rows: NDArray[np.integer]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the values of some rows stand in the flat array, and where each of these rows begins among them.

    Args:
        start: shape (n + 1,).
        rows: shape (m,), numbers of rows, in any order and each as often as wanted.

    Returns:
        Places in the flat array, one row after the other, and offsets of shape (m + 1,).

    >>> pick(np.array([0, 2, 2, 5]), np.array([2, 0]))
    (array([2, 3, 4, 0, 1]), array([0, 3, 5]))
    """
    counts = np.diff(start)[rows]
    begins = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return np.arange(begins[-1]) + np.repeat(start[rows].astype(np.int64) - begins[:-1], counts), begins
