from dataclasses import replace
from typing import ClassVar

import numpy as np

from attain.models.dropout_prediction.two_rules import TwoRules
from attain.tasks.context import FitContext
from attain.testing.dropout_predictor import DropoutPredictorTests
from attain.testing.small_enrolments import small_enrolments


class TestTwoRules(DropoutPredictorTests):
    model = TwoRules
    at_least_auc: ClassVar = 0.55


def test_levels_are_what_a_loop_over_learners_finds() -> None:
    log = small_enrolments(0)
    level = TwoRules.create().level(log)
    assert log.activity is not None
    assert log.results is not None
    assert log.schedule is not None
    for row in range(len(log)):
        due = log.schedule.start[log.offering[row] + 1] - log.schedule.start[log.offering[row]]
        its = slice(log.results.start[row], log.results.start[row + 1])
        missed = due - (log.results.due[its] <= 28).sum()
        days = log.activity.day[log.activity.start[row] : log.activity.start[row + 1]]
        quiet = 2 if log.offering[row] == 0 else int(not (days > 14).any())
        assert level[row] == 3 * int(missed >= 1) + quiet
    assert len(np.unique(level)) == 6


def test_a_level_has_its_rate_drawn_to_the_overall_one() -> None:
    log = small_enrolments(0)
    model = TwoRules.create(smoothing=10)
    model.fit(log, FitContext())
    its = model.level(log) == 3
    expected = (log.outcome[its].sum() + 10 * log.outcome.mean()) / (its.sum() + 10)
    np.testing.assert_allclose(model.predict(log)[its], expected)


def test_without_activity_and_assessments_all_have_the_overall_rate() -> None:
    log = replace(small_enrolments(0), activity=None, results=None, schedule=None)
    model = TwoRules.create()
    model.fit(log, FitContext())
    np.testing.assert_allclose(model.predict(log), log.outcome.mean())
