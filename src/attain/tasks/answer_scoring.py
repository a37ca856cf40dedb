"""Scoring short answers: how many points would a person give to what was written?"""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.component import Component
from attain.core.errors import UserError, unknown
from attain.core.registry import Registry
from attain.core.table import Predictions, predictions
from attain.data import answer_split
from attain.data.answer_split import AnswerFold, AnswerSplit, ByPart, ByQuestion
from attain.data.dataset import Dataset
from attain.data.scored_answers import ScoredAnswers
from attain.tasks.context import FitContext
from attain.tasks.guard.check import refuse
from attain.tasks.guard.finding import Finding

NAME = "answer_scoring"
CONTENT = ScoredAnswers
"""What a data set of this task holds."""
HAS_CANARIES = False
TRAINING = ("all",)
"""What a suite may have models learn from."""
METRICS = ("quadratic_weighted_kappa", "score_rmse", "score_correlation")
"""Metrics of a suite that names none."""
SPLIT = ByQuestion()
"""The split of a suite that names none."""
BASELINES = ("question_mean", "answer_length")
"""Models that stand in every table, for what they reach takes no look at what is said."""
PROTOCOL = {
    "target": "points as a share of the points of a full answer, at most 1",
    "full answer": "as the data say, else the most points in training, else the most common of those",
    "parts": "each judged apart",
}
"""How scores are judged, for the record that every number carries."""
HELD_OUT = "held_out"
"""The one part of a table whose questions were dealt into folds."""
COPIES = "copied_answers"
"""What the guard looks for, by the name that a suite allows it by."""


class AnswerScorer(Component):
    """Adapter of a model that gives points to short answers."""

    @abstractmethod
    def fit(self, answers: ScoredAnswers, context: FitContext) -> None:
        """Learn from answers whose points and maxima are known."""

    @abstractmethod
    def predict(self, answers: ScoredAnswers) -> NDArray[np.floating]:
        """Points for each answer; the points in it are hidden (all NaN), the maxima are known.

        Questions that `fit` did not see, and empty answers, are allowed.

        Returns:
            shape (len(answers),), each from 0 to the maximum of its question.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what `fit` learned into `folder`, as arrays and JSON; never a pickle."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """The model that `save` wrote; it predicts the same."""


MODELS: Registry[AnswerScorer] = Registry(
    NAME,
    AnswerScorer,  # type: ignore[type-abstract]  # the registry only compares with it
    "attain.models.answer_scoring",
)


def columns(dataset: Dataset[ScoredAnswers], adapter: type[AnswerScorer]) -> frozenset[str]:
    """What the predictions table of such a model on such a data set will hold."""
    return frozenset(_COLUMNS)


def count(split: object, dataset: Dataset[ScoredAnswers]) -> int:
    """How many folds a split has on a data set."""
    return answer_split.count(_checked(split), dataset.log)


def inner(split: object, folds: int, seed: int) -> tuple[object, int]:
    """How a training part is parted again, where params are sought in it, and into how many folds: by question.

    What is found suits questions that were never seen; there is one part, so that the metric needs to name none.
    """
    return ByQuestion(folds=folds, seed=seed), folds


def make_fold(split: object, dataset: Dataset[ScoredAnswers], index: int) -> AnswerFold:
    """The fold with number `index`."""
    return answer_split.make(_checked(split), dataset.log, index)


def run(model: AnswerScorer, fold: AnswerFold, context: FitContext) -> Predictions:
    """Fit on the training part and judge on the held-out part: one fold in a notebook or script, without a suite."""
    model.fit(fold.train, context)
    return judge(model, fold)


def judge(model: AnswerScorer, fold: AnswerFold) -> Predictions:
    """The predictions table of a fitted model on the held-out part: one row an answer."""
    test = fold.test
    questions = pd.Categorical.from_codes(test.question, categories=pd.Index(test.questions, dtype="str"))
    answers = pd.Categorical([f"answer {row}" for row in test.row])
    keys = pd.DataFrame(
        {
            "fold": np.full(len(test), fold.index, dtype=np.int32),
            "example": test.row,
            "unit": questions if fold.split.resample == "questions" else answers,
            "unit_is": pd.Categorical([fold.split.resample.removesuffix("s")] * len(test)),
            "target": test.share,
            "item": questions,
            "part": _parts(fold),
            "points": test.points,
            "maximum": test.maximum_of_answer,
        }
    )
    table = predictions(keys, _shares(model, test), low=0, high=1)
    for name in ("unit", "item", "part"):
        table[name] = table[name].cat.remove_unused_categories()
    return Predictions(table)


def look(model: AnswerScorer, fold: AnswerFold) -> None:
    """Refuse a model whose score of an answer changes with which others are scored.

    Raises:
        UserError: it does.
    """
    few = fold.test.take(np.arange(min(len(fold.test), _FEW)))
    moved = np.abs(_shares(model, few) - _shares(model, fold.test)[: len(few)])
    if (bad := int((moved > _TOLERANCE).sum())) > 0:
        raise UserError(
            f"{model.name!r} mixes answers: {bad} of {len(few)} scores change (by up to {moved.max():.2g} of the "
            "maximum) when other answers are scored beside them. Fit vocabularies in `fit`, on the training part."
        )


def guarded(split: object, fold: AnswerFold, allow: Mapping[str, str]) -> list[dict[str, object]]:
    """What the guard found in a fold and lets pass, as JSON.

    Raises:
        UserError: judged answers stand in the training part too, and the suite does not say why that may be.
    """
    for name, reason in allow.items():
        if name != COPIES:
            raise unknown("detector", name, [COPIES])
        if not reason.strip():
            raise UserError(f"`allow` names {name!r} without a reason; say why its findings may stand.")
    kept = _checked(split).copies == "keep"
    found = []
    for part, own in fold.copied.items():
        if own.rows.any():
            sentence = f"{_of_copies(fold, part)}; take them out (`copies: drop` in the split)."
            evidence = {"verbatim": int(own.verbatim.sum()), "nearly": int(own.nearly.sum()), "of": len(own.rows)}
            found.append(Finding(COPIES, part, sentence, evidence, stops=kept, allowed=allow.get(COPIES)))
    refuse(found)
    return [{**asdict(finding), "evidence": dict(finding.evidence)} for finding in found]


def said_beside(model: Callable[[], AnswerScorer], split: object, dataset: Dataset[ScoredAnswers], seed: int) -> str:
    """What stands beside the figures: copies between the parts, maxima that are not known, what intervals draw."""
    checked = _checked(split)
    folds = [
        answer_split.make(checked, dataset.log, index) for index in range(answer_split.count(checked, dataset.log))
    ]
    said = []
    for fold in folds:
        done = "they are not judged" if checked.copies == "drop" else "they are judged too"
        said += [f"{_of_copies(fold, part)}: {done}." for part, own in fold.copied.items() if own.rows.any()]
    said += _of_maxima(folds)
    if checked.resample == "answers":
        said.append("Intervals draw answers anew, and so speak of these questions only.")
    return " ".join(said)


def counts(dataset: Dataset[ScoredAnswers]) -> dict[str, int]:
    """What a data set holds, for people."""
    log = dataset.log
    return {"answers": len(log), "questions": len(log.present), "parts": len(np.unique(log.part))}


def sizes(fold: AnswerFold) -> dict[str, int]:
    """How much a fold has to learn from and to judge."""
    return {
        "answers/train": len(fold.train),
        "answers/test": int(fold.scored.sum()),
        "questions/train": len(fold.train.present),
    }


_COLUMNS = ("fold", "example", "unit", "unit_is", "target", "score", "item", "part", "points", "maximum")
_FEW = 50
_TOLERANCE = 1e-4
_ROUNDING = 1e-9


def _checked(split: object) -> AnswerSplit:
    if not isinstance(split, ByPart | ByQuestion):
        raise UserError(f"A split by {getattr(split, 'by', split)} is not for scored answers; use part or question.")
    return split


def _parts(fold: AnswerFold) -> "pd.Categorical[str]":
    """The part that each answer is judged in: the published one, or that of all questions held out."""
    if isinstance(fold.split, ByQuestion):
        return pd.Categorical([HELD_OUT] * len(fold.test))
    return pd.Categorical.from_codes(fold.test.part, categories=pd.Index(fold.test.parts, dtype="str"))


def _shares(model: AnswerScorer, test: ScoredAnswers) -> NDArray[np.float64]:
    """What a model gives, as shares of the maxima."""
    points = np.asarray(model.predict(test.without_points()), dtype=float)
    if points.shape != (len(test),):
        raise UserError(f"{model.name!r}: predict() gave shape {points.shape}; it must give ({len(test)},).")
    shares = points / test.maximum_of_answer
    rounded = np.clip(shares, 0, 1)
    return np.where(np.abs(shares - rounded) <= _ROUNDING, rounded, shares)


def _of_copies(fold: AnswerFold, part: str) -> str:
    own = fold.copied[part]
    where = f"of {part}" if part else f"held out in fold {fold.index}"
    return (
        f"{int(own.verbatim.sum())} of {len(own.rows):,} answers {where} stand word for word among the training "
        f"answers to the same question, {int(own.nearly.sum())} more nearly so"
    )


def _of_maxima(folds: list[AnswerFold]) -> list[str]:
    """Which maxima were supposed, and how many answers have more points than that."""
    supposed: dict[str, float] = {}
    above = 0
    for fold in folds:
        usual = [code for code in fold.test.present if fold.maximum_from[code] == "usual"]
        supposed |= {str(fold.test.questions[code]): float(fold.test.maximum[code]) for code in usual}
        above += int((fold.test.points > fold.test.maximum_of_answer).sum())
    said = []
    if supposed:
        named = ", ".join(list(supposed)[:_NAMED]) + (" and others" if len(supposed) > _NAMED else "")
        values = ", ".join(f"{value:g}" for value in sorted(set(supposed.values())))
        said.append(
            f"What a full answer to {len(supposed)} questions is worth ({named}) is not known: taken to be the most "
            f"common of training ({values}); `maxima` of the data set says it better."
        )
    if above:
        said.append(f"{above:,} judged answers have more points than their question's maximum, and count as full.")
    return said


_NAMED = 6
