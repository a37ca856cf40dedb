"""Who took what, each pair of learner and item once, as offsets and columns; and sums over what a learner took."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.data.choices import Choices


@dataclass(frozen=True, eq=False)
class Taken:
    """The items of each learner: those of learner i are `item[start[i]:start[i + 1]]`, each once.

    Attributes:
        start: shape (n_rows + 1,).
        item: shape (n_pairs,).
        n_items: the size of the catalogue.
    """

    start: NDArray[np.int64]
    item: NDArray[np.int32]
    n_items: int

    def turned(self) -> "Taken":
        """The learners of each item, likewise."""
        start, row = _turned(self.start, self.item, self.n_items)
        return Taken(start, row, len(self.start) - 1)


@compiled
def _turned(
    start: NDArray[np.int64], item: NDArray[np.int32], n_items: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The rows of each item, ascending: a counting sort."""
    begins = np.zeros(n_items + 1, dtype=np.int64)
    for at in range(len(item)):
        begins[item[at] + 1] += 1
    for i in range(n_items):
        begins[i + 1] += begins[i]
    place, row = begins[:-1].copy(), np.empty(len(item), dtype=np.int32)
    for i in range(len(start) - 1):
        for at in range(start[i], start[i + 1]):
            row[place[item[at]]] = i
            place[item[at]] += 1
    return begins, row


def taken(log: Choices, learners: NDArray[np.int32] | None = None) -> Taken:
    """What learners took.

    Args:
        log: the events.
        learners: shape (n_rows,), the codes of those who get a row, ascending; all in `log.learners` where not given.
    """
    row = log.learner if learners is None else np.searchsorted(learners, log.learner).astype(np.int32)
    n = len(log.learners) if learners is None else len(learners)
    start, item = _each_once(row, log.item, n, len(log.items))
    return Taken(start, item, len(log.items))


@compiled
def _each_once(
    row: NDArray[np.int32], item: NDArray[np.int32], n_rows: int, n_items: int
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The distinct items of each row, in the order in which they come; rows are ascending."""
    last = np.full(n_items, -1, dtype=np.int64)
    start = np.zeros(n_rows + 1, dtype=np.int64)
    kept = np.empty(len(item), dtype=np.int32)
    count = 0
    for at in range(len(item)):
        if last[item[at]] != row[at]:
            last[item[at]] = row[at]
            kept[count] = item[at]
            count += 1
            start[row[at] + 1] += 1
    for i in range(n_rows):
        start[i + 1] += start[i]
    return start, kept[:count].copy()


@compiled
def summed(
    start: NDArray[np.int64],
    item: NDArray[np.int32],
    near_start: NDArray[np.int64],
    near: NDArray[np.int32],
    weight: NDArray[np.float32],
    n_items: int,
) -> NDArray[np.float32]:
    """For each row the sum of its items' weights for all others.

    Args:
        start: shape (n_rows + 1,), offsets into `item`.
        item: what each row took.
        near_start: shape (n_items + 1,), offsets into `near` and `weight`.
        near: items that an item speaks for.
        weight: by how much.
        n_items: the size of the catalogue.

    Returns:
        shape (n_rows, n_items).
    """
    out = np.zeros((len(start) - 1, n_items), dtype=np.float32)
    for i in range(len(start) - 1):
        row = out[i]
        for at in range(start[i], start[i + 1]):
            for k in range(near_start[item[at]], near_start[item[at] + 1]):
                row[near[k]] += weight[k]
    return out


@compiled
def summed_rows(start: NDArray[np.int64], item: NDArray[np.int32], table: NDArray[np.float32]) -> NDArray[np.float32]:
    """For each row the sum of its items' rows of a table, shape (n_rows, table.shape[1])."""
    width = table.shape[1]
    out = np.zeros((len(start) - 1, width), dtype=np.float32)
    for i in range(len(start) - 1):
        for at in range(start[i], start[i + 1]):
            own = table[item[at]]
            for k in range(width):
                out[i, k] += own[k]
    return out


@compiled
def taken_together(
    start: NDArray[np.int64], item: NDArray[np.int32], by_start: NDArray[np.int64], by: NDArray[np.int32], n_items: int
) -> NDArray[np.float32]:
    """How many learners took both of two items.

    Args:
        start: shape (n_learners + 1,), offsets into `item`.
        item: what each learner took.
        by_start: shape (n_items + 1,), offsets into `by`.
        by: who took each item.
        n_items: the size of the catalogue.

    Returns:
        shape (n_items, n_items), symmetric; exact up to 2 ** 24.
    """
    out = np.zeros((n_items, n_items), dtype=np.float32)
    for i in range(n_items):
        row = out[i]
        for at in range(by_start[i], by_start[i + 1]):
            for k in range(start[by[at]], start[by[at] + 1]):
                row[item[k]] += np.float32(1)
    return out
