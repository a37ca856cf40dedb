from typing import ClassVar

from attain.models.dropout_prediction.logistic_regression import LogisticRegression
from attain.tasks.context import FitContext
from attain.testing.dropout_predictor import DropoutPredictorTests, ExplainsTests
from attain.testing.small_enrolments import small_enrolments


class TestLogisticRegression(ExplainsTests):
    model = LogisticRegression


class TestRecalibrated(DropoutPredictorTests):
    model = LogisticRegression
    params: ClassVar = {"imbalance": "oversample", "calibration": "isotonic"}


class TestRecalibratedByALine(ExplainsTests):
    model = LogisticRegression
    params: ClassVar = {"imbalance": "undersample", "calibration": "sigmoid"}


def test_only_the_sets_that_are_named_are_read() -> None:
    log = small_enrolments(0)
    model = LogisticRegression.create(features=["registration"])
    model.fit(log, FitContext())
    assert model.columns.names.tolist() == ["credits", "credits missing"]
