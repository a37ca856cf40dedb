"""Classical statistics of items: share right, and whether those who answer an item right do well on the others.

Both depend on who was asked. Where a tutor gives hard items to able learners, all items are answered right about
equally often, and neither says what the item is worth: see `exposure`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.metrics.proportions import wilson

Floats = NDArray[np.float64]
Ints = NDArray[np.integer]


@dataclass(frozen=True, eq=False)
class Classical:
    """One value an item; each array has shape (n_items,).

    Attributes:
        n: answers.
        right: right ones.
        p: share right, NaN without answers.
        low: lower end of its 95 % interval (Wilson 1927).
        high: upper end.
        item_rest: correlation of being right with the learner's share right on all other items; NaN where it is not
            defined: fewer than three learners with other answers, or all alike.
        item_rest_se: its standard error, (1 - r²) / sqrt(n - 1).
        item_rest_n: answers by learners who have others.
    """

    n: NDArray[np.int64]
    right: NDArray[np.int64]
    p: Floats
    low: Floats
    high: Floats
    item_rest: Floats
    item_rest_se: Floats
    item_rest_n: NDArray[np.int64]


def classical(learner: Ints, item: Ints, correct: Ints, n_items: int) -> Classical:
    """The statistics of all items.

    Args:
        learner: shape (n,), codes from 0.
        item: shape (n,), codes from 0; one answer a learner and item.
        correct: shape (n,), 0 or 1.
        n_items: how many items there are, with those that nobody answered.

    >>> found = classical(np.array([0, 1, 2, 3]), np.zeros(4, int), np.array([1, 1, 1, 0]), 1)
    >>> float(found.p[0]), round(float(found.low[0]), 3)
    (0.75, 0.301)
    """
    n = np.bincount(item, minlength=n_items)
    right = np.bincount(item, weights=correct, minlength=n_items).astype(np.int64)
    low, high = wilson(right, n)
    with np.errstate(invalid="ignore"):
        p = right / n
    r, r_n = _item_rest(learner, item, correct, n_items)
    with np.errstate(invalid="ignore", divide="ignore"):
        se = np.where(np.isnan(r), np.nan, (1 - r**2) / np.sqrt(r_n - 1))
    return Classical(n, right, p, low, high, r, se, r_n)


def _item_rest(learner: Ints, item: Ints, correct: Ints, n_items: int) -> tuple[Floats, NDArray[np.int64]]:
    answers, right = np.bincount(learner), np.bincount(learner, weights=correct)
    others = answers[learner] - 1
    has = others > 0
    at, y = item[has], correct[has].astype(np.float64)
    rest = (right[learner[has]] - y) / others[has]

    def mean(values: Floats) -> Floats:
        with np.errstate(invalid="ignore"):
            return np.bincount(at, weights=values, minlength=n_items) / np.bincount(at, minlength=n_items)

    y = y - mean(y)[at]
    rest = rest - mean(rest)[at]
    spread = np.sqrt(mean(y**2) * mean(rest**2))
    n = np.bincount(at, minlength=n_items)
    defined = (spread > 1e-12) & (n >= 3)
    r = np.divide(mean(y * rest), spread, out=np.full(n_items, np.nan), where=defined)
    return r.clip(-1, 1), n
