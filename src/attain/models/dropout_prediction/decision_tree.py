"""A decision tree: a few questions that anyone can follow."""

from typing import Any

from pydantic import Field
from sklearn.tree import DecisionTreeClassifier

from attain.models.dropout_prediction._scikit import ScikitPredictor
from attain.models.dropout_prediction._tabular import TabularParams


class DecisionTreeParams(TabularParams):
    """Parameters of `decision_tree`."""

    depth: int = Field(default=5, ge=1)
    """Questions on the way to a leaf, at most."""
    rows_in_leaf: int = Field(default=50, ge=1)
    """Training rows in each leaf, at least; so many stand behind each probability."""


class DecisionTree(ScikitPredictor):
    """One tree of yes-or-no questions (Breiman et al. 1984). An unknown number goes the way that fitted better."""

    name = "decision_tree"
    params: DecisionTreeParams
    scaled = False

    def estimator(self, seed: int) -> Any:  # scikit-learn is not typed
        """See `ScikitPredictor.estimator`."""
        return DecisionTreeClassifier(
            max_depth=self.params.depth, min_samples_leaf=self.params.rows_in_leaf, random_state=seed
        )
