"""Areas under ROC curves, recomputed under many weightings of the units after one sort."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.core.table import Rows

LANES = 64
"""Replicates that are summed side by side."""


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
        return _mean_areas(self.unit, self.positive, self.tie_end, self.group_end, weights)


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
) -> NDArray[np.float64]:
    """As `_areas` for each row of `weights`, then the mean over groups; `LANES` replicates go through the rows at once.

    One replicate alone waits for each weight to come from memory and for each sum before the next; many side by side
    are added by the processor's wide registers.
    """
    out = np.empty(len(weights))
    lanes = np.zeros((weights.shape[1], LANES))
    ordered, below, above = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    right, wrong, total, defined = np.zeros(LANES), np.zeros(LANES), np.zeros(LANES), np.zeros(LANES)
    for first in range(0, len(weights), LANES):
        width = min(LANES, len(weights) - first)
        lanes[:, :width] = weights[first : first + width].T
        total[:], defined[:] = 0, 0
        for i in range(len(unit)):
            weight = lanes[unit[i]]
            if positive[i]:
                for k in range(LANES):
                    right[k] += weight[k]
            else:
                for k in range(LANES):
                    wrong[k] += weight[k]
            if tie_end[i]:
                for k in range(LANES):
                    ordered[k] += right[k] * (below[k] + 0.5 * wrong[k])
                    below[k] += wrong[k]
                    above[k] += right[k]
                right[:], wrong[:] = 0, 0
            if group_end[i]:
                for k in range(LANES):
                    if below[k] > 0 and above[k] > 0:
                        total[k] += ordered[k] / (below[k] * above[k])
                        defined[k] += 1
                ordered[:], below[:], above[:] = 0, 0, 0
        for k in range(width):
            out[first + k] = total[k] / defined[k] if defined[k] > 0 else np.nan
    return out
