"""The first places of many rows of scores, in one pass over each row."""

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled


def first_places(
    scores: NDArray[np.float32], allowed: NDArray[np.bool_], order: NDArray[np.int32], depth: int
) -> NDArray[np.int32]:
    """The items of each list, best first.

    Args:
        scores: shape (n_lists, n_items).
        allowed: shape (n_lists, n_items), the items that may be listed.
        order: shape (n_items,), the place of each item among items with equal scores.
        depth: how many items a list has at most.

    Returns:
        shape (n_lists, min(depth, n_items)), codes of items; -1 where a list has ended.
    """
    listed = np.full((len(scores), min(depth, scores.shape[1])), -1, dtype=np.int32)
    _fill(scores, allowed, order, listed)
    return listed


@compiled
def _fill(
    scores: NDArray[np.float32], allowed: NDArray[np.bool_], order: NDArray[np.int32], listed: NDArray[np.int32]
) -> None:
    n_lists, n_items = scores.shape
    depth = listed.shape[1]
    for i in range(n_lists):
        count, worst = 0, np.float32(-np.inf)
        for item in range(n_items):
            value = scores[i, item]
            if not allowed[i, item] or (count == depth and value < worst):
                continue
            place = count
            while place > 0:  # of a sorted list that is short, moving the rest down is the quickest way in
                other = listed[i, place - 1]
                if scores[i, other] > value or (scores[i, other] == value and order[other] < order[item]):
                    break
                place -= 1
            if place == depth:
                continue
            count = min(count + 1, depth)
            for k in range(count - 1, place, -1):
                listed[i, k] = listed[i, k - 1]
            listed[i, place] = item
            worst = scores[i, listed[i, count - 1]]
