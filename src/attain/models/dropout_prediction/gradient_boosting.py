"""Histogram gradient boosting: strong on tables, with unknown numbers as they are."""

from typing import Any

from pydantic import Field
from sklearn.ensemble import HistGradientBoostingClassifier

from attain.models.dropout_prediction._scikit import ScikitPredictor
from attain.models.dropout_prediction._tabular import TabularParams


class GradientBoostingParams(TabularParams):
    """Parameters of `gradient_boosting`."""

    trees: int = Field(default=150, ge=1)
    """How many trees are added up."""
    learning_rate: float = Field(default=0.05, gt=0)
    """How much of each tree is added."""
    leaves: int = Field(default=8, ge=2)
    """Leaves of a tree, at most. Rare outcomes want few: larger trees learn them by heart."""
    rows_in_leaf: int = Field(default=20, ge=1)
    """Training rows in each leaf, at least."""


class GradientBoosting(ScikitPredictor):
    """Trees added one by one, each to what is left of the error (Friedman 2001), on columns in 255 bins."""

    name = "gradient_boosting"
    params: GradientBoostingParams
    scaled = False

    def estimator(self, seed: int) -> Any:  # scikit-learn is not typed
        """See `ScikitPredictor.estimator`."""
        return HistGradientBoostingClassifier(
            max_iter=self.params.trees,
            learning_rate=self.params.learning_rate,
            max_leaf_nodes=self.params.leaves,
            min_samples_leaf=self.params.rows_in_leaf,
            early_stopping=False,
            random_state=seed,
        )
