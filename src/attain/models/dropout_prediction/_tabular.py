"""What all models of a table of features share: the features, rare outcomes, calibration, reasons, saving."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, field_validator
from scipy.special import logit

from attain.core.component import Params
from attain.core.errors import unknown
from attain.core.reasons import Reasons
from attain.data.enrolments import Enrolments, Fact
from attain.data.features.table import actionable, available, feature_table
from attain.models._saved import Learned, read, write
from attain.models.dropout_prediction._counterfactual import smallest_changes
from attain.models.dropout_prediction._features import Columns
from attain.models.dropout_prediction._imbalance import Imbalance
from attain.models.dropout_prediction._recalibration import Calibration, Recalibration
from attain.models.dropout_prediction._shapley import sampled_shapley
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import DropoutPredictor

Floats = NDArray[np.float64]

BACKGROUND = 32
"""Training rows that are kept, for reasons by sampling to compare with."""
SURE = 1e-4
"""A reason tells no scores apart that are nearer to 0 or 1 than this."""


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
    actionable: tuple[str, ...] = ()
    """Sets of facts of the card about which a learner could do something, such as attendance, so that they may be shown
    as reasons; computed sets say so themselves, and `demographics` never are."""

    @field_validator("actionable")
    @classmethod
    def _never_who_one_is(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if "demographics" in value:
            raise ValueError("who a learner is, is never shown as a reason; leave 'demographics' out")
        return value


@dataclass(frozen=True, eq=False)
class Part:
    """Rows to train on.

    Attributes:
        x: shape (n, n_columns).
        y: shape (n,), 0 or 1.
        enrolments: n, whose they are.
    """

    x: Floats
    y: NDArray[np.int64]
    enrolments: Enrolments

    def take(self, rows: NDArray[np.bool_]) -> "Part":
        """Some of the rows."""
        return Part(self.x[rows], self.y[rows], self.enrolments.take(rows))

    def dealt(self, parts: int, seed: int) -> NDArray[np.int64]:
        """A number from 0 to `parts` - 1 for each row, the same for all rows of a learner."""
        learner = self.enrolments.learner
        codes, number = np.unique(learner), np.zeros(int(learner.max(initial=0)) + 1, dtype=np.int64)
        number[np.random.default_rng(seed).permutation(codes)] = np.arange(len(codes)) % parts
        return number[learner]


class TabularPredictor(DropoutPredictor):
    """A classifier on a table of features; a subclass says which."""

    params: TabularParams
    scaled: ClassVar[bool] = True
    """Whether unknown numbers are filled and columns scaled; trees take them as they are."""
    fitted: Any  # what `train` gave
    centre: Floats
    """Shape (n_columns,), the mean of the training rows."""
    background: Floats
    """Shape (at most BACKGROUND, n_columns), some training rows."""

    def check_data(self, log: Enrolments) -> None:
        """See `Component.check_data`: every set of features that is named is one of these data."""
        known = available(log)
        for name in (*(self.params.features or ()), *self.params.actionable):
            if name not in known:
                feature_table(log.take(np.arange(0)), [name])  # says what the set lacks, or that there is none
                raise unknown("feature set of these data", name, known)

    @abstractmethod
    def train(self, part: Part, seed: int, context: FitContext) -> Any:  # whatever `score` and `write_fitted` take
        """A fitted classifier."""

    @abstractmethod
    def score(self, fitted: Any, x: Floats) -> Floats:  # what `train` gave
        """Scores in [0, 1] before calibration, shape (n,)."""

    @abstractmethod
    def write_fitted(self, folder: Path) -> None:
        """Write `fitted` into a folder."""

    @abstractmethod
    def read_fitted(self, folder: Path) -> Any:  # what `train` gave
        """What `write_fitted` wrote."""

    def matrix(self, enrolments: Enrolments, features: Mapping[str, Fact]) -> Floats:
        """Shape (n, n_columns); `features` are those of the enrolments."""
        smote = self.params.imbalance == "smote"
        return self.columns.scaled(features) if self.scaled or smote else self.columns.raw(features)

    def sources(self) -> list[str]:
        """The feature that each column of `matrix` comes from."""
        return list(map(str, self.columns.feature))

    def actionable(self, features: Mapping[str, Fact]) -> dict[str, bool]:
        """For each feature, whether a learner could do something about it."""
        named = {name for name, fact in features.items() if fact.group in self.params.actionable}
        return actionable(features) | dict.fromkeys(named, True)

    def fit(self, enrolments: Enrolments, context: FitContext) -> None:
        """See `DropoutPredictor.fit`."""
        wanted = self.params.features
        self.sets = available(enrolments) if wanted is None else list(wanted)
        features = feature_table(enrolments, self.sets)
        self.columns = Columns.learn(features)
        part = Part(self.matrix(enrolments, features), enrolments.outcome.astype(np.int64), enrolments)
        seed = int(context.rng.integers(2**31))
        some = np.random.default_rng(seed).permutation(len(part.x))[:BACKGROUND]
        self.centre, self.background = part.x.mean(axis=0), part.x[some]
        self.recalibration = self._recalibrated(part, seed, context)
        self.fitted = self.train(part, seed, context)

    def predict(self, enrolments: Enrolments) -> Floats:
        """See `DropoutPredictor.predict`."""
        return self.predict_from(enrolments, self.features(enrolments))

    def features(self, enrolments: Enrolments) -> dict[str, Fact]:
        """The features that it reads."""
        return feature_table(enrolments, self.sets)

    def predict_from(self, enrolments: Enrolments, features: Mapping[str, Fact]) -> Floats:
        """What `predict` would give if the enrolments had these features."""
        if not len(enrolments):
            return np.empty(0)
        return self.recalibration(self.score(self.fitted, self.matrix(enrolments, features)))

    def reasons(self, enrolments: Enrolments) -> Reasons:
        """See `Explains.reasons`. With isotonic calibration they are of the score before it, which it only bends."""
        names, group = np.unique(np.array(self.sources(), dtype=str), return_inverse=True)
        features = self.features(enrolments)
        may = self.actionable(features)
        base, value = self.contributions(self.matrix(enrolments, features), group)
        if self.recalibration.is_line:
            slope, more = self.recalibration.x
            base, value = slope * base + more, slope * value
        shown = np.array([may.get(name, False) for name in names], dtype=bool)
        return Reasons(names.astype(object), shown, float(base), value)

    def smallest_changes(self, enrolments: Enrolments, threshold: float) -> pd.DataFrame:
        """See `FindsChanges.smallest_changes`."""
        return smallest_changes(self, enrolments, threshold)

    def contributions(self, x: Floats, group: NDArray[np.int64]) -> tuple[float, Floats]:
        """What each feature adds, by sampling; models that know it exactly say so themselves.

        Args:
            x: shape (n, n_columns).
            group: shape (n_columns,), the number of each column's feature.

        Returns:
            The log-odds that all begin with, and an array of shape (n, n_features).
        """

        def odds(rows: Floats) -> Floats:
            return np.asarray(logit(np.clip(self.score(self.fitted, rows), SURE, 1 - SURE)))

        return sampled_shapley(odds, x, self.background, group)

    def save(self, folder: Path) -> None:
        """See `DropoutPredictor.save`."""
        columns = self.columns.learned()
        arrays = {**columns.arrays, **self.recalibration.learned(), "centre": self.centre}
        names = {**columns.names, "sets": np.array(self.sets, dtype=object)}
        write(self, Learned({**arrays, "background": self.background}, names), folder)
        self.write_fitted(folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `DropoutPredictor.load`."""
        model, learned = read(cls, folder)
        model.sets = list(map(str, learned.names["sets"]))
        model.columns, model.recalibration = Columns.of(learned), Recalibration.of(learned)
        model.centre, model.background = (learned.arrays[name].astype(float) for name in ("centre", "background"))
        model.fitted = model.read_fitted(folder)
        return model

    def _recalibrated(self, part: Part, seed: int, context: FitContext) -> Recalibration:
        """From scores of untouched training rows, each by a model that did not see its learner."""
        if self.params.calibration == "none":
            return Recalibration.learn("none", np.empty(0), part.y)
        fold = part.dealt(self.params.calibration_folds, seed)
        score, quiet = np.empty(len(part.y)), replace(context, report=lambda step, **values: None)
        for index in range(self.params.calibration_folds):
            out = fold == index
            if out.any():
                score[out] = self.score(self.train(part.take(~out), seed, quiet), part.x[out])
        return Recalibration.learn(self.params.calibration, score, part.y)
