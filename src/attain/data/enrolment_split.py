"""Which enrolments a model learns from and which it is judged on: later terms, other courses, or learners at random."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.errors import UserError, unknown
from attain.core.strict import Strict
from attain.data.enrolments import Enrolments
from attain.data.split import ByLearner, Fold, dealt


class ByTerm(Strict):
    """Learn from earlier terms and be judged on a later one, as a model in use is. Learners of the later term who were
    enrolled earlier too are history, as they are in use."""

    by: Literal["term"] = "term"
    test: str | None = None
    """The term that is held out; the last one where not given."""
    rolling: int = Field(default=1, ge=1)
    """How many terms are held out one after the other, each with only the terms before it to learn from."""


class ByCourse(Strict):
    """Each course is held out once: how well does a model do where it has never been?"""

    by: Literal["course"] = "course"
    only: int | None = Field(default=None, ge=1)
    """Hold out only this many of the courses."""


class ByOffering(Strict):
    """Offerings (a course in a term) are dealt into folds; an offering is never on both sides."""

    by: Literal["offering"] = "offering"
    folds: int = Field(default=5, ge=2)
    """How many parts the offerings are dealt into."""


EnrolmentSplit = ByTerm | ByCourse | ByOffering | ByLearner


def count(split: EnrolmentSplit, log: Enrolments) -> int:
    """How many folds the split has.

    Raises:
        UserError: the terms, courses or offerings do not suffice.
    """
    if isinstance(split, ByTerm):
        return len(_terms(split, log))
    if isinstance(split, ByCourse):
        return len(_several(log.course[log.offering], "course")[: split.only])
    return split.folds if isinstance(split, ByOffering) else min(split.folds, split.only or split.folds)


def make(split: EnrolmentSplit, log: Enrolments, index: int) -> Fold[Enrolments]:
    """The fold with number `index`.

    Raises:
        UserError: a part would be empty, or have only one outcome to learn from.
    """
    if isinstance(split, ByTerm):
        term = log.term[log.offering]
        held_out = term == _terms(split, log)[index]
        train = log.take(term < _terms(split, log)[index])
    else:
        held_out = _held_out(split, log, index)
        train = log.take(~held_out)
    test = log.take(held_out)
    if not len(test) or not len(train):
        lacking = "to train on" if len(test) else "to test on"
        raise UserError(f"Fold {index} of the split by {split.by} has no enrolments {lacking}.")
    if len(np.unique(train.outcome)) < 2:
        raise UserError(f"Fold {index} of the split by {split.by} has training enrolments of one outcome only.")
    return Fold(index, train, test, np.ones(len(test), dtype=bool))


def _held_out(split: ByCourse | ByOffering | ByLearner, log: Enrolments, index: int) -> NDArray[np.bool_]:
    if isinstance(split, ByCourse):
        course = log.course[log.offering]
        return np.asarray(course == _several(course, "course")[index])
    if isinstance(split, ByOffering):
        codes = _several(log.offering, "offering")
        if len(codes) < split.folds:
            raise UserError(f"{len(codes)} offerings cannot be dealt into {split.folds} folds; ask for fewer folds.")
        return np.isin(log.offering, codes[np.arange(len(codes)) % split.folds == index])
    return np.asarray(dealt(split, log.present, len(log.learners))[log.learner] == index)


def _terms(split: ByTerm, log: Enrolments) -> NDArray[np.int32]:
    """The terms that are held out, the latest first."""
    present = _several(log.term[log.offering], "term")
    if split.test is not None:
        names = [str(log.terms[code]) for code in present]
        if split.test not in names[1:]:
            raise unknown("term to hold out", split.test, names[1:])
        present = present[: names.index(split.test) + 1]
    return present[1:][::-1][: split.rolling]


def _several(codes: NDArray[np.int32], what: str) -> NDArray[np.int32]:
    present = np.unique(codes)
    if len(present) < 2:
        raise UserError(
            f"A split by {what} needs at least two {what}s, and there is {len(present)}. "
            "Use 'by: learner', and read its figures as optimistic: in use, a model meets a later term."
        )
    return present
