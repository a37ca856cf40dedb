from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from attain.core.errors import UserError
from attain.data.enrolments import Enrolments
from attain.models.dropout_prediction._hazard_fit import Watched, fit_hazard
from attain.models.dropout_prediction.hazard import HazardModel
from attain.tasks.context import FitContext
from attain.testing.dropout_predictor import ExplainsTests
from attain.testing.small_enrolments import small_enrolments


class TestHazard(ExplainsTests):
    model = HazardModel


class TestRecalibrated(ExplainsTests):
    model = HazardModel
    params: ClassVar = {"imbalance": "class_weights", "calibration": "sigmoid", "period": 28}


def world(n: int = 3000, count: int = 5) -> Watched:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(n, 2))
    odds = np.array([-2.5, -2, -3, -2, -1.5]) + (x @ [0.8, -0.5])[:, None]
    leaves = rng.random((n, count)) < 1 / (1 + np.exp(-odds))
    first = np.where(leaves.any(axis=1), leaves.argmax(axis=1) + 1, count)
    watched = np.minimum(first, rng.integers(1, count + 1, n))
    happened = leaves.any(axis=1) & (watched == first)
    return Watched(x, watched, happened, rng.uniform(0.5, 2, n), count)


def test_it_is_logistic_regression_on_a_row_for_each_period() -> None:
    seen = world()
    rows = np.repeat(np.arange(len(seen.x)), seen.periods)
    period = np.concatenate([np.arange(n) for n in seen.periods])
    y = seen.happened[rows] & (period == seen.periods[rows] - 1)
    big = 1e3  # of the columns of the levels, so that the penalty does not reach them
    x = np.hstack([seen.x[rows], big * np.eye(seen.count)[period]])
    peer = LogisticRegression(C=1 / 4, fit_intercept=False, solver="newton-cholesky", tol=1e-10)
    peer.fit(x, y, sample_weight=seen.weight[rows])
    ours = fit_hazard(seen, 4, spread=0)
    np.testing.assert_allclose(ours.slope, peer.coef_[0, :2], atol=1e-4)
    np.testing.assert_allclose(ours.level, big * peer.coef_[0, 2:], atol=1e-4)


def test_without_columns_it_is_the_life_table() -> None:
    seen = replace(world(), x=np.empty((3000, 0)), weight=np.ones(3000))
    found = fit_hazard(seen, 1, spread=0)
    for period in range(5):
        risk, events = (seen.periods > period).sum(), (seen.happened & (seen.periods == period + 1)).sum()
        assert 1 / (1 + np.exp(-found.level[period])) == pytest.approx(events / risk, abs=1e-6)


def test_a_period_in_which_nothing_happened_is_held_near_the_others() -> None:
    seen = world()
    quiet = replace(seen, happened=seen.happened & (seen.periods != 3))
    level = fit_hazard(quiet, 1).level
    assert np.isfinite(level).all()
    assert level[2] == level.min()


def dated(log: Enrolments) -> Enrolments:
    """The same with a day for each outcome, in one of the four weeks after the cut-off."""
    rng = np.random.default_rng(0)
    return replace(log, event_day=np.where(log.outcome == 1, 29 + rng.integers(0, 28, len(log)), np.nan))


def test_the_weeks_add_up_to_the_outcome_where_all_have_a_day() -> None:
    log = dated(small_enrolments(0, learners=600))
    model = HazardModel.create()
    model.fit(log, FitContext())
    assert model.fitted.at_the_end is None
    for week in range(1, 5):
        ends = replace(log, length=np.full(6, 28.0 + 7 * week)).without_outcome()  # the offering ends in that week
        came = ((log.event_day - 28) <= 7 * week).mean()
        assert model.predict(ends).mean() == pytest.approx(came, abs=0.01)


def test_outcomes_without_a_day_come_at_the_end() -> None:
    log = small_enrolments(0, learners=600)
    model = HazardModel.create()
    model.fit(log, FitContext())
    score = model.predict(log.without_outcome())
    assert score.mean() == pytest.approx(log.outcome.mean(), abs=0.02)
    model.fitted = replace(model.fitted, at_the_end=None)
    alone = model.predict(log.without_outcome())
    assert (score > alone).all()
    assert alone.mean() == pytest.approx((log.event_day > 0).mean(), abs=0.02)


def test_the_less_time_is_left_the_fewer_leave() -> None:
    log = small_enrolments(0, learners=600)
    model = HazardModel.create()
    model.fit(log, FitContext())
    short = replace(log, length=np.full(6, 28.0 + 14)).without_outcome()
    assert (model.predict(short) < model.predict(log.without_outcome())).all()


def test_learners_made_up_are_refused() -> None:
    with pytest.raises(UserError, match="has no week of leaving"):
        HazardModel.create(imbalance="smote")
