"""Dropout prediction: which enrolments, as they stand on a day, will end badly?"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.component import Component
from attain.core.errors import UserError
from attain.core.reasons import Reasons
from attain.core.registry import Registry
from attain.core.table import Predictions, predictions
from attain.data import enrolment_split
from attain.data.dataset import Dataset
from attain.data.enrolment_split import ByCourse, ByOffering, ByTerm, EnrolmentSplit
from attain.data.enrolments import Enrolments
from attain.data.split import ByLearner, Fold
from attain.tasks import guard
from attain.tasks.context import FitContext
from attain.tasks.guard.finding import Finding
from attain.tasks.optimism import optimism

NAME = "dropout_prediction"
CONTENT = Enrolments
"""What a data set of this task holds."""
HAS_CANARIES = False
TRAINING = ("all",)
"""What a suite may have models learn from."""
METRICS = ("auc", "brier", "log_loss", "ece[15,quantile]")
"""Metrics of a suite that names none."""
SPLIT = ByTerm()
"""The split of a suite that names none."""
BASELINES = ("course_rate",)
"""Models that stand in every table, for what they reach takes no look at any individual."""
PROTOCOL = {
    "population": "enrolled on the day of the cut-off",
    "known": "nothing later than the cut-off, cut before anything is joined",
    "outcomes not known": "dropped, and counted",
}
"""How enrolments are judged, for the record that every number carries."""


class DropoutPredictor(Component):
    """Adapter of a model of how enrolments end.

    Both methods get enrolments as they stood on the day of the cut-off; nothing later is in them.
    """

    @abstractmethod
    def fit(self, enrolments: Enrolments, context: FitContext) -> None:
        """Learn from enrolments whose `outcome` is known."""

    @abstractmethod
    def predict(self, enrolments: Enrolments) -> NDArray[np.floating]:
        """Probability of the outcome for each enrolment; the outcomes in it are hidden (all NaN).

        Returns:
            shape (len(enrolments),), each in [0, 1].
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what `fit` learned into `folder`, as arrays and JSON; never a pickle."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """The model that `save` wrote; it predicts the same."""


@runtime_checkable
class Explains(Protocol):
    """A predictor that can say what each score goes by; asked with `isinstance`."""

    def reasons(self, enrolments: Enrolments) -> Reasons:
        """What each feature adds to the log-odds of each enrolment's score, which no other enrolment changes."""
        ...


@runtime_checkable
class FindsChanges(Protocol):
    """A predictor that can say which change of one feature would take a score below a threshold."""

    def smallest_changes(self, enrolments: Enrolments, threshold: float) -> pd.DataFrame:
        """The nearest value of each actionable number that would, by example, the smallest change first.

        Returns:
            Columns `example`, `feature`, `now`, `needed` and `share`, the part of the training rows whose values lie
            between; that is how large a change is.
        """
        ...


MODELS: Registry[DropoutPredictor] = Registry(
    NAME,
    DropoutPredictor,  # type: ignore[type-abstract]  # the registry only compares with it
    "attain.models.dropout_prediction",
)


def columns(dataset: Dataset[Enrolments], adapter: type[DropoutPredictor]) -> frozenset[str]:
    """What the predictions table of such a model on such a data set will hold."""
    return frozenset({"fold", "example", "unit", "target", "score", "course", "term", "as_of"})


def count(split: object, dataset: Dataset[Enrolments]) -> int:
    """How many folds a split has on a data set."""
    return enrolment_split.count(_checked(split), dataset.log)


def inner(split: object, folds: int, seed: int) -> tuple[object, int]:
    """How a training part is parted again, where params are sought in it, and into how many folds: by learner."""
    return ByLearner(folds=folds, seed=seed), folds


def make_fold(split: object, dataset: Dataset[Enrolments], index: int) -> Fold[Enrolments]:
    """The fold with number `index`."""
    return enrolment_split.make(_checked(split), dataset.log, index)


def run(model: DropoutPredictor, fold: Fold[Enrolments], context: FitContext) -> Predictions:
    """Fit on the training part and judge on the held-out part: one fold in a notebook or script, without a suite."""
    model.fit(fold.train, context)
    return judge(model, fold)


def judge(model: DropoutPredictor, fold: Fold[Enrolments]) -> Predictions:
    """The predictions table of a fitted model on the held-out part: one row an enrolment and cut-off day."""
    test = fold.test
    course, term = test.course[test.offering], test.term[test.offering]
    keys = pd.DataFrame(
        {
            "fold": np.full(len(test), fold.index, dtype=np.int32),
            "example": test.row,
            "unit": pd.Categorical.from_codes(test.learner, categories=pd.Index(test.learners, dtype="str")),
            "target": test.outcome,
            "course": pd.Categorical.from_codes(course, categories=pd.Index(test.courses, dtype="str")),
            "term": pd.Categorical.from_codes(term, categories=pd.Index(test.terms, dtype="str")),
            "as_of": np.full(len(test), test.as_of),
        }
    )
    table = predictions(keys, model.predict(test.without_outcome()), low=0, high=1)
    for name in ("unit", "course", "term"):
        table[name] = table[name].cat.remove_unused_categories()
    return Predictions(table)


def look(model: DropoutPredictor, fold: Fold[Enrolments]) -> None:
    """Refuse a model whose prediction of an enrolment changes with who else is predicted.

    Raises:
        UserError: it does.
    """
    few = fold.test.without_outcome().take(np.arange(min(len(fold.test), _FEW)))
    whole = np.asarray(model.predict(fold.test.without_outcome()), dtype=float)[: len(few)]
    moved = np.abs(np.asarray(model.predict(few), dtype=float) - whole)
    if (bad := int((moved > _TOLERANCE).sum())) > 0:
        raise UserError(
            f"{model.name!r} mixes enrolments: {bad} of {len(few)} predictions change (by up to {moved.max():.2g}) "
            "when other enrolments are predicted beside them. Fit scalers and encoders in `fit`, on the training part."
        )


def check(split: object, fold: Fold[Enrolments], allow: Mapping[str, str] | None = None) -> list[Finding]:
    """What would flatter any model on a fold, to be looked at before one is fitted; `guard.refuse` stops on it.

    Args:
        split: the one that made the fold; one by learner promises that no learner is in both parts.
        fold: one fold, outcomes included.
        allow: detector to the reason why the suite lets its findings pass.

    Raises:
        UserError: `allow` names no detector, or gives no reason.
    """
    return guard.check(fold, allow, learners_apart=isinstance(split, ByLearner))


def guarded(split: object, fold: Fold[Enrolments], allow: Mapping[str, str]) -> list[dict[str, object]]:
    """What the guard found in a fold and lets pass, as JSON.

    Raises:
        UserError: it found what would flatter any model, and the suite does not say why that may stand.
    """
    found = check(split, fold, allow)
    guard.refuse(found)
    return [{**asdict(finding), "evidence": dict(finding.evidence)} for finding in found]


def said_beside(model: Callable[[], DropoutPredictor], split: object, dataset: Dataset[Enrolments], seed: int) -> str:
    """What stands beside the figures of a split at random: by how much it flatters; "" for any other split."""
    if not isinstance(split, ByLearner):
        return ""
    return optimism(model, dataset, at_random=split.model_copy(update={"only": 1}), seed=seed).sentence


def counts(dataset: Dataset[Enrolments]) -> dict[str, int]:
    """What a data set holds, for people."""
    return {
        "enrolments": len(dataset.log),
        "learners": len(dataset.log.present),
        "courses": len(np.unique(dataset.log.course[dataset.log.offering])),
        "terms": len(np.unique(dataset.log.term[dataset.log.offering])),
    }


def sizes(fold: Fold[Enrolments]) -> dict[str, int]:
    """How much a fold has to learn from and to judge."""
    return {
        "enrolments/train": len(fold.train),
        "enrolments/test": int(fold.scored.sum()),
        "learners/train": len(fold.train.present),
    }


_FEW = 50
_TOLERANCE = 1e-4


def _checked(split: object) -> EnrolmentSplit:
    if not isinstance(split, ByTerm | ByCourse | ByOffering | ByLearner):
        raise UserError(
            f"A split by {getattr(split, 'by', split)} is not for enrolments; use term, course, offering or learner."
        )
    return split
