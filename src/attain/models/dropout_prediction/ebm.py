"""An explainable boosting machine: a curve for each feature, which are added up. Needs interpret-core."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier
from numpy.typing import NDArray
from pydantic import Field

from attain.models.dropout_prediction._imbalance import Training, balanced
from attain.models.dropout_prediction._tabular import Part, TabularParams, TabularPredictor
from attain.models.dropout_prediction._terms import Term, Terms
from attain.tasks.context import FitContext

FILE = "terms.npz"
PARTS = 7
"""One part in so many of the training learners stops a machine."""


class EBMParams(TabularParams):
    """Parameters of `ebm`."""

    pairs: int = Field(default=0, ge=0)
    """How many tables over two columns are added to the curves; with any, reasons are less plain."""
    bags: int = Field(default=4, ge=1)
    """How many machines, each stopped by other learners, are averaged."""
    learning_rate: float = Field(default=0.05, gt=0)
    """How much of each small tree is added."""
    bins: int = Field(default=256, ge=2)
    """Steps of a curve, at most."""


class EBM(TabularPredictor):
    """Curves boosted column by column (Lou et al. 2012; Nori et al. 2019): additive, so its reasons are exact.

    Unknown numbers have a step of their own. Only the curves are kept and saved, and read by code of our own.
    """

    name = "ebm"
    params: EBMParams
    scaled = False

    def train(self, part: Part, seed: int, context: FitContext) -> Terms:
        """See `TabularPredictor.train`."""
        rows = balanced(part.x, part.y, self.params.imbalance, seed)
        machine = ExplainableBoostingClassifier(
            feature_types=["continuous"] * rows.x.shape[1],
            interactions=self.params.pairs,
            outer_bags=self.params.bags,
            learning_rate=self.params.learning_rate,
            max_bins=self.params.bins,
            random_state=seed,
            n_jobs=1,
        )
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Missing values detected", UserWarning)  # of its pictures, not its scores
            machine.fit(rows.x, rows.y, sample_weight=rows.weight, bags=self._bags(part, rows, seed))
        return terms_of(machine)

    def _bags(self, part: Part, rows: Training, seed: int) -> NDArray[np.int8]:
        """Shape (n, bags): 1 for a row to learn from, -1 to stop a machine by; a learner is on one side only."""
        out = np.ones((len(rows.y), self.params.bags), dtype=np.int8)
        for bag in range(self.params.bags):
            stops = np.append(part.dealt(PARTS, seed + bag) == 0, False)  # the last is for rows that were made up
            out[stops[rows.row], bag] = -1
        return out

    def score(self, fitted: Terms, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """See `TabularPredictor.score`."""
        return fitted(x)

    def contributions(self, x: NDArray[np.float64], group: NDArray[np.int64]) -> tuple[float, NDArray[np.float64]]:
        """See `TabularPredictor.contributions`: exact."""
        fitted: Terms = self.fitted
        return fitted.intercept, fitted.by_group(x, group)

    def write_fitted(self, folder: Path) -> None:
        """See `TabularPredictor.write_fitted`."""
        np.savez(folder / FILE, **dict[str, Any](self.fitted.arrays()))  # as in `_saved.write`

    def read_fitted(self, folder: Path) -> Terms:
        """See `TabularPredictor.read_fitted`."""
        with np.load(folder / FILE, allow_pickle=False) as stored:
            return Terms.of(dict(stored))


def terms_of(machine: Any) -> Terms:  # interpret is not typed
    """The curves and tables of a fitted machine; a pair reads coarser bins than a curve."""
    terms = []
    for columns, odds in zip(machine.term_features_, machine.term_scores_, strict=True):
        levels = (machine.bins_[column] for column in columns)
        cuts = tuple(np.asarray(bins[min(len(bins), len(columns)) - 1], dtype=np.float64) for bins in levels)
        terms.append(Term(tuple(map(int, columns)), cuts, np.asarray(odds, dtype=np.float64)))
    return Terms(float(machine.intercept_[0]), tuple(terms))
