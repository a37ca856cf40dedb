"""How good are flags: of those flagged how many needed it, and of those who needed it how many were flagged?

The target is 1 where the outcome (dropping out, failing) came. Each rate is written alone where the table has a column
`flag`, or with how flags are made: `recall@40` (the 40 highest scores), `recall@10%` (the highest tenth),
`recall@0.5` (scores of 0.5 or more). At a capacity, rows that tie at the cut count in part, as if one drew among them.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.core.metric import Computed, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import judged, rows_of_units
from attain.metrics._flagged import By, Cells, apart, needs

Floats = NDArray[np.float64]
FLAGGED, WITH, WITHOUT, ALL = (0, 1), (0, 2), (1, 3), (0, 1, 2, 3)
NOBODY_FLAGGED = "nobody is flagged"
NOBODY_WITH = "nobody has the outcome"
EVERYBODY_WITH = "everybody has the outcome"
NOBODY = "there is nobody"


@metric(direction="max", unit="share", needs=needs, by_cohort=apart, written="at")
def precision(rows: Rows, by: By = None) -> Statistic:
    """Of those flagged, the share who have the outcome; what the others are told of is a false alarm."""
    return _rate(rows, by, (0,), FLAGGED, NOBODY_FLAGGED)


@metric(direction="max", unit="share", needs=needs, by_cohort=apart, written="at")
def recall(rows: Rows, by: By = None) -> Statistic:
    """Of those who have the outcome, the share who are flagged."""
    return _rate(rows, by, (0,), WITH, NOBODY_WITH)


@metric(direction="min", unit="share", needs=needs, by_cohort=apart, written="at")
def false_positive_rate(rows: Rows, by: By = None) -> Statistic:
    """Of those who do not have the outcome, the share who are flagged all the same."""
    return _rate(rows, by, (1,), WITHOUT, EVERYBODY_WITH)


@metric(direction="min", unit="share", needs=needs, by_cohort=apart, written="at")
def false_negative_rate(rows: Rows, by: By = None) -> Statistic:
    """Of those who have the outcome, the share who are not flagged."""
    return _rate(rows, by, (2,), WITH, NOBODY_WITH)


@metric(direction="min", unit="share", needs=needs, by_cohort=apart, written="at")
def false_discovery_rate(rows: Rows, by: By = None) -> Statistic:
    """Of those flagged, the share who do not have the outcome; often called the share of false alarms."""
    return _rate(rows, by, (1,), FLAGGED, NOBODY_FLAGGED)


@metric(direction="none", unit="share", needs=needs, by_cohort=apart, written="at")
def selection_rate(rows: Rows, by: By = None) -> Statistic:
    """Of all, the share who are flagged."""
    return _rate(rows, by, FLAGGED, ALL, NOBODY)


@metric(direction="max", unit="score", needs=needs, by_cohort=apart, written="at")
def lift(rows: Rows, by: By = None) -> Statistic:
    """How many times more often the outcome comes among the flagged than among all; 1 is as good as chance."""
    cells = Cells(rows, by)

    def value(sums: Floats) -> Floats:
        flagged, positive, all_ = sums[:, [0, 1]].sum(1), sums[:, [0, 2]].sum(1), sums.sum(1)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where((flagged > 0) & (positive > 0), sums[:, 0] * all_ / (flagged * positive), np.nan)

    return _of_cells(cells, value, rows_of_units(cells.rows), f"{NOBODY_FLAGGED}, or {NOBODY_WITH}")


@metric(direction="max", unit="probability", needs="target score", source="Davis & Goadrich 2006")
def average_precision(rows: Rows) -> Statistic:
    """Precision at each score as a threshold, weighted by how much recall it adds; chance gives the base rate."""
    rows = judged(rows)
    score = rows.numbers("score")
    order = np.argsort(-score, kind="stable")
    unit, positive = rows.unit[order], rows.numbers("target")[order] > 0.5
    tie_end = np.append(np.diff(score[order]) != 0, np.ones(min(len(order), 1), dtype=bool))
    return Computed(lambda w: _average_precision(unit, positive, tie_end, w), rows_of_units(rows), NOBODY_WITH)


def _rate(rows: Rows, by: str | None, top: Sequence[int], bottom: Sequence[int], undefined: str) -> Statistic:
    cells = Cells(rows, by)

    def value(sums: Floats) -> Floats:
        below = sums[:, list(bottom)].sum(1)
        return np.asarray(sums[:, list(top)].sum(1) / np.where(below > 0, below, np.nan))

    if cells.fixed is None:
        return _of_cells(cells, value, rows_of_units(cells.rows), undefined)
    own = np.zeros_like(cells.fixed)
    own[:, list(bottom)] = cells.fixed[:, list(bottom)]  # other rows cannot change the value
    return Sums(own, value, undefined, n_rows=own.sum(1))


def _of_cells(cells: Cells, value: Callable[[Floats], Floats], n_rows: NDArray[np.int64], undefined: str) -> Statistic:
    if cells.fixed is not None:
        return Sums(cells.fixed, value, undefined, n_rows=n_rows)
    tied, flagged = cells.tied()

    def said(weights: Floats) -> str:
        return f"{tied:,} rows tie at the cut for {flagged:,.0f} places" if tied and (weights == 1).all() else ""

    return Computed(lambda weights: value(cells.at(weights)), n_rows, undefined, said)


@compiled
def _average_precision(
    unit: NDArray[np.int32], positive: NDArray[np.bool_], tie_end: NDArray[np.bool_], weights: Floats
) -> Floats:
    out = np.full(len(weights), np.nan)
    for r in range(len(weights)):
        right, flagged, before, area = 0.0, 0.0, 0.0, 0.0
        for i in range(len(unit)):
            w = weights[r, unit[i]]
            flagged += w
            if positive[i]:
                right += w
            if tie_end[i] and flagged > 0:
                area += (right - before) * right / flagged
                before = right
        if right > 0:
            out[r] = area / right
    return out
