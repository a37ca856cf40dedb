"""How large a calibration error does chance make, were every score right? `ece` is read beside it."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.compiled import compiled
from attain.core.metric import Computed, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import NO_ANSWERS, judged, rows_of_units

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
    return Computed(lambda w: _by_chance(rows.unit[order], spread[order], first, bins, w), count, NO_ANSWERS)


@compiled
def _by_chance(unit: NDArray[np.int32], spread: Floats, first: NDArray[np.bool_], bins: int, weights: Floats) -> Floats:
    """Rows by ascending score, in the bins of `ece`; `first` marks the first row of each score."""
    out = np.full(len(weights), np.nan)
    for r in range(len(weights)):
        weight = weights[r]
        total = 0.0
        for u in unit:
            total += weight[u]
        if total <= 0:
            continue
        before, error, here, place = 0.0, 0.0, 0.0, 0
        for i in range(len(unit)):
            if first[i]:
                now = int(before * bins / total)
                if now != place:
                    error += np.sqrt(here)
                    here, place = 0.0, now
            w = weight[unit[i]]
            here += w * spread[i]
            before += w
        out[r] = MEAN_OF_HALF_NORMAL * (error + np.sqrt(here)) / total
    return out
