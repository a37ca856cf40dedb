"""A random forest: the mean of many trees, each grown on other rows and columns."""

from typing import Any

from pydantic import Field
from sklearn.ensemble import RandomForestClassifier

from attain.models.dropout_prediction._scikit import ScikitPredictor
from attain.models.dropout_prediction._tabular import TabularParams


class RandomForestParams(TabularParams):
    """Parameters of `random_forest`."""

    trees: int = Field(default=200, ge=1)
    """How many trees are averaged."""
    rows_in_leaf: int = Field(default=10, ge=1)
    """Training rows in each leaf, at least; with 1 the trees learn rows by heart and the mean is badly calibrated."""
    columns_tried: float = Field(default=0.2, gt=0, le=1)
    """Share of the columns, drawn at random, among which each split is chosen."""


class RandomForest(ScikitPredictor):
    """The mean of trees on bootstrapped rows (Breiman 2001). An unknown number goes the way that fitted better."""

    name = "random_forest"
    params: RandomForestParams
    scaled = False

    def estimator(self, seed: int) -> Any:  # scikit-learn is not typed
        """See `ScikitPredictor.estimator`."""
        return RandomForestClassifier(
            n_estimators=self.params.trees,
            min_samples_leaf=self.params.rows_in_leaf,
            max_features=self.params.columns_tried,
            random_state=seed,
            n_jobs=1,
        )
