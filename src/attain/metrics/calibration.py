"""Do probabilities mean what they say: of the answers scored 0.7, are seven in ten right?"""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.compiled import compiled
from attain.core.metric import Computed, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import NO_ANSWERS, ONE_CLASS, judged, mean_of_rows, rows_of_units
from attain.metrics._quantile_bins import mean_over_bins

Count = Annotated[int, Field(ge=1)]
_STEPS = 50


@metric(direction="min", unit="probability", needs="target score", source="Naeini, Cooper & Hauskrecht 2015")
def ece(rows: Rows, bins: Count = 15, binning: Literal["quantile", "uniform"] = "quantile") -> Statistic:
    """Expected calibration error: mean distance between mean score and share right, over bins of the scores.

    `quantile` bins hold equally many answers (equal scores stay together, in the bin where the first of them falls);
    `uniform` bins are equally wide. The value is never 0 on a finite sample, even of a perfect model, so that
    it compares models on the same answers, and bootstrap replicates lie above it.
    """
    rows = judged(rows)
    gap = rows.numbers("score") - rows.numbers("target")
    if binning == "uniform":
        place = np.minimum((rows.numbers("score") * bins).astype(np.int64), bins - 1)
        flat = np.bincount(rows.unit * bins + place, weights=gap, minlength=rows.n_units * bins)
        count = rows_of_units(rows)
        by_unit = np.column_stack([flat.reshape(rows.n_units, bins), count])

        def value(sums: NDArray[np.float64]) -> NDArray[np.float64]:
            return np.asarray(np.abs(sums[:, :-1]).sum(1) / np.where(sums[:, -1] > 0, sums[:, -1], np.nan))

        return Sums(by_unit, value, NO_ANSWERS, n_rows=count)
    order = np.argsort(rows.numbers("score"), kind="stable")
    score, gap, unit = rows.numbers("score")[order], gap[order], rows.unit[order]
    first = np.append(np.ones(min(len(score), 1), dtype=bool), score[1:] != score[:-1])

    def mean(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        return mean_over_bins(unit, gap, first, bins, root=False, weights=weights)

    return Computed(mean, rows_of_units(rows), NO_ANSWERS)


@metric(direction="none", unit="probability", needs="target score", source="Van Calster et al. 2019")
def calibration_gap(rows: Rows) -> Statistic:
    """Mean score minus share right ("calibration in the large"); above 0 the model expects too much of the learners."""
    rows = judged(rows)
    return mean_of_rows(rows, rows.numbers("score") - rows.numbers("target"))


@metric(direction="none", unit="score", needs="target score", source="Cox 1958; Van Calster et al. 2019")
def calibration_slope(rows: Rows) -> Statistic:
    """Slope of a logistic regression of the answer on the logit of the score; 1 is right, less is overconfident.

    Fitted by maximum likelihood anew under each weighting.
    """
    return _logistic(judged(rows), slope=True)


@metric(direction="none", unit="score", needs="target score", source="Cox 1958; Van Calster et al. 2019")
def calibration_intercept(rows: Rows) -> Statistic:
    """Shift of the logit that makes the mean score equal the share right (slope held at 1); 0 is right.

    Above 0 the model expects too little of the learners, below 0 too much.
    """
    return _logistic(judged(rows), slope=False)


def _logistic(rows: Rows, *, slope: bool) -> Computed:
    score = rows.numbers("score").clip(1e-12, 1 - 1e-12)
    logit, target, unit = np.log(score / (1 - score)), rows.numbers("target"), rows.unit

    def fit(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        neutral = np.array([0.0, 1.0])
        start = _fits(unit, logit, target, slope, weights.mean(axis=0, keepdims=True), neutral)[0]
        found = _fits(unit, logit, target, slope, weights, start if np.isfinite(start).all() else neutral)
        return found[:, 1 if slope else 0]

    reason = f"{ONE_CLASS}, or they can be told apart perfectly by the score"
    return Computed(fit, rows_of_units(rows), reason)


@compiled
def _fits(
    unit: NDArray[np.int32],
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    slope: bool,
    weights: NDArray[np.float64],
    start: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Newton's method for (intercept, slope), or for the intercept with slope 1; NaN where it does not settle."""
    out = np.full((len(weights), 2), np.nan)
    for r in range(len(weights)):
        a, b = start[0], start[1]
        for _ in range(_STEPS):
            g0, g1, h00, h01, h11 = 0.0, 0.0, 0.0, 0.0, 0.0
            for i in range(len(unit)):
                w = weights[r, unit[i]]
                if w == 0:
                    continue
                p = 1 / (1 + np.exp(-(a + b * x[i])))
                d, v = w * (y[i] - p), w * p * (1 - p)
                g0 += d
                g1 += d * x[i]
                h00 += v
                h01 += v * x[i]
                h11 += v * x[i] * x[i]
            if not slope:
                h01, h11, g1 = 0.0, 1.0, 0.0
            determinant = h00 * h11 - h01 * h01
            if h00 <= 1e-9 or determinant <= 1e-12 * h00 * h11:
                break
            da = (h11 * g0 - h01 * g1) / determinant
            db = (h00 * g1 - h01 * g0) / determinant
            a, b = a + da, b + db
            if abs(da) < 1e-9 and abs(db) < 1e-9:
                out[r, 0], out[r, 1] = a, b
                break
    return out
