from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

pytest.importorskip("torch")

from attain.core.errors import UserError
from attain.data.enrolments import Enrolments
from attain.models.dropout_prediction._steps import OWN, Steps
from attain.models.dropout_prediction.gru import GRU
from attain.tasks.context import FitContext
from attain.testing.dropout_predictor import ExplainsTests
from attain.testing.small_enrolments import small_enrolments


class TestGRU(ExplainsTests):
    model = GRU
    params: ClassVar = {"epochs": 10}
    tolerance: ClassVar = 1e-6


def test_steps_are_what_a_loop_over_events_counts() -> None:
    log = small_enrolments(0)
    steps = Steps.learn(log, 7)
    assert steps.count == 6
    events, matrix = log.activity, steps.matrix(log)
    assert events is not None
    for row in (2, 5, 40):
        its = slice(events.start[row], events.start[row + 1])
        expected = np.zeros((6, OWN + 3))
        for step in range(6):
            last = 28 - 7 * (5 - step)
            inside = (events.day[its] <= last) & ((events.day[its] > last - 7) | (step == 0))
            amount, kind = events.amount[its][inside], events.kind[its][inside]
            expected[step, 0] = np.log1p(amount.sum()) / 4
            expected[step, 1] = len(set(events.day[its][inside])) / 7
            expected[step, 2] = np.log1p(len(set(events.about[its][inside]))) / 4
            expected[step, 3] = 1
            for code in range(3):
                expected[step, OWN + code] = np.log1p(amount[kind == code].sum()) / 4
        np.testing.assert_allclose(matrix[row], expected if log.recorded[row] else 0, atol=1e-6)


def test_activity_that_was_not_recorded_is_not_taken_for_none() -> None:
    log = small_enrolments(0)
    matrix = Steps.learn(log, 7).matrix(log)
    assert (matrix[~log.recorded] == 0).all()
    assert (matrix[log.recorded][:, :, 3] == 1).all()
    assert 0 < log.recorded.mean() < 1


def test_a_kind_that_was_not_there_in_training_changes_no_channel() -> None:
    log = small_enrolments(0)
    steps = Steps.learn(log, 7)
    assert log.activity is not None
    other = replace(log.activity, kinds=np.array(["wiki", "page", "quiz"], dtype=object))
    matrix = steps.matrix(replace(log, activity=other))
    assert (matrix[:, :, OWN] == 0).all()
    np.testing.assert_array_equal(matrix[:, :, OWN + 1 :], steps.matrix(log)[:, :, OWN + 1 :])


def test_it_learns_when_learners_were_active_and_not_only_how_much() -> None:
    train, test = _early_or_late(0), _early_or_late(1)
    model = GRU.create(features=["registration"], epochs=40)
    model.fit(train, FitContext())
    score = model.predict(test.without_outcome())
    above = (score[test.outcome == 1][:, None] > score[test.outcome == 0]).mean()
    assert above > 0.9


def _early_or_late(seed: int) -> Enrolments:
    """Those who were active only in the beginning end badly; the others clicked as much, later."""
    log = small_enrolments(seed, learners=300)
    assert log.activity is not None
    n = len(log.activity)
    bad = log.outcome[log.activity.owner] == 1
    rng = np.random.default_rng(seed)
    day = np.where(bad, rng.integers(0, 14, n), rng.integers(14, 28, n)).astype(np.float32)
    order = np.lexsort((day, log.activity.owner))
    columns = {name: getattr(log.activity, name)[order] for name in ("kind", "amount", "about", "due", "weight")}
    return replace(log, activity=replace(log.activity, day=day[order], **columns), recorded_until=None)


def test_data_without_activity_are_refused() -> None:
    log = replace(small_enrolments(0), activity=None)
    with pytest.raises(UserError, match="reads activity, which this data set does not have"):
        GRU.create().fit(log, FitContext())
