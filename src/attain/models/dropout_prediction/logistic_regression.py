"""Logistic regression: the plain model that every other should beat."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn.linear_model import LogisticRegression as Classifier

from attain.models.dropout_prediction._features import summed
from attain.models.dropout_prediction._scikit import ScikitPredictor
from attain.models.dropout_prediction._tabular import TabularParams


class LogisticRegressionParams(TabularParams):
    """Parameters of `logistic_regression`."""

    strength: float = Field(default=1, gt=0)
    """How little the weights are held to 0: the inverse of the L2 penalty, on scaled columns."""


class LogisticRegression(ScikitPredictor):
    """Weights on scaled columns, held to 0 by an L2 penalty. Unknown numbers are the training median, and marked."""

    name = "logistic_regression"
    params: LogisticRegressionParams

    def estimator(self, seed: int) -> Any:  # scikit-learn is not typed
        """See `ScikitPredictor.estimator`."""
        return Classifier(C=self.params.strength, max_iter=5000, random_state=seed)

    def contributions(self, x: NDArray[np.float64], group: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
        """See `TabularPredictor.contributions`: exact, each against the mean of the training part."""
        weight = self.fitted.coef_[0]
        return float(self.fitted.intercept_[0] + weight @ self.centre), summed(weight * (x - self.centre), group)
