"""Knowledge tracing: how likely is the next answer to be right?"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, Self, runtime_checkable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.component import Component
from attain.core.errors import UserError
from attain.core.registry import Registry
from attain.core.table import Predictions, predictions
from attain.data import split as parts
from attain.data.dataset import Dataset
from attain.data.facts import facts_of
from attain.data.interactions import Interactions
from attain.data.split import ByLearner, ByTime, Fold, Published
from attain.tasks.context import FitContext
from attain.tasks.peeking import refuse_peeking

NAME = "knowledge_tracing"
CONTENT = Interactions
"""What a data set of this task holds."""
HAS_CANARIES = True
TRAINING = ("all", "segment", "all_and_simulated")
"""What a suite may have models learn from."""
METRICS = (
    "auc",
    "auc_learner_mean",
    "auc_skill_mean",
    "accuracy@0.5",
    "rmse",
    "log_loss",
    "brier",
    "ece[15,quantile]",
)
"""Metrics of a suite that names none."""
BASELINES = ("learner_mean", "item_mean", "last_mean")
"""Models that stand in every table, for what they reach takes no model of learning."""
SPLIT = ByLearner()
"""The split of a suite that names none."""
PROTOCOL = {
    "history": "all earlier answers of the learner",
    "first answers": "judged, as all others",
    "items and skills unseen in training": "judged, as all others",
    "answers with several skills": "one prediction, from the state before the answer",
}
"""How answers are judged, for the record that every number carries."""


class KnowledgeTracer(Component):
    """Adapter of a knowledge-tracing model.

    Both methods get an interaction log: one row an answer, sorted by learner and then by order.
    """

    @abstractmethod
    def fit(self, log: Interactions, context: FitContext) -> None:
        """Learn from the log of the training learners."""

    @abstractmethod
    def predict(self, log: Interactions) -> NDArray[np.floating]:
        """Probability of a right answer for each row, from that learner's earlier rows only.

        Of the row itself the item, the skills and the time are known; `correct` and `duration_s` come with the answer.
        All skills of a row are read from the state after the learner's previous row. Learners, items and skills
        that `fit` did not see are allowed.

        Returns:
            shape (len(log),), each in [0, 1], in the order of `log`.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what `fit` learned into `folder`, as arrays and JSON; never a pickle."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """The model that `save` wrote; it predicts the same."""


MODELS: Registry[KnowledgeTracer] = Registry(
    NAME,
    KnowledgeTracer,  # type: ignore[type-abstract]  # the registry only compares with it
    "attain.models.knowledge_tracing",
)


@runtime_checkable
class HasMastery(Protocol):
    """A tracer that can also say how well each skill is known (drawn as the heat-map)."""

    def mastery(self, log: Interactions) -> NDArray[np.floating]:
        """Probability that a skill of the row is known just after the row's answer.

        Returns:
            shape (len(log.skill),), aligned with `log.skill`; NaN where the model cannot say.
        """
        ...


def columns(dataset: Dataset, adapter: type[KnowledgeTracer]) -> frozenset[str]:
    """What the predictions table of such a model on such a data set will hold, or be joined with."""
    log = dataset.log
    always = {"fold", "example", "unit", "target", "score", "skill", "item", "step"}
    timed = {name for name in ("time_s", "duration_s") if getattr(log, name) is not None}
    spoken = {"mastery"} if issubclass(adapter, HasMastery) else set()
    return frozenset(always | timed | spoken | facts_of(dataset).columns)


def count(split: object, dataset: Dataset) -> int:
    """How many folds a split has on a data set."""
    return parts.count(_checked(split), dataset.published)


def inner(split: object, folds: int, seed: int) -> tuple[object, int]:
    """How a training part is parted again, where params are sought in it, and into how many folds: by learner."""
    return ByLearner(folds=folds, seed=seed), folds


def make_fold(split: object, dataset: Dataset, index: int) -> Fold:
    """The fold with number `index`."""
    return parts.make(_checked(split), dataset.log, dataset.published, index)


def look(model: KnowledgeTracer, fold: Fold) -> None:
    """Refuse a model that looks ahead: a prediction moves when answers are turned that it cannot have known."""
    refuse_peeking(model, fold.test)


def guarded(split: object, fold: Fold, allow: Mapping[str, str]) -> list[dict[str, object]]:
    """Nothing: what leaks in knowledge tracing is looked for by the canaries, and by `look` after each fit.

    Raises:
        UserError: the suite allows something.
    """
    if allow:
        raise UserError("Knowledge tracing has no guard to be allowed anything; take `allow` out.")
    return []


def said_beside(model: Callable[[], KnowledgeTracer], split: object, dataset: Dataset, seed: int) -> str:
    """Nothing stands beside the figures of a split by learner: in use, a tracer meets new learners."""
    return ""


def counts(dataset: Dataset) -> dict[str, int]:
    """What a data set holds, for people."""
    log = dataset.log
    return {"answers": len(log), "learners": len(log.present), "items": len(log.items), "skills": len(log.skills)}


def sizes(fold: Fold) -> dict[str, int]:
    """How much a fold has to learn from and to judge."""
    return {
        "answers/train": len(fold.train),
        "answers/test": int(fold.scored.sum()),
        "learners/train": len(fold.train.present),
    }


def run(model: KnowledgeTracer, fold: Fold, context: FitContext) -> Predictions:
    """Fit on the training part and judge on the held-out part: one fold in a notebook or script, without a suite.

    A suite takes the two steps one by one, to time each.
    """
    model.fit(fold.train, context)
    return judge(model, fold)


def judge(model: KnowledgeTracer, fold: Fold) -> Predictions:
    """The predictions table of a fitted model on the held-out part.

    Where some rows of it are history only, they stay in the table, with `scored` false.
    """
    test, scored = fold.test, fold.scored
    keys = pd.DataFrame(
        {
            "fold": np.full(len(test), fold.index, dtype=np.int32),
            "example": test.row,
            "unit": pd.Categorical.from_codes(test.learner, categories=pd.Index(test.learners, dtype="str")),
            "target": test.correct.astype(float),
            "skill": test.skill_text,
            "item": pd.Categorical.from_codes(test.item, categories=pd.Index(test.items, dtype="str")),
            "step": test.step,
        }
    )
    for name in ("time_s", "duration_s"):
        if (values := getattr(test, name)) is not None:
            keys[name] = values
    if not scored.all():
        keys["scored"] = scored
    table = predictions(keys, model.predict(test), low=0, high=1)
    table["unit"] = table["unit"].cat.remove_unused_categories()
    table["item"] = table["item"].cat.remove_unused_categories()
    return Predictions(table, _mastery(model, test))


def _checked(split: object) -> ByLearner | Published | ByTime:
    if not isinstance(split, ByLearner | Published | ByTime):
        raise UserError(f"A split by {getattr(split, 'by', split)} is not for answers; use learner, published or time.")
    return split


def _mastery(model: KnowledgeTracer, test: Interactions) -> pd.DataFrame | None:
    if not isinstance(model, HasMastery):
        return None
    pair_row = np.repeat(np.arange(len(test)), np.diff(test.skill_start))
    frame = pd.DataFrame(
        {
            "example": test.row[pair_row],
            "skill": pd.Categorical.from_codes(test.skill, categories=pd.Index(test.skills, dtype="str")),
            "mastery": np.asarray(model.mastery(test), dtype=np.float32),
        }
    )
    frame["skill"] = frame["skill"].cat.remove_unused_categories()
    return frame
