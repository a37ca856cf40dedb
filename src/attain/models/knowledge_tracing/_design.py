"""From blocks of features to the sparse columns of a logistic regression, and back from its weights."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from attain.core.compiled import compiled
from attain.data.interactions import Names

Floats = NDArray[np.float64]

FREE = 1e-6
"""Penalty of the weights that all names share: only enough to make the fit unique."""


@dataclass(frozen=True, eq=False)
class Block:
    """Features with a weight that all names share, and a part that is each name's own.

    Attributes:
        name: what the weights are stored as.
        names: of items, of skills …; none where all weights are shared.
        answer: shape (m,), the answer of each row, ascending; an answer may have any number of rows, which add up.
        code: shape (m,), codes into `names`.
        values: shape (m, k).
        shared: which of the k features have a shared weight.
        penalty: holds each name's own part back (L2).
        stored: whether the weights are kept after the fit and count in scores.
    """

    name: str
    names: Names
    answer: NDArray[np.int64]
    code: NDArray[np.int32]
    values: Floats
    shared: tuple[bool, ...]
    penalty: float = 1
    stored: bool = True

    @property
    def own(self) -> int:
        """How many weights are a name's own."""
        return len(self.names) * len(self.shared)

    @property
    def one_hot(self) -> bool:
        """Whether an answer has at most one value among the columns that are a name's own."""
        return len(self.shared) == 1 and bool((np.diff(self.answer) > 0).all())

    def seen(self) -> "Block":
        """The block with only the names that have a row."""
        if not len(self.names):
            return self
        used, code = np.unique(self.code, return_inverse=True)
        return replace(self, names=self.names[used], code=code.astype(np.int32))


@dataclass(frozen=True, eq=False)
class Design:
    """The columns of several blocks, in the order that `fit_logistic` wants.

    Attributes:
        columns: shape (n_answers, n_columns).
        penalty: shape (n_columns,).
        single: how many columns at the start exclude each other.
        loose: how many columns at the end are of other blocks whose columns exclude each other.
        own_at: the column at which each block's own weights begin.
        shared_at: the column at which each block's shared weights begin.
    """

    columns: csr_array
    penalty: Floats
    single: int
    loose: int
    own_at: tuple[int, ...]
    shared_at: tuple[int, ...]

    def unpack(self, weights: Floats, blocks: Sequence[Block]) -> list[Floats]:
        """The weights of each block, shape (n_names + 1, k): those of each name, and at the end the shared ones."""
        out = []
        for block, at, begin in zip(blocks, self.own_at, self.shared_at, strict=True):
            shared = np.zeros(len(block.shared))
            shared[np.flatnonzero(block.shared)] = weights[begin : begin + sum(block.shared)]
            out.append(np.concatenate([weights[at : at + block.own].reshape(-1, len(shared)), shared[None]]))
        return out


def design(blocks: Sequence[Block], n_answers: int) -> Design:
    """Lay the columns of all blocks out side by side: the largest one-hot block, all shared ones, and the others."""
    hot = sorted((i for i, block in enumerate(blocks) if block.one_hot), key=lambda i: -blocks[i].own)
    order = [*hot[:1], *(i for i in range(len(blocks)) if i not in hot), *hot[1:]]
    single = blocks[order[0]].own if hot else 0
    shared_at = single + np.cumsum([0, *(sum(block.shared) for block in blocks)])
    own_at, at = [0] * len(blocks), int(shared_at[-1])
    penalty = np.full(at + sum(block.own for block in blocks) - single, FREE)
    for number in order:
        own_at[number] = 0 if single and number == order[0] else at
        penalty[own_at[number] : own_at[number] + blocks[number].own] = blocks[number].penalty
        at = max(at, own_at[number] + blocks[number].own)
    columns = _fill(blocks, n_answers, own_at, shared_at, len(penalty))
    loose = sum(blocks[number].own for number in hot[1:])
    return Design(columns, penalty, single, loose, tuple(own_at), tuple(map(int, shared_at[:-1])))


def _fill(
    blocks: Sequence[Block], n_answers: int, own_at: Sequence[int], shared_at: NDArray[np.int64], width: int
) -> csr_array:
    counts = np.zeros(n_answers + 1, dtype=np.int64)
    parts = []
    for block, at, begin in zip(blocks, own_at, shared_at, strict=False):
        k = len(block.shared)
        shared = np.where(block.shared, begin + np.cumsum([0, *block.shared[:-1]]), -1)
        own = at + k * block.code.astype(np.int64) if len(block.names) else np.full(len(block.answer), -1)
        _count(block.answer, block.values, shared, own, counts)
        parts.append((block.answer, block.values, shared, own))
    start = np.cumsum(counts)
    free, index, value = start[:-1].copy(), np.empty(start[-1], dtype=np.int32), np.empty(start[-1])
    for part in parts:
        _place(*part, free, index, value)
    fits = np.int32 if start[-1] <= np.iinfo(np.int32).max else np.int64  # 32 bits are faster
    return csr_array((value, index.astype(fits, copy=False), start.astype(fits)), shape=(n_answers, width))


@compiled
def _count(
    answer: NDArray[np.int64],
    values: Floats,
    shared: NDArray[np.int64],
    own: NDArray[np.int64],
    counts: NDArray[np.int64],
) -> None:
    """Add up, one place after each answer, how many entries it has; zeros have none."""
    for row in range(len(answer)):
        for j in range(len(shared)):
            if values[row, j] != 0:
                counts[answer[row] + 1] += (own[row] >= 0) + (shared[j] >= 0)


@compiled
def _place(
    answer: NDArray[np.int64],
    values: Floats,
    shared: NDArray[np.int64],
    own: NDArray[np.int64],
    free: NDArray[np.int64],
    index: NDArray[np.int32],
    value: Floats,
) -> None:
    """Write the entries of a block at the free places of their answers, and move these on."""
    for row in range(len(answer)):
        at = free[answer[row]]
        for j in range(len(shared)):
            if values[row, j] == 0:
                continue
            if own[row] >= 0:
                index[at], value[at] = own[row] + j, values[row, j]
                at += 1
            if shared[j] >= 0:
                index[at], value[at] = shared[j], values[row, j]
                at += 1
        free[answer[row]] = at
