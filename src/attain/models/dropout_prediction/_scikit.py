"""What the models have in common that are a classifier of scikit-learn."""

from abc import abstractmethod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attain.models._estimator_file import read_estimator, write_estimator
from attain.models.dropout_prediction._imbalance import balanced
from attain.models.dropout_prediction._tabular import Part, TabularPredictor
from attain.tasks.context import FitContext


class ScikitPredictor(TabularPredictor):
    """A classifier of scikit-learn on a table of features; a subclass says which."""

    @abstractmethod
    def estimator(self, seed: int) -> Any:  # any classifier with fit(x, y, sample_weight) and predict_proba
        """A fresh classifier."""

    def train(self, part: Part, seed: int, context: FitContext) -> Any:  # as `estimator`
        """See `TabularPredictor.train`."""
        rows = balanced(part.x, part.y, self.params.imbalance, seed)
        return self.estimator(seed).fit(rows.x, rows.y, sample_weight=rows.weight)

    def score(self, fitted: Any, x: NDArray[np.float64]) -> NDArray[np.float64]:  # as `estimator`
        """See `TabularPredictor.score`."""
        return np.asarray(fitted.predict_proba(x)[:, 1], dtype=np.float64)

    def write_fitted(self, folder: Path) -> None:
        """See `TabularPredictor.write_fitted`."""
        write_estimator(self.fitted, folder)

    def read_fitted(self, folder: Path) -> Any:  # as `estimator`
        """See `TabularPredictor.read_fitted`."""
        return read_estimator(folder)
