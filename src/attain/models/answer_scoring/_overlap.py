"""How much of a model answer's words an answer has."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attain.core.words import words
from attain.data.scored_answers import ScoredAnswers


class Overlap(NamedTuple):
    """Shares of words, each from 0 to 1."""

    precision: float
    """Of the answer's words, those that the model answer has."""
    recall: float
    """Of the model answer's words, those that the answer has."""
    f1: float
    """Their harmonic mean."""


NONE = Overlap(0.0, 0.0, 0.0)


def overlap(answer: Sequence[str], reference: Sequence[str]) -> Overlap:
    """Of two texts as words, each as often as it stands in both.

    >>> overlap(["a", "b", "b"], ["b", "c"])
    Overlap(precision=0.3333333333333333, recall=0.5, f1=0.4)
    """
    common = sum((Counter(answer) & Counter(reference)).values())
    if not common:
        return NONE
    return Overlap(common / len(answer), common / len(reference), 2 * common / (len(answer) + len(reference)))


def best_overlap(answers: ScoredAnswers) -> NDArray[np.float64]:
    """Overlap with the model answer of highest F1, 0 where a question has none; shape (n, 3)."""
    references = [[words(text) for text in answers.references_of(code)] for code in range(len(answers.questions))]
    out = np.zeros((len(answers), len(NONE)))
    for row, (question, text) in enumerate(zip(answers.question, answers.response, strict=True)):
        own = words(text)
        out[row] = max((overlap(own, one) for one in references[question]), key=lambda o: o.f1, default=NONE)
    return out
