"""Which scored answers a model learns from, and which it is judged on: the published parts, or questions held out.

The points of a full answer are part of the question, and whoever sets it knows them; where the data do not say, they
are read from the training part alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.errors import UserError, unknown
from attain.core.rng import rng
from attain.core.strict import Strict
from attain.data.copied_answers import Copied, copied
from attain.data.scored_answers import ScoredAnswers, Texts
from attain.data.split import Fold


class Judging(Strict):
    """How answers are judged, whichever way they are parted."""

    copies: Literal["drop", "keep"] = "drop"
    """What becomes of judged answers that stand in the training part too, word for word or nearly: not judged, or kept
    with a reason in `allow`."""
    resample: Literal["questions", "answers"] = "questions"
    """What intervals draw anew. Answers to a question are alike (one wording, one way of marking), so that drawing them
    as if they were independent gives intervals for these questions only, and too narrow ones for others."""


class ByPart(Judging):
    """Learn from one published part and be judged on the others, on each apart."""

    by: Literal["part"] = "part"
    train: str = "training"
    """The part that is learned from."""


class ByQuestion(Judging):
    """Questions are dealt at random into folds; each fold is held out once, so that no question is known."""

    by: Literal["question"] = "question"
    folds: int = Field(default=5, ge=2)
    """How many parts the questions are dealt into."""
    only: int | None = Field(default=None, ge=1)
    """Run only this many of the folds (the others still train)."""
    seed: int = 0
    """Seed of the deal."""


AnswerSplit = ByPart | ByQuestion


@dataclass(frozen=True, eq=False)
class AnswerFold(Fold[ScoredAnswers]):
    """One held-out part; its answers and the training ones carry the maxima that are known or read from training.

    Attributes:
        split: what made it.
        copied: part to what stands in the training part too, whether it is judged or not.
        maximum_from: shape (n_questions,): `given`, `training` or `usual` (the most common maximum in training).
    """

    split: AnswerSplit
    copied: Mapping[str, Copied]
    maximum_from: Texts


def count(split: AnswerSplit, log: ScoredAnswers) -> int:
    """How many folds the split has."""
    return 1 if isinstance(split, ByPart) else min(split.folds, split.only or split.folds)


def make(split: AnswerSplit, log: ScoredAnswers, index: int) -> AnswerFold:
    """The fold with number `index`.

    Raises:
        UserError: the set was published whole, there are too few questions, or a part would be empty.
    """
    held_out = _other_parts(split, log) if isinstance(split, ByPart) else _held_out(split, log) == index
    train, test = log.take(~held_out), log.take(held_out)
    if not len(test) or not len(train):
        lacking = "to learn from" if len(test) else "to judge"
        raise UserError(f"Fold {index} of the split by {split.by} has no answers {lacking}.")
    if not (train.points > 0).any():
        raise UserError(f"Fold {index} of the split by {split.by} has no training answer with points above 0.")
    maximum, how = maxima(train)
    train, test = train.with_maximum(maximum), test.with_maximum(maximum)
    again = copied(train, test)
    parts = {str(test.parts[code]): again.of(test.part == code) for code in np.unique(test.part)}
    if split.copies == "drop":
        test = test.take(~again.rows)
        if not len(test):
            raise UserError("All judged answers stand in the training part too; there is nothing to judge.")
    return AnswerFold(index, train, test, np.ones(len(test), dtype=bool), split, parts, how)


def maxima(train: ScoredAnswers) -> tuple[NDArray[np.float64], Texts]:
    """The points of a full answer to each question, and from where: `given`, `training` or `usual`.

    Where the data do not say, the highest points in training; without training answers with points, the most common
    maximum of the questions that have them (the lower of two that are equally common). Points that are to be judged are
    never looked at: a maximum read from them would tell a scorer what the best of them got.
    """
    maximum, how = train.maximum.copy(), np.full(len(train.questions), "given", dtype=object)
    highest = np.zeros(len(maximum))
    np.maximum.at(highest, train.question, train.points)
    seen = np.isnan(maximum) & (highest > 0)
    maximum[seen], how[seen] = highest[seen], "training"
    values, counts = np.unique(maximum[train.present][~np.isnan(maximum[train.present])], return_counts=True)
    left = np.isnan(maximum)
    maximum[left], how[left] = values[counts.argmax()], "usual"
    return maximum, how


def _other_parts(split: ByPart, log: ScoredAnswers) -> NDArray[np.bool_]:
    names = [str(name) for name in log.parts[np.unique(log.part)]]
    if len(names) < 2:
        raise UserError("This data set was not published in parts. Use 'by: question'.")
    if split.train not in names:
        raise unknown("part to learn from", split.train, names)
    return np.asarray(log.parts[log.part] != split.train)


def _held_out(split: ByQuestion, log: ScoredAnswers) -> NDArray[np.int64]:
    """The fold in which each answer is held out; shape (n,)."""
    present = log.present
    if len(present) < split.folds:
        raise UserError(f"{len(present)} questions cannot be dealt into {split.folds} folds; ask for fewer folds.")
    fold = np.zeros(len(log.questions), dtype=np.int64)
    fold[rng(split.seed, "split by question").permutation(present)] = np.arange(len(present)) % split.folds
    return np.asarray(fold[log.question])
