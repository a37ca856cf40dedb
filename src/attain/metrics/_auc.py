"""Areas under ROC curves, recomputed under many weightings of the units after one sort."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.core.table import Rows


@dataclass(frozen=True)
class SortedAnswers:
    """Answers by group, then by ascending score; the areas under all weightings come from one pass each.

    Attributes:
        unit: shape (n,), codes of the units.
        positive: shape (n,), whether the answer is right.
        tie_end: shape (n,), whether the next row has another score or group.
        group_end: shape (n,), whether the next row has another group.
    """

    unit: NDArray[np.int32]
    positive: NDArray[np.bool_]
    tie_end: NDArray[np.bool_]
    group_end: NDArray[np.bool_]

    @classmethod
    def of(cls, rows: Rows, group: NDArray[np.generic] | None = None) -> "SortedAnswers":
        """Sort `rows`; `group` has shape (n,), None for one group."""
        group = np.zeros(len(rows), dtype=np.int8) if group is None else group
        score = rows.numbers("score")
        order = np.lexsort((score, group))
        group_end = _last(group[order])
        return cls(rows.unit[order], rows.numbers("target")[order] > 0.5, group_end | _last(score[order]), group_end)

    def by_group(self, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Area of each group, in ascending order of the groups that have rows; NaN where one class is missing."""
        areas = np.empty(int(self.group_end.sum()))
        _areas(self.unit, self.positive, self.tie_end, self.group_end, weight, areas)
        return areas

    def mean(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Mean over the groups that have both classes.

        Args:
            weights: shape (replicates, n_units).

        Returns:
            shape (replicates,), NaN where no group has both classes.
        """
        return _mean_areas(
            self.unit, self.positive, self.tie_end, self.group_end, weights, np.empty(int(self.group_end.sum()))
        )


def _last(values: NDArray[np.generic]) -> NDArray[np.bool_]:
    """Whether each value is the last of its stretch of equal ones."""
    return np.append(values[1:] != values[:-1], np.ones(min(len(values), 1), dtype=bool))


@compiled
def _areas(
    unit: NDArray[np.int32],
    positive: NDArray[np.bool_],
    tie_end: NDArray[np.bool_],
    group_end: NDArray[np.bool_],
    weight: NDArray[np.float64],
    areas: NDArray[np.float64],
) -> None:
    """Fill `areas`, shape (n_groups,): the weight of ordered pairs of right and wrong answers, over that of all."""
    ordered, below, above, right, wrong = 0.0, 0.0, 0.0, 0.0, 0.0
    group = 0
    for i in range(len(unit)):
        w = weight[unit[i]]
        right += w * positive[i]
        wrong += w * (not positive[i])
        if tie_end[i]:
            ordered += right * (below + 0.5 * wrong)
            below += wrong
            above += right
            right, wrong = 0.0, 0.0
            if group_end[i]:
                areas[group] = ordered / (below * above) if below > 0 and above > 0 else np.nan
                group += 1
                ordered, below, above = 0.0, 0.0, 0.0


@compiled
def _mean_areas(
    unit: NDArray[np.int32],
    positive: NDArray[np.bool_],
    tie_end: NDArray[np.bool_],
    group_end: NDArray[np.bool_],
    weights: NDArray[np.float64],
    areas: NDArray[np.float64],
) -> NDArray[np.float64]:
    out = np.empty(len(weights))
    for r in range(len(weights)):
        _areas(unit, positive, tie_end, group_end, weights[r], areas)
        total, defined = 0.0, 0
        for area in areas:
            if not np.isnan(area):
                total += area
                defined += 1
        out[r] = total / defined if defined else np.nan
    return out
