"""The curvature of the log loss in sparse columns, as something to solve equations with."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array
from scipy.sparse.linalg import LinearOperator, cg

from attain.core.compiled import compiled

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Parts:
    """Columns as three parts: those of which each row has at most one, those in between, and the loose ones.

    Attributes:
        single: how many columns the first part has.
        column: shape (n,), the row's column in the first part, `single` for none.
        value: shape (n,), its value there, 0 for none.
        order: shape (n,), the rows sorted by `column`.
        dense: shape (n, n_dense), indices sorted and without doubles.
        loose: shape (n, n_loose).
        dense_turned: `dense.T`, by rows.
        loose_turned: `loose.T`, by rows.
    """

    single: int
    column: NDArray[np.int64]
    value: Floats
    order: NDArray[np.int64]
    dense: csr_array
    loose: csr_array
    dense_turned: csr_array
    loose_turned: csr_array

    def sums(self, of_row: Floats) -> Floats:
        """Sum over rows of the first part's columns times `of_row`; shape (single,)."""
        total = np.bincount(self.column, weights=self.value * of_row, minlength=self.single + 1)
        return np.asarray(total[: self.single], dtype=np.float64)

    def spread(self, of_column: Floats) -> Floats:
        """The first part's columns times `of_column`; shape (n,)."""
        return np.asarray(self.value * np.append(of_column, 0)[self.column])


def split(columns: csr_array, single: int, loose: int) -> Parts:
    """Part the columns into the first `single`, the last `loose`, and those in between.

    Raises:
        ValueError: a row has two of the first.
    """
    end = columns.shape[1] - loose
    first, dense, last = columns[:, :single], columns[:, single:end], columns[:, end:]
    counts = np.diff(first.indptr)
    if counts.max(initial=0) > 1:
        raise ValueError(f"a row has two of the {single} columns of which it may have one")
    column, value = np.full(columns.shape[0], single, dtype=np.int64), np.zeros(columns.shape[0])
    column[counts > 0], value[counts > 0] = first.indices, first.data
    dense.sum_duplicates()
    order = np.argsort(column, kind="stable")
    return Parts(single, column, value, order, dense, last, dense.T.tocsr(), last.T.tocsr())


class Curvature:
    """The matrix X' diag(weight) X + diag(penalty), where X are all columns.

    With the single columns eliminated (a Schur complement), the dense ones have a Cholesky factor; for the loose ones,
    conjugate gradients run on what remains when all others are eliminated.

    Args:
        parts: the columns.
        weight: shape (n,), the curvature of the loss in the logit of each row.
        penalty: shape (n_columns,).
    """

    def __init__(self, parts: Parts, weight: Floats, penalty: Floats) -> None:
        self.parts, self.weight = parts, weight
        self.diagonal = penalty[: parts.single] + parts.sums(weight * parts.value)
        self.loose_penalty = penalty[parts.single + parts.dense.shape[1] :]
        dense = parts.dense
        entries = (dense.indptr, dense.indices, dense.data)
        reduced = _reduced(*entries, dense.shape[1], weight, parts.order, parts.column, parts.value, self.diagonal)
        reduced[np.diag_indices_from(reduced)] += penalty[parts.single : parts.single + dense.shape[1]]
        self.factor = cho_factor(reduced.T, lower=False, overwrite_a=True, check_finite=False)

    def solve(self, slope: Floats, closely: float) -> Floats:
        """The step with curvature @ step = slope; shape (n_columns,).

        Args:
            slope: shape (n_columns,).
            closely: what conjugate gradients may leave of it in the loose columns, as a share; the rest is exact.
        """
        parts, weight = self.parts, self.weight
        at = parts.single + parts.dense.shape[1]
        single, dense, loose = slope[: parts.single], slope[parts.single : at], slope[at:]
        if not len(loose):
            return np.concatenate(self._exact(single, dense)[:2])
        missing = loose - parts.loose_turned @ (weight * self._exact(single, dense)[2])
        bends = parts.loose_turned.power(2) @ weight + self.loose_penalty

        def bend(x: Floats) -> Floats:
            """What remains of the curvature in the loose columns when all others follow them."""
            along = weight * (parts.loose @ x)
            follow = self._exact(parts.sums(along), parts.dense_turned @ along)[2]
            return np.asarray(parts.loose_turned @ (along - weight * follow) + self.loose_penalty * x)

        shape = (len(loose), len(loose))
        guess = LinearOperator(shape, lambda x: x / bends)
        own, _ = cg(LinearOperator(shape, bend), missing, rtol=closely, M=guess, maxiter=1000)
        along = weight * (parts.loose @ own)
        exact = self._exact(single - parts.sums(along), dense - parts.dense_turned @ along)
        return np.concatenate([*exact[:2], own])

    def _exact(self, single: Floats, dense: Floats) -> tuple[Floats, Floats, Floats]:
        """The steps in the single and the dense columns as if there were no loose ones, and how they move each row."""
        parts, weight = self.parts, self.weight
        pushed = weight * parts.spread(single / self.diagonal)
        of_dense = cho_solve(self.factor, dense - parts.dense_turned @ pushed, check_finite=False)
        moved = parts.dense @ of_dense
        of_single = (single - parts.sums(weight * moved)) / self.diagonal
        return of_single, of_dense, moved + parts.spread(of_single)


@compiled
def _reduced(
    start: NDArray[np.int32],
    index: NDArray[np.int32],
    data: Floats,
    size: int,
    weight: Floats,
    order: NDArray[np.int64],
    column: NDArray[np.int64],
    value: Floats,
    diagonal: Floats,
) -> Floats:
    """Curvature in the dense columns, less what the single ones take over; the lower triangle of (size, size)."""
    out = np.zeros((size, size))
    mixed, touched, met = np.zeros(size), np.empty(size, dtype=np.int64), np.zeros(size, dtype=np.bool_)
    place = 0
    while place < len(order):
        own, n_touched = column[order[place]], 0
        while place < len(order) and column[order[place]] == own:
            row = order[place]
            place += 1
            for e in range(start[row], start[row + 1]):
                i, bent = index[e], weight[row] * data[e]
                for f in range(start[row], e + 1):
                    out[i, index[f]] += bent * data[f]
                if own < len(diagonal) and not met[i]:
                    met[i] = True
                    touched[n_touched] = i
                    n_touched += 1
                mixed[i] += bent * value[row]
        for t in range(n_touched):
            i = touched[t]
            met[i] = False
            for u in range(t + 1):
                j = touched[u]
                out[max(i, j), min(i, j)] -= mixed[i] * mixed[j] / diagonal[own]
        mixed[touched[:n_touched]] = 0.0
    return out
