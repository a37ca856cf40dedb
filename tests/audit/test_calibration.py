import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attain.audit.calibration import CohortCalibration, calibration_by_cohort, null_ece
from attain.audit.confusion import cohort_tables
from attain.audit.rates import rates
from attain.audit.rows import AuditRows, audit_rows
from attain.audit.small_groups import SuppressionRule
from attain.audit.suppression import SHOW_ALL, suppress


def perfect(seed: int, n: int, wrong_for: str = "") -> AuditRows:
    """Learners whose outcomes come with the risks that they are given, but for one gender."""
    rng = np.random.default_rng(seed)
    score, gender = rng.beta(2, 3, n), rng.choice([*"FM"], n, p=[0.3, 0.7])
    risk = np.where(gender == wrong_for, score * 0.6, score)
    names = [f"l{i}" for i in range(n)]
    frame = pd.DataFrame({"unit": names, "target": (rng.random(n) < risk) * 1.0, "score": score})
    return audit_rows(frame, pd.DataFrame({"gender": gender}, index=names), by=["gender"])


def one(found: list[CohortCalibration], level: str) -> CohortCalibration:
    (same,) = [c for c in found if c.level == level]
    return same


@pytest.mark.parametrize(("n", "known"), [(50, 0.134), (200, 0.071), (1000, 0.032)])
def test_a_perfect_model_shows_the_error_that_small_samples_make(n: int, known: float) -> None:
    """Figures of a study of uniform scores in ten bins of equal width."""
    rng = np.random.default_rng(0)
    score = rng.random(n)
    null = null_ece(score, (score * 10).astype(np.int64), 10, 2000, rng)
    assert null.mean() == pytest.approx(known, rel=0.12)


def test_the_null_is_that_of_outcomes_drawn_row_by_row() -> None:
    rng = np.random.default_rng(1)
    score = rng.beta(1, 4, 300).round(2)
    place = (score * 5).astype(np.int64)
    came = rng.random((4000, 300)) < score
    apart = np.stack([(came - score)[:, place == b].sum(1) for b in range(5)])
    by_row = np.abs(apart).sum(0) / 300
    null = null_ece(score, place, 5, 4000, rng)
    assert np.quantile(null, [0.05, 0.5, 0.95]) == pytest.approx(np.quantile(by_row, [0.05, 0.5, 0.95]), rel=0.05)


def test_perfect_models_are_called_so_at_the_nominal_rate() -> None:
    poor = sum(
        any(c.verdict.startswith("worse") for c in calibration_by_cohort(perfect(seed, 300), SHOW_ALL, draws=300))
        for seed in range(100)
    )
    assert poor <= 11


def test_a_cohort_whose_risks_are_too_high_is_found() -> None:
    found = calibration_by_cohort(perfect(0, 4000, wrong_for="F"), SHOW_ALL)
    assert one(found, "gender: F").verdict == "worse than a calibrated model"
    assert one(found, "gender: M").verdict == "as a calibrated model"
    assert one(found, "gender: F").mean_score > one(found, "gender: F").mean_target + 0.1
    assert one(found, "gender: M").ece < one(found, "gender: M").null_high


def test_a_small_cohort_is_hidden_and_another_with_it(world: Callable) -> None:
    made = world(n=300)
    cohorts = made.cohorts.copy()
    cohorts["gender"] = np.where(np.arange(300) < 4, "X", cohorts["gender"])
    rows = audit_rows(made.frame, cohorts, by=["gender"])
    hidden = suppress(cohort_tables(rows, made.flag), rates(["prevalence"]))
    found = calibration_by_cohort(rows, hidden)
    assert sum(c.ece is None for c in found) == 2
    assert one(found, "gender: X") == CohortCalibration("gender", "gender: X", reason=one(found, "gender: X").reason)
    assert json.dumps([c.to_dict(SuppressionRule()) for c in found], allow_nan=False)


def test_all_scores_equal_have_one_bin(world: Callable) -> None:
    rows = world(n=200).rows()
    share = (rows.target == 1).mean()
    same = calibration_by_cohort(replace(rows, score=np.full(200, share), cohorts={}), SHOW_ALL)
    assert same[0].ece == pytest.approx(0, abs=1e-9)
    assert same[0].verdict == "as a calibrated model"
