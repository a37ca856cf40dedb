from typing import ClassVar

from attain.models.dropout_prediction.random_forest import RandomForest
from attain.testing.dropout_predictor import ExplainsTests


class TestRandomForest(ExplainsTests):
    model = RandomForest
    params: ClassVar = {"trees": 12}
