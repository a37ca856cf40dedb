from typing import ClassVar

from attain.models.dropout_prediction.mlp import MLP
from attain.testing.dropout_predictor import ExplainsTests


class TestMLP(ExplainsTests):
    model = MLP
    params: ClassVar = {"epochs": 15}
    tolerance: ClassVar = 1e-6
