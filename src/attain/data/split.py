"""Which rows a model learns from, and which it is judged on: never the same learner, or never the future."""

from dataclasses import dataclass
from typing import Annotated, Generic, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.errors import UserError
from attain.core.rng import rng
from attain.core.strict import Strict
from attain.data.dataset import C
from attain.data.interactions import Interactions


@dataclass(frozen=True, eq=False)
class Fold(Generic[C]):
    """One held-out part.

    Attributes:
        index: its number, from 0.
        train: what the model may learn from.
        test: what it predicts; of answers, each prediction may use that learner's earlier rows of `test`.
        scored: shape (len(test),), the rows whose predictions count (the others are history only).
    """

    index: int
    train: C
    test: C
    scored: NDArray[np.bool_]


class ByLearner(Strict):
    """Learners are dealt at random into folds; each fold is held out once."""

    by: Literal["learner"] = "learner"
    folds: int = Field(default=5, ge=2)
    """How many parts the learners are dealt into."""
    only: int | None = Field(default=None, ge=1)
    """Run only this many of the folds (the others still train): a quick look at a large set."""
    seed: int = 0
    """Seed of the deal; the same seed gives the same folds on every machine."""


class Published(Strict):
    """The split that the data set was published with (its column of folds or parts)."""

    by: Literal["published"] = "published"
    only: int | None = Field(default=None, ge=1)
    """Run only this many of the folds."""


class ByTime(Strict):
    """Learn from the answers up to a moment, the same for all learners, and be judged on the later ones.

    An answer without a time is neither learned from nor judged.
    """

    by: Literal["time"] = "time"
    train_share: float = Field(default=0.8, gt=0, lt=1)
    """The share of all answers, the earliest ones, that the model learns from."""


Split = Annotated[ByLearner | Published | ByTime, Field(discriminator="by")]


def count(split: ByLearner | Published | ByTime, published: NDArray[np.integer] | None) -> int:
    """How many folds the split has on a data set, without making them."""
    return len(_fold_numbers(split, published))


def make(
    split: ByLearner | Published | ByTime,
    log: Interactions,
    published: NDArray[np.integer] | None,
    index: int,
) -> Fold[Interactions]:
    """The fold with number `index`.

    Args:
        split: how to split.
        log: the whole log.
        published: shape (len(log.learners),): the number of the published fold in which each learner is held out,
            -1 for learners who are always in training; None where the set has no published split.
        index: which fold.

    Raises:
        UserError: the set has no published split or no times, or a part would be empty.
    """
    if isinstance(split, ByTime):
        return _by_time(split, log)
    if isinstance(split, Published):
        held_out = _published(published) == _fold_numbers(split, published)[index]
    else:
        held_out = dealt(split, log.present, len(log.learners)) == index
    test = log.take(held_out[log.learner])
    train = log.take(~held_out[log.learner])
    if not len(test) or not len(train):
        raise UserError(
            f"Fold {index} of the split by {split.by} has no rows to {'train on' if len(test) else 'test'}."
        )
    return Fold(index, train, test, np.ones(len(test), dtype=bool))


def hold_out(log: Interactions, share: float, generator: np.random.Generator) -> tuple[Interactions, Interactions]:
    """Training learners and a share of them set apart, for early stopping; at least one learner on each side.

    Raises:
        UserError: there are fewer than two learners.
    """
    present = log.present
    if len(present) < 2:
        raise UserError(f"{len(present)} training learner(s) cannot be parted for early stopping; 2 are needed.")
    size = int(np.clip(round(share * len(present)), 1, len(present) - 1))
    apart = generator.permutation(present)[:size]
    return log.of_learners(np.setdiff1d(present, apart)), log.of_learners(apart)


def dealt(split: ByLearner, present: NDArray[np.integer], n_learners: int) -> NDArray[np.int64]:
    """Fold of each learner, shape (n_learners,); those that are not present get -1."""
    if len(present) < split.folds:
        raise UserError(f"{len(present)} learners cannot be dealt into {split.folds} folds; ask for fewer folds.")
    fold = np.full(n_learners, -1, dtype=np.int64)
    fold[rng(split.seed, "split by learner").permutation(present)] = np.arange(len(present)) % split.folds
    return fold


def _by_time(split: ByTime, log: Interactions) -> Fold[Interactions]:
    if log.time_s is None or np.isnan(log.time_s).all():
        raise UserError("A split by time needs a time for each answer, and this data set has none. Use 'by: learner'.")
    cut = np.nanquantile(log.time_s, split.train_share)
    early, late = log.time_s <= cut, log.time_s > cut
    if not late.any():
        raise UserError("The split by time leaves no answers to test on: the latest answers have the same time.")
    tested = np.zeros(len(log.learners), dtype=bool)
    tested[log.learner[late]] = True
    rows = tested[log.learner]
    return Fold(0, log.take(early), log.take(rows), late[rows])


def _published(published: NDArray[np.integer] | None) -> NDArray[np.integer]:
    if published is None:
        raise UserError("This data set was not published with a split. Use 'by: learner'.")
    return published


def _fold_numbers(split: ByLearner | Published | ByTime, published: NDArray[np.integer] | None) -> list[int]:
    if isinstance(split, ByTime):
        return [0]
    if isinstance(split, ByLearner):
        return list(range(split.folds))[: split.only]
    numbers = np.unique(_published(published))
    return [int(n) for n in numbers if n >= 0][: split.only]
