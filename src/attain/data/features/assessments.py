"""What was due and what was handed in up to the cut-off."""

import numpy as np
from numpy.typing import NDArray

from attain.data.enrolments import Enrolments, Fact

NEEDS = ("results", "schedule")
ACTIONABLE = True
FIXED = ("assessments_due",)
TOPICS = {
    "assessments_handed_in": "handing in",
    "assessments_missed": "handing in",
    "assessments_missed_share": "handing in",
    "assessments_score_mean": "scores",
    "assessments_score_last": "scores",
    "assessments_weighted_points": "scores",
}


def build(log: Enrolments) -> dict[str, Fact]:
    """Counts, shares, scores and lateness of the assessments so far; NaN where there is nothing to say."""
    results, schedule = log.results, log.schedule
    assert results is not None
    assert schedule is not None
    n, owner = len(log), results.owner
    due = np.diff(schedule.start)[log.offering].astype(float)
    on_time = ~np.isnan(results.due) & (results.due <= log.as_of)
    score, scored = results.amount.astype(float), ~np.isnan(results.amount)
    handed = _sum(owner, np.ones(len(results)), n)
    of_due = _sum(owner[on_time], np.ones(int(on_time.sum())), n)
    weighted = _sum(owner[scored], (score * results.weight)[scored], n)
    late = _sum(owner[on_time], (results.day - results.due)[on_time], n)
    last = np.full(n, np.nan)
    last[owner[scored]] = score[scored]  # by day, so that the latest stays
    with np.errstate(invalid="ignore", divide="ignore"):
        values = {
            "due": due,
            "handed_in": handed,
            "missed": due - of_due,
            "missed_share": np.where(due > 0, (due - of_due) / due, np.nan),
            "score_mean": _sum(owner[scored], score[scored], n) / _sum(owner[scored], np.ones(int(scored.sum())), n),
            "score_last": last,
            "weighted_points": weighted / 100,
            "days_late_mean": late / of_due,
        }
    return {f"assessments_{name}": Fact("assessments", np.asarray(value, float)) for name, value in values.items()}


def _sum(owner: NDArray[np.integer], values: NDArray[np.floating], n: int) -> NDArray[np.float64]:
    return np.bincount(owner, values.astype(float), n).astype(float)
