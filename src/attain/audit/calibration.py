"""Do risks mean what they say, in each cohort? Beside every error stands what a perfect model would show.

The expected calibration error (Naeini 2015) is never 0 on a finite sample: on 50 learners a perfect model shows 0.13.
So each value comes with the band of a model whose risks are right, on the same scores (y drawn anew with these risks),
and is only called poor above it. Bins are those of all rows together; a cohort's empty bins count nothing.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attain.audit.rows import AuditRows, Cohorts, called
from attain.audit.small_groups import NOT_SHOWN, SuppressionRule
from attain.audit.suppression import Hidden
from attain.core.rng import rng
from attain.metrics.intervals import holm

Floats = NDArray[np.float64]
Verdict = Literal["worse than a calibrated model", "as a calibrated model", "cannot tell"]
DRAWS = 1000
"""Perfect models that are drawn."""
FINE = 1000
"""Scores are drawn for in steps of 1/1000: rows that share a step have one risk, the mean of theirs."""


@dataclass(frozen=True)
class CohortCalibration:
    """How well risks are calibrated in a cohort.

    Attributes:
        attribute: what the cohorts are formed by; "" for everybody.
        level: the cohort, `gender: F`; "all" for everybody.
        n: rows whose outcome is known; None where hidden.
        mean_score: what the model expects.
        mean_target: what came.
        ece: expected calibration error; None where hidden.
        null_median: that of a perfectly calibrated model on these scores.
        null_high: 95 of 100 such models stay below it.
        p: share of such models with a value as large.
        p_holm: corrected for all cohorts of the audit.
        verdict: in words.
        reason: why there is no value; "" where there is.
    """

    attribute: str
    level: str
    n: int | None = None
    mean_score: float | None = None
    mean_target: float | None = None
    ece: float | None = None
    null_median: float | None = None
    null_high: float | None = None
    p: float | None = None
    p_holm: float | None = None
    verdict: Verdict = "cannot tell"
    reason: str = ""

    def to_dict(self, rule: SuppressionRule) -> dict[str, object]:
        """As plain data, rounded by the rule."""
        plain: dict[str, object] = asdict(self)
        plain |= {name: rule.share(value) for name, value in plain.items() if isinstance(value, float)}
        return plain | {"n": None if self.n is None else rule.count(self.n)}


def calibration_by_cohort(
    rows: AuditRows, hidden: Hidden, *, bins: int = 10, draws: int = DRAWS, alpha: float = 0.05, seed: int = 0
) -> list[CohortCalibration]:
    """Calibration of everybody, and of each cohort of each attribute.

    Args:
        rows: rows whose outcome is not known are left out.
        hidden: what may not be shown. Calibration tells how many of a cohort had the outcome, so that it is shown
            where `prevalence` is; that must have been among the rates of `suppress`.
        bins: how many, with equally many rows each (equal scores stay together).
        draws: perfect models that are drawn.
        alpha: the level of the whole table.
        seed: of the draws.
    """
    score, target = rows.score[rows.known], rows.target[rows.known]
    place = _bins(score, bins)
    found = []
    for cohorts in (Cohorts((), ((),), np.zeros(len(rows), dtype=np.int64)), *rows.cohorts.values()):
        code = cohorts.code[rows.known]
        for level, values in enumerate(cohorts.levels):
            names = cohorts.name, called(cohorts.attributes, values)
            here = code == level
            if (cohorts.name, level, "prevalence") in hidden:
                found.append(CohortCalibration(*names, reason=NOT_SHOWN))
            elif not here.any():
                found.append(CohortCalibration(*names, reason="no outcome is known"))
            else:
                generator = rng(seed, "calibration", *names)
                found.append(_of_cohort(names, score[here], target[here], place[here], bins, draws, generator))
    return _judged(found, alpha)


def _bins(score: Floats, bins: int) -> NDArray[np.int64]:
    """Bins of equally many rows; equal scores stay together, in the bin where the first of them falls."""
    before = np.searchsorted(np.sort(score), score, "left")
    return np.asarray(before * bins // max(len(score), 1), dtype=np.int64)


def _of_cohort(
    names: tuple[str, str],
    score: Floats,
    target: NDArray[np.int8],
    place: NDArray[np.int64],
    bins: int,
    draws: int,
    generator: np.random.Generator,
) -> CohortCalibration:
    expected = np.bincount(place, score, bins)
    ece = float(np.abs(np.bincount(place, target, bins) - expected).sum() / len(score))
    null = null_ece(score, place, bins, draws, generator)
    return CohortCalibration(
        *names,
        n=len(score),
        mean_score=float(score.mean()),
        mean_target=float(target.mean()),
        ece=ece,
        null_median=float(np.median(null)),
        null_high=float(np.quantile(null, 0.95)),
        p=float((1 + (null >= ece - 1e-12).sum()) / (1 + draws)),
    )


def null_ece(score: Floats, place: NDArray[np.int64], bins: int, draws: int, generator: np.random.Generator) -> Floats:
    """The calibration error of a perfect model on these scores, drawn again and again; shape (draws,).

    Args:
        score: shape (n,), risks.
        place: shape (n,), bins of the rows.
        bins: how many.
        draws: how often.
        generator: of the draws.
    """
    step = place * (FINE + 1) + np.round(score * FINE).astype(np.int64)
    steps, of_row, size = np.unique(step, return_inverse=True, return_counts=True)
    risk = (np.bincount(of_row, score) / size).clip(0, 1)
    came = generator.binomial(size, risk, size=(draws, len(steps)))
    start = np.flatnonzero(np.append(True, np.diff(steps // (FINE + 1)) > 0))
    apart = np.add.reduceat(came - size * risk, start, axis=1)
    return np.asarray(np.abs(apart).sum(axis=1) / len(score))


def _judged(found: Sequence[CohortCalibration], alpha: float) -> list[CohortCalibration]:
    adjusted = holm(np.array([np.nan if one.p is None else one.p for one in found]))
    out = []
    for one, p in zip(found, adjusted, strict=True):
        if one.p is None:
            out.append(one)
            continue
        verdict: Verdict = "worse than a calibrated model" if p < alpha else "as a calibrated model"
        out.append(CohortCalibration(**{**one.__dict__, "p_holm": float(p), "verdict": verdict}))
    return out
