"""How large a calibration error does chance make, were every score right? `ece` is read beside it."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.metric import Computed, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import NO_ANSWERS, judged, rows_of_units
from attain.metrics._quantile_bins import mean_over_bins

Floats = NDArray[np.float64]
MEAN_OF_HALF_NORMAL = np.sqrt(2 / np.pi)


@metric(direction="none", unit="probability", needs="target score", source="Roelofs et al. 2022, on the bias")
def ece_by_chance(
    rows: Rows, bins: Annotated[int, Field(ge=1)] = 15, binning: Literal["quantile", "uniform"] = "quantile"
) -> Statistic:
    """The mean of `ece` on as many answers with these scores, if each score were the true probability.

    An `ece` near it shows no fault. Compare cohorts by how far each is above its own: the smaller the cohort, the
    larger both. By the normal approximation in each bin.
    """
    rows = judged(rows)
    score = rows.numbers("score")
    spread, count = score * (1 - score), rows_of_units(rows)
    if binning == "uniform":
        place = np.minimum((score * bins).astype(np.int64), bins - 1)
        flat = np.bincount(rows.unit * bins + place, weights=spread, minlength=rows.n_units * bins)

        def value(sums: Floats) -> Floats:
            error = MEAN_OF_HALF_NORMAL * np.sqrt(sums[:, :-1].clip(0)).sum(1)
            return np.asarray(error / np.where(sums[:, -1] > 0, sums[:, -1], np.nan))

        return Sums(np.column_stack([flat.reshape(rows.n_units, bins), count]), value, NO_ANSWERS, n_rows=count)
    order = np.argsort(score, kind="stable")
    first = np.append(np.ones(min(len(score), 1), dtype=bool), np.diff(score[order]) != 0)
    unit, spread = rows.unit[order], spread[order]

    def mean(weights: Floats) -> Floats:
        found = mean_over_bins(unit, spread, first, bins, root=True, weights=weights)
        return np.asarray(MEAN_OF_HALF_NORMAL * found)

    return Computed(mean, count, NO_ANSWERS)
