from typing import ClassVar

from attain.models.dropout_prediction.decision_tree import DecisionTree
from attain.testing.dropout_predictor import ExplainsTests


class TestDecisionTree(ExplainsTests):
    model = DecisionTree
    params: ClassVar = {"rows_in_leaf": 15}
