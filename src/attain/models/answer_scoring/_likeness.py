"""Numbers that say how like a model answer an answer is, and how long."""

import numpy as np
from numpy.typing import NDArray

from attain.core.words import words
from attain.data.scored_answers import ScoredAnswers
from attain.models.answer_scoring._overlap import best_overlap
from attain.models.answer_scoring._vocabulary import Vocabulary

NUMBERS = ("precision", "recall", "f1", "cosine", "of_question", "length", "relative_length")
"""Overlap of words with the nearest model answer; cosine with the nearest; share of the question's words that the
answer repeats; logarithms of the length, and of the length over that of the model answers."""


def likeness(answers: ScoredAnswers, vocabulary: Vocabulary) -> NDArray[np.float64]:
    """The numbers of each answer; shape (n, len(NUMBERS)). Without a model answer those of likeness are 0."""
    own = [words(text) for text in answers.response]
    length = np.array([len(one) for one in own], dtype=float)
    references = [[len(words(text)) for text in answers.references_of(q)] for q in range(len(answers.questions))]
    usual = np.array([np.mean(one) if one else np.nan for one in references])[answers.question]
    asked = [set(words(text)) for text in answers.wording]
    pairs = zip(answers.question, own, strict=True)
    repeated = [len(asked[question] & set(one)) / max(len(asked[question]), 1) for question, one in pairs]
    relative = np.nan_to_num(np.log1p(length) - np.log1p(usual))
    beside = [_cosine(answers, vocabulary), np.array(repeated, dtype=float), np.log1p(length), relative]
    return np.column_stack([best_overlap(answers), *beside])


def _cosine(answers: ScoredAnswers, vocabulary: Vocabulary) -> NDArray[np.float64]:
    """With the nearest model answer, over words that the vocabulary knows; shape (n,)."""
    rows, references = vocabulary.rows(answers.response), vocabulary.rows(answers.reference)
    out = np.zeros(len(answers))
    for question in answers.present:
        at = np.flatnonzero(answers.question == question)
        own = references[answers.reference_start[question] : answers.reference_start[question + 1]]
        if own.shape[0]:
            out[at] = (rows[at] @ own.T).toarray().max(axis=1)
    return out
