import numpy as np
import pytest

from attain.models.dropout_prediction._stability import stability
from attain.models.dropout_prediction.logistic_regression import LogisticRegression
from attain.testing.small_enrolments import small_enrolments

TEST = small_enrolments(9, learners=2000)


def test_reasons_from_many_learners_are_steadier_than_from_few() -> None:
    few, many = (
        stability(LogisticRegression.create, small_enrolments(1, learners=n), TEST, np.random.default_rng(0))
        for n in (60, 6000)
    )
    assert len(TEST) / 10 <= many.n < few.n <= len(TEST) / 5
    assert many.top > few.top
    assert many.flagged > few.flagged
    assert many.flagged == pytest.approx(2 - many.n / round(len(TEST) / 10))


def test_a_model_that_goes_by_one_thing_always_has_the_same_reason() -> None:
    def one_thing() -> LogisticRegression:
        return LogisticRegression.create(features=["assessments"], strength=1e-9)

    found = stability(one_thing, small_enrolments(1, learners=6000), TEST, np.random.default_rng(0), flagged=1)
    assert found.flagged == 1
    assert found.first > 0.9


def test_a_model_without_reasons_that_may_be_shown_has_no_figure() -> None:
    def of_facts() -> LogisticRegression:
        return LogisticRegression.create(features=["demographics"])

    found = stability(of_facts, small_enrolments(1), TEST, np.random.default_rng(0))
    assert np.isnan(found.first)
    assert 0 <= found.flagged <= 1
