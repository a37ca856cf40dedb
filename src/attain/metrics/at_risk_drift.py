"""Are the learners of this term scored like those of the terms before?"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Computed, Statistic, metric
from attain.core.table import Rows
from attain.metrics._answers import rows_of_units

Floats = NDArray[np.float64]
BINS = 10


@metric(direction="none", unit="score", needs="score term", by_cohort=False, source="Siddiqi 2006")
def psi(rows: Rows, binning: Literal["deciles", "width"] = "deciles") -> Statistic:
    """Population stability index of the scores, of the last term in the table against all terms before; 0 is the same.

    `deciles` are those of the earlier terms (equal scores stay together); `width` is ten bins from 0 to 1. A bin that
    is empty on one side counts half a row there. The customary bounds 0.1 and 0.25 have no theory behind them, and the
    value of terms that do not differ is about (bins - 1) (1 / n + 1 / m), not 0.
    """
    term, score = rows.columns["term"].astype(np.int64), rows.numbers("score")
    last = term.max(initial=-1)
    old, new = (np.flatnonzero(part) for part in ((term < last) & (term >= 0), (term == last) & (term >= 0)))
    old, new = old[np.argsort(score[old], kind="stable")], new[np.argsort(score[new], kind="stable")]

    def value(weights: Floats) -> Floats:
        return np.array([_psi(*_sides(row)) for row in weights])

    def _sides(weight: Floats) -> tuple[Floats, Floats]:
        before, now = (np.append(0, np.cumsum(weight[rows.unit[part]])) for part in (old, new))
        edges = np.arange(1, BINS) / BINS
        if binning == "deciles" and before[-1] > 0:
            at = np.searchsorted(before[1:], before[-1] * edges * (1 - 1e-12))
            edges = score[old][at]
        ends = [
            cumulated[np.searchsorted(score[part], edges, "right")] for cumulated, part in ((before, old), (now, new))
        ]
        counts = [np.diff(end, prepend=0, append=whole[-1]) for end, whole in zip(ends, (before, now), strict=True)]
        return counts[0], counts[1]

    return Computed(value, rows_of_units(rows), "the table has one term only")


def _psi(before: Floats, now: Floats) -> float:
    """The index of two histograms; bins that are empty on both sides are left out. NaN where a side is empty."""
    if not before.sum() or not now.sum():
        return np.nan
    kept = (before > 0) | (now > 0)
    p, q = (np.maximum(side[kept], 0.5) / side.sum() for side in (before, now))
    return float(((q - p) * np.log(q / p)).sum())
