"""LightGBM: gradient boosting that grows the best leaf first, and tells what each feature added. Needs lightgbm."""

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.models.dropout_prediction._features import summed
from attain.models.dropout_prediction._imbalance import balanced
from attain.models.dropout_prediction._tabular import Part, TabularParams, TabularPredictor
from attain.tasks.context import FitContext

FILE = "trees.txt"


class LightGBMParams(TabularParams):
    """Parameters of `lightgbm`."""

    trees: int = Field(default=150, ge=1)
    """How many trees are added up."""
    learning_rate: float = Field(default=0.05, gt=0)
    """How much of each tree is added."""
    leaves: int = Field(default=8, ge=2)
    """Leaves of a tree, at most. Rare outcomes want few: larger trees learn them by heart."""
    rows_in_leaf: int = Field(default=20, ge=1)
    """Training rows in each leaf, at least."""


class LightGBM(TabularPredictor):
    """Leaf-wise gradient boosting (Ke et al. 2017) on one thread, so that the same seed gives the same trees.

    Unknown numbers are taken as they are. Reasons are the trees' own Shapley values (Lundberg et al. 2020). It is saved
    in LightGBM's own text format.
    """

    name = "lightgbm"
    params: LightGBMParams
    scaled = False

    def train(self, part: Part, seed: int, context: FitContext) -> Any:  # lightgbm is not typed
        """See `TabularPredictor.train`."""
        rows = balanced(part.x, part.y, self.params.imbalance, seed)
        choices = {
            "objective": "binary",
            "learning_rate": self.params.learning_rate,
            "num_leaves": self.params.leaves,
            "min_data_in_leaf": self.params.rows_in_leaf,
            "seed": seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": 1,
            "verbosity": -1,
        }
        table = lightgbm.Dataset(rows.x, rows.y, weight=rows.weight, params={"verbosity": -1})
        return lightgbm.train(choices, table, num_boost_round=self.params.trees)

    def score(self, fitted: Any, x: NDArray[np.float64]) -> NDArray[np.float64]:  # as `train`
        """See `TabularPredictor.score`."""
        return np.asarray(fitted.predict(x, num_threads=1), dtype=np.float64)

    def contributions(self, x: NDArray[np.float64], group: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
        """See `TabularPredictor.contributions`: exact, along the trees."""
        if not len(x):
            return 0.0, summed(x, group)
        value = np.asarray(self.fitted.predict(x, pred_contrib=True, num_threads=1), dtype=np.float64)
        return float(value[0, -1]), summed(value[:, :-1], group)

    def write_fitted(self, folder: Path) -> None:
        """See `TabularPredictor.write_fitted`."""
        (folder / FILE).write_text(self.fitted.model_to_string(), encoding="utf-8")

    def read_fitted(self, folder: Path) -> Any:  # as `train`
        """See `TabularPredictor.read_fitted`."""
        return lightgbm.Booster(model_str=(folder / FILE).read_text(encoding="utf-8"))
