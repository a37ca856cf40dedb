from typing import ClassVar

import numpy as np

from attain.models.dropout_prediction.course_rate import CourseRate
from attain.tasks.context import FitContext
from attain.testing.dropout_predictor import DropoutPredictorTests
from attain.testing.small_enrolments import small_enrolments


class TestCourseRate(DropoutPredictorTests):
    model = CourseRate
    at_least_auc: ClassVar = 0.45


def test_everyone_in_a_course_has_its_rate_drawn_to_the_overall_one() -> None:
    log = small_enrolments(0)
    course = log.course[log.offering]
    model = CourseRate.create(smoothing=10)
    model.fit(log, FitContext())
    of_first = log.outcome[course == 0]
    expected = (of_first.sum() + 10 * log.outcome.mean()) / (len(of_first) + 10)
    np.testing.assert_allclose(model.predict(log)[course == 0], expected)
