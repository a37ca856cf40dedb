"""Sorting and counting of codes in time that grows with the rows: codes are small numbers, known beforehand."""

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled


@compiled
def by_code(code: NDArray[np.int32], n_codes: int) -> NDArray[np.int64]:
    """The order that sorts codes and leaves equal ones as they stand."""
    place = np.zeros(n_codes + 1, dtype=np.int64)
    for value in code:
        place[value + 1] += 1
    for value in range(n_codes):
        place[value + 1] += place[value]
    order = np.empty(len(code), dtype=np.int64)
    for row in range(len(code)):
        order[place[code[row]]] = row
        place[code[row]] += 1
    return order


def by_appearance(code: NDArray[np.int32], n_codes: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """New codes that count only what occurs, in the order of first appearance, and the old code of each."""
    new, old = np.full(n_codes, -1, dtype=np.int32), np.empty(n_codes, dtype=np.int32)
    out, count = appeared(code, new, old, 0)
    return out, old[:count]


@compiled
def appeared(
    code: NDArray[np.int32], new: NDArray[np.int32], old: NDArray[np.int32], count: int
) -> tuple[NDArray[np.int32], int]:
    """The new codes of more rows, and how many new codes there are then.

    Args:
        code: of the rows.
        new: the new code of each code, -1 where it has none; those that get one are written.
        old: the code of each new code; written.
        count: how many new codes there are before.
    """
    out = np.empty(len(code), dtype=np.int32)
    for row in range(len(code)):
        value = code[row]
        if new[value] < 0:
            new[value] = count
            old[count] = value
            count += 1
        out[row] = new[value]
    return out, count


@compiled
def within(start: NDArray[np.int64], key: NDArray[np.float64]) -> NDArray[np.int64]:
    """The order that sorts each stretch of rows by its keys, of which none is NaN, and leaves equal ones as they stand.

    Args:
        start: where the stretches begin, and the end of the last.
        key: shape (n_rows,).
    """
    order = np.arange(len(key))
    for number in range(len(start) - 1):
        begin, end = start[number], start[number + 1]
        for row in range(begin + 1, end):
            if key[row] < key[row - 1]:
                order[begin:end] = begin + np.argsort(key[begin:end], kind="mergesort")
                break
    return order


def is_sorted(code: NDArray[np.integer]) -> bool:
    """Whether codes ascend."""
    return bool((code[1:] >= code[:-1]).all())
