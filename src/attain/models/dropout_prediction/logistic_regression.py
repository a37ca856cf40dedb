"""Logistic regression: the plain model that every other should beat."""

from typing import Any

from pydantic import Field
from sklearn.linear_model import LogisticRegression as Classifier

from attain.models.dropout_prediction._tabular import TabularParams, TabularPredictor


class LogisticRegressionParams(TabularParams):
    """Parameters of `logistic_regression`."""

    strength: float = Field(default=1, gt=0)
    """How little the weights are held to 0: the inverse of the L2 penalty, on scaled columns."""


class LogisticRegression(TabularPredictor):
    """Weights on scaled columns, held to 0 by an L2 penalty. Unknown numbers are the training median, and marked."""

    name = "logistic_regression"
    params: LogisticRegressionParams

    def estimator(self, seed: int) -> Any:  # scikit-learn is not typed
        """See `TabularPredictor.estimator`."""
        return Classifier(C=self.params.strength, max_iter=5000, random_state=seed)
