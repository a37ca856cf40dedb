from typing import ClassVar

from attain.models.dropout_prediction.gradient_boosting import GradientBoosting
from attain.testing.dropout_predictor import ExplainsTests


class TestGradientBoosting(ExplainsTests):
    model = GradientBoosting
    params: ClassVar = {"trees": 10}


class TestWithSmote(ExplainsTests):
    model = GradientBoosting
    params: ClassVar = {"trees": 10, "imbalance": "smote", "calibration": "sigmoid"}
