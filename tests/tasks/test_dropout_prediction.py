"""The task's own promises: what is judged, and what is refused before and after a fit."""

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.enrolment_split import ByTerm
from attain.data.enrolments import Enrolments
from attain.data.simulate.course_options import SimulateCoursesOptions
from attain.data.simulate.courses import simulated_courses
from attain.data.split import ByLearner, ByTime
from attain.models.dropout_prediction.course_rate import CourseRate
from attain.tasks import dropout_prediction
from attain.tasks.context import FitContext

DATASET = simulated_courses("simulated_courses", SimulateCoursesOptions(learners=60))


def test_a_table_has_one_row_an_enrolment_of_the_held_out_term() -> None:
    fold = dropout_prediction.make_fold(ByTerm(), DATASET, 0)
    table = dropout_prediction.run(CourseRate.create(), fold, FitContext()).frame
    assert table["example"].tolist() == fold.test.row.tolist()
    assert set(table["term"].astype(str)) == {"term_4"}
    np.testing.assert_array_equal(table["target"], fold.test.outcome)
    assert (table["as_of"] == 28).all()


def test_a_split_by_learner_keeps_its_promise_and_one_by_term_makes_none() -> None:
    by_term = dropout_prediction.make_fold(ByTerm(), DATASET, 0)
    assert dropout_prediction.check(ByTerm(), by_term) == []
    detectors = [finding.detector for finding in dropout_prediction.check(ByLearner(), by_term)]
    assert detectors == ["shared_learners"]


def test_a_model_that_ranks_those_who_are_predicted_together_is_refused() -> None:
    class Ranked(CourseRate):
        def predict(self, enrolments: Enrolments) -> NDArray[np.float64]:
            return np.arange(len(enrolments)) / max(len(enrolments), 1)

    fold = dropout_prediction.make_fold(ByTerm(), DATASET, 0)
    model = Ranked.create()
    model.fit(fold.train, FitContext())
    with pytest.raises(UserError, match="mixes enrolments"):
        dropout_prediction.look(model, fold)


def test_a_split_of_answers_is_not_for_enrolments() -> None:
    with pytest.raises(UserError, match="by time is not for enrolments; use term"):
        dropout_prediction.count(ByTime(), DATASET)
