"""What could a reader work out of what is shown? The counts of all cohorts that agree with it, as a linear programme.

The unknowns are the counts of every finest cohort: of each combination of values of attributes that are shown together
somewhere. All that is shown is a sum of some of them, or that such a sum is no more than so many. A count is safe if it
could be as large as one that need not be hidden, and this much larger than it is: the reader cannot tell that it is
small, let alone what it is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import csr_array, hstack, vstack

from attain.core.errors import UserError

Level = tuple[tuple[str, str], ...]
"""A cohort: pairs of an attribute and a value; () is everybody."""
MOST_COMBINATIONS = 5_000
_TOUCH = 1e-6


@dataclass(frozen=True)
class Sum:
    """Some of the counts of a cohort, added up.

    Attributes:
        level: the cohort.
        cells: places among its counts.
        value: the sum.
        at_most: whether only that much is shown: that the sum is no more than `value`.
    """

    level: Level
    cells: tuple[int, ...]
    value: int
    at_most: bool = False


class Unknowns:
    """The places of all finest cohorts' counts in one vector.

    Args:
        tables: the attributes of each table that is shown, with the cohorts that it has; combinations that a table
            does not have are known to be empty.
        n_cells: how many counts a cohort has.

    Raises:
        UserError: so many combinations that nobody could check them.
    """

    def __init__(self, tables: Mapping[tuple[str, ...], Sequence[tuple[str, ...]]], n_cells: int = 4) -> None:
        self._n_cells = n_cells
        self._values: dict[str, list[str]] = {}
        for attributes, levels in tables.items():
            for place, name in enumerate(attributes):
                self._values.setdefault(name, [])
                self._values[name] = sorted({*self._values[name], *(level[place] for level in levels)})
        self._groups = _linked(tables)
        sizes = [int(np.prod([len(self._values[name]) for name in group])) for group in self._groups]
        self._start = np.concatenate([[0], np.cumsum(sizes)]) * n_cells
        self.n = int(self._start[-1])
        if sum(sizes) > MOST_COMBINATIONS:
            raise UserError(
                f"The cohorts that are looked at together have {sum(sizes):,} combinations of values, too many to "
                "make sure that no small count can be worked out. Cross fewer attributes, or use wider bands."
            )
        self.empty = np.zeros(self.n, dtype=bool)
        for attributes, levels in tables.items():
            for level in set(product(*(self._values[name] for name in attributes))) - set(levels):
                self.empty[self.places(tuple(zip(attributes, level, strict=True)), tuple(range(n_cells)))] = True

    def places(self, level: Level, cells: tuple[int, ...]) -> NDArray[np.int64]:
        """Where the counts stand that a sum is of."""
        wanted = dict(level)
        group = next((g for g, names in enumerate(self._groups) if set(wanted) <= set(names)), 0)
        at = [
            [self._values[name].index(wanted[name])] if name in wanted else range(len(self._values[name]))
            for name in self._groups[group]
        ]
        shape = [len(self._values[name]) for name in self._groups[group]]
        flat = np.ravel_multi_index(np.ix_(*at), shape).ravel() if at else np.zeros(1, dtype=np.int64)
        return np.asarray((self._start[group] + flat[:, None] * self._n_cells + np.array(cells)).ravel())

    def matrix(self, sums: Sequence[Sum]) -> csr_array:
        """One row a sum: 1 at what it adds up; shape (n_sums, n)."""
        places = [self.places(one.level, one.cells) for one in sums]
        row = np.repeat(np.arange(len(sums)), [len(p) for p in places])
        column = np.concatenate([*places, np.empty(0, dtype=np.int64)]).astype(np.int64)
        return csr_array((np.ones(len(row)), (row, column)), shape=(len(sums), self.n))

    def totals_agree(self) -> csr_array:
        """Rows whose product with the unknowns is 0: everybody is counted once by each group of attributes."""
        rows = []
        for group in range(1, len(self._groups)):
            for cell in range(self._n_cells):
                row = np.zeros(self.n)
                row[self._start[0] + cell : self._start[1] : self._n_cells] = 1
                row[self._start[group] + cell : self._start[group + 1] : self._n_cells] = -1
                rows.append(row)
        return csr_array(np.array(rows).reshape(-1, self.n))


def _linked(tables: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Attributes that are shown together, directly or through others; at least one group."""
    groups: list[set[str]] = []
    for attributes in tables:
        touched = [group for group in groups if group & set(attributes)]
        groups = [group for group in groups if group not in touched]
        groups.append(set(attributes).union(*touched))
    return [tuple(sorted(group)) for group in groups if group] or [()]


def unsafe(
    unknowns: Unknowns, shown: Sequence[Sum], secret: Sequence[Sum], least: Sequence[int], *, most: int | None = None
) -> dict[int, NDArray[np.float64]]:
    """Which secrets cannot be as large as they should seem, and how much each sum shown helps to know it.

    Args:
        unknowns: of all tables.
        shown: what a reader sees.
        secret: what the reader must not find out.
        least: how large each secret should be able to be, in the reader's eyes.
        most: after so many the search ends.

    Returns:
        Number of the secret to weights of the sums shown, shape (n_shown,); 0 for those that give nothing away.
    """
    if not secret:
        return {}
    seen = _Seen.of(unknowns, shown)
    wanted, target = unknowns.matrix(secret), np.asarray(least, dtype=np.float64)
    top = np.where(unknowns.empty, 0.0, max(float(seen.value.max(initial=0)), 1.0) * 2 + target.max())
    safe, doubtful = np.zeros(len(secret), dtype=bool), -1
    while doubtful != (left := np.flatnonzero(~safe)).size and left.size:  # one table seldom clears all of many
        doubtful = left.size
        safe |= wanted @ _many(seen, wanted[left], target[left], top) >= target - _TOUCH
    found: dict[int, NDArray[np.float64]] = {}
    for one in range(len(secret)):
        if safe[one] or len(found) == most:
            continue
        bounds = np.column_stack([np.zeros_like(top), top])
        answer = linprog(
            -wanted[[one]].toarray()[0],
            A_eq=seen.given,
            b_eq=seen.value,
            A_ub=seen.bound if seen.bound.shape[0] else None,
            b_ub=seen.most if seen.bound.shape[0] else None,
            bounds=bounds,
        )
        safe |= wanted @ answer.x >= target - _TOUCH  # one table that agrees with what is shown clears many
        if not safe[one]:
            found[one] = seen.weights(answer.eqlin.marginals, answer.ineqlin.marginals)
    return found


@dataclass(frozen=True)
class _Seen:
    """What is shown as a linear programme has it.

    Attributes:
        given: rows whose products with the unknowns are `value`: sums that are shown, then that totals agree.
        value: shape (n_given,).
        bound: rows whose products are `most` or less.
        most: shape (n_bound,).
        at_most: shape (n_shown,), which of the sums are bounds.
    """

    given: csr_array
    value: NDArray[np.float64]
    bound: csr_array
    most: NDArray[np.float64]
    at_most: NDArray[np.bool_]

    @classmethod
    def of(cls, unknowns: Unknowns, shown: Sequence[Sum]) -> "_Seen":
        exact, loose = [one for one in shown if not one.at_most], [one for one in shown if one.at_most]
        agree = unknowns.totals_agree()
        return cls(
            vstack([unknowns.matrix(exact), agree]).tocsr(),
            np.array([*(one.value for one in exact), *[0] * agree.shape[0]], dtype=np.float64),
            unknowns.matrix(loose),
            np.array([one.value for one in loose], dtype=np.float64),
            np.array([one.at_most for one in shown], dtype=bool),
        )

    def weights(self, of_given: NDArray[np.float64], of_bound: NDArray[np.float64]) -> NDArray[np.float64]:
        """How much each sum shown matters, in their order; shape (n_shown,)."""
        out = np.zeros(len(self.at_most))
        out[~self.at_most] = np.abs(of_given[: (~self.at_most).sum()])
        out[self.at_most] = np.abs(of_bound)
        return out


def _many(seen: _Seen, wanted: csr_array, target: NDArray[np.float64], top: NDArray[np.float64]) -> NDArray[np.float64]:
    """A table that agrees with what is shown, and in which the secrets come as near to their targets as they can."""
    n_secrets = len(target)
    n, upper = seen.given.shape[1], np.concatenate([top, target])
    reached = hstack([-wanted, csr_array(np.eye(n_secrets))])
    kept = hstack([seen.bound, csr_array((seen.bound.shape[0], n_secrets))])
    answer = linprog(
        np.concatenate([np.zeros(n), -np.ones(n_secrets)]),
        A_eq=hstack([seen.given, csr_array((seen.given.shape[0], n_secrets))]).tocsr(),
        b_eq=seen.value,
        A_ub=vstack([reached, kept]).tocsr(),
        b_ub=np.concatenate([np.zeros(n_secrets), seen.most]),
        bounds=np.column_stack([np.zeros_like(upper), upper]),
    )
    return np.asarray(answer.x[:n])
