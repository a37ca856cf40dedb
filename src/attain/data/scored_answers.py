"""Answers in a few words or sentences, with the points that a person gave them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class ScoredAnswers:
    """n answers to questions, in the order of the file.

    What belongs to a question (`questions`, `wording`, references, `maximum`) is the same in every part of a split, for
    questions that nobody answers in it too.

    Attributes:
        question: shape (n,), codes into `questions`.
        response: shape (n,), what was written; "" for nothing.
        points: shape (n,), what a person gave; NaN where hidden.
        part: shape (n,), codes into `parts`.
        row: shape (n,), the answer's number in the whole prepared data set.
        maximum: shape (n_questions,), the points of a full answer; NaN where that is not known.
        reference_start: shape (n_questions + 1,); the model answers of question q are
            `reference[reference_start[q]:reference_start[q + 1]]`.
        questions: shape (n_questions,), the names of the questions.
        wording: shape (n_questions,), what is asked.
        reference: model answers.
        parts: the parts that the set was published in; one, called "", where it was published whole.
    """

    question: NDArray[np.int32]
    response: Texts
    points: NDArray[np.float64]
    part: NDArray[np.int32]
    row: NDArray[np.int64]
    maximum: NDArray[np.float64]
    reference_start: NDArray[np.int64]
    questions: Texts
    wording: Texts
    reference: Texts
    parts: Texts

    def __len__(self) -> int:
        return len(self.question)

    @property
    def present(self) -> NDArray[np.int32]:
        """Codes of the questions that are answered, ascending."""
        return np.unique(self.question)

    @cached_property
    def maximum_of_answer(self) -> NDArray[np.float64]:
        """The points of a full answer to each answer's question; shape (n,)."""
        return np.asarray(self.maximum[self.question])

    @cached_property
    def share(self) -> NDArray[np.float64]:
        """Points as a share of the maximum, at most 1; shape (n,), NaN where points or maximum are not known."""
        return np.minimum(self.points / self.maximum_of_answer, 1.0)

    def references_of(self, question: int) -> list[str]:
        """The model answers of a question, given its code."""
        return list(self.reference[self.reference_start[question] : self.reference_start[question + 1]])

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "ScoredAnswers":
        """Some answers (a mask, or numbers), with the same questions and parts."""
        at = np.flatnonzero(rows) if rows.dtype == bool else np.asarray(rows)
        return replace(self, **{name: getattr(self, name)[at] for name in _OF_ANSWERS})

    def without_points(self) -> "ScoredAnswers":
        """The same answers, their points hidden."""
        return replace(self, points=np.full(len(self), np.nan))

    def with_maximum(self, maximum: NDArray[np.float64]) -> "ScoredAnswers":
        """The same answers to questions of these maxima; shape (n_questions,)."""
        return replace(self, maximum=maximum)

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything numeric, by name: what the cache keeps as columns."""
        return {name: getattr(self, name) for name in _NUMBERS}

    def texts(self) -> dict[str, Any]:
        """Everything else, as JSON can hold it."""
        return {name: list(map(str, getattr(self, name))) for name in _WORDS}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, Any]) -> "ScoredAnswers":
        """From what `arrays` and `texts` gave: columns of the types they were written with, and JSON."""
        return cls(**arrays, **{name: np.array(texts[name], dtype=object) for name in _WORDS})


_NUMBERS = ("question", "points", "part", "row", "maximum", "reference_start")
_WORDS = ("response", "questions", "wording", "reference", "parts")
_OF_ANSWERS = ("question", "response", "points", "part", "row")
