"""What all models of a table of features share: the features, rare outcomes, calibration, saving."""

from abc import abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.enrolments import Enrolments
from attain.data.features.table import available, feature_table
from attain.models._saved import Learned, read, write
from attain.models.dropout_prediction._estimator_file import read_estimator, write_estimator
from attain.models.dropout_prediction._features import Columns
from attain.models.dropout_prediction._imbalance import Imbalance, balanced
from attain.models.dropout_prediction._recalibration import Calibration, Recalibration
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import DropoutPredictor


class TabularParams(Params):
    """Parameters that every model of a table of features has."""

    features: tuple[str, ...] | None = None
    """Sets of features by name; all that the data have where not given. `attain data check NAME` lists them."""
    imbalance: Imbalance = "none"
    """What is done about rare outcomes, in the training part only; read the calibration beside it."""
    calibration: Calibration = "none"
    """How scores are turned into probabilities, from training rows that the model was not fitted on."""
    calibration_folds: int = Field(default=5, ge=2)
    """Into how many parts of whole learners the training part is dealt for that."""


class TabularPredictor(DropoutPredictor):
    """A scikit-learn classifier on a table of features; a subclass says which."""

    params: TabularParams
    scaled: ClassVar[bool] = True
    """Whether unknown numbers are filled and columns scaled; trees take them as they are."""

    @abstractmethod
    def estimator(self, seed: int) -> Any:  # any classifier with fit(x, y, sample_weight) and predict_proba
        """A fresh classifier."""

    def fit(self, enrolments: Enrolments, context: FitContext) -> None:
        """See `DropoutPredictor.fit`."""
        wanted = self.params.features
        self.sets = available(enrolments) if wanted is None else list(wanted)
        features = feature_table(enrolments, self.sets)
        self.columns = Columns.learn(features)
        x, y = self._matrix(enrolments), enrolments.outcome.astype(np.int64)
        seed = int(context.rng.integers(2**31))
        self.recalibration = Recalibration.learn(*self._held_out(x, y, enrolments.learner, seed))
        self.fitted = self._fitted(x, y, seed)

    def predict(self, enrolments: Enrolments) -> NDArray[np.float64]:
        """See `DropoutPredictor.predict`."""
        if not len(enrolments):
            return np.empty(0)
        return self.recalibration(self._score(self.fitted, self._matrix(enrolments)))

    def save(self, folder: Path) -> None:
        """See `DropoutPredictor.save`."""
        columns = self.columns.learned()
        arrays = {**columns.arrays, **self.recalibration.learned()}
        write(self, Learned(arrays, {**columns.names, "sets": np.array(self.sets, dtype=object)}), folder)
        write_estimator(self.fitted, folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `DropoutPredictor.load`."""
        model, learned = read(cls, folder)
        model.sets = list(map(str, learned.names["sets"]))
        model.columns, model.recalibration = Columns.of(learned), Recalibration.of(learned)
        model.fitted = read_estimator(folder)
        return model

    def _matrix(self, enrolments: Enrolments) -> NDArray[np.float64]:
        features = feature_table(enrolments, self.sets)
        smote = self.params.imbalance == "smote"
        return self.columns.scaled(features) if self.scaled or smote else self.columns.raw(features)

    def _fitted(self, x: NDArray[np.float64], y: NDArray[np.int64], seed: int) -> Any:  # as `estimator`
        rows = balanced(x, y, self.params.imbalance, seed)
        return self.estimator(seed).fit(rows.x, rows.y, sample_weight=rows.weight)

    def _held_out(
        self, x: NDArray[np.float64], y: NDArray[np.int64], learner: NDArray[np.int32], seed: int
    ) -> tuple[Calibration, NDArray[np.float64], NDArray[np.int64]]:
        """Scores of training rows by models that did not see their learners: untouched rows, whatever was resampled."""
        if self.params.calibration == "none":
            return "none", np.empty(0), y
        codes, dealt = np.unique(learner), np.random.default_rng(seed)
        fold = np.zeros(int(codes.max(initial=0)) + 1, dtype=np.int64)
        fold[dealt.permutation(codes)] = np.arange(len(codes)) % self.params.calibration_folds
        score = np.empty(len(y))
        for index in range(self.params.calibration_folds):
            out = fold[learner] == index
            if out.any():
                score[out] = self._score(self._fitted(x[~out], y[~out], seed), x[out])
        return self.params.calibration, score, y

    @staticmethod
    def _score(fitted: Any, x: NDArray[np.float64]) -> NDArray[np.float64]:  # as `estimator`
        return np.asarray(fitted.predict_proba(x)[:, 1], dtype=np.float64)
