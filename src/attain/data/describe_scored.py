"""What a set of scored answers holds, in figures that may be shown: counts, lengths, points, parts."""

from dataclasses import dataclass

import numpy as np

from attain.core.words import words
from attain.data.dataset import Change, Dataset
from attain.data.describe import Spread, spread
from attain.data.scored_answers import ScoredAnswers


@dataclass(frozen=True)
class ScoredFacts:
    """A set of scored answers at a glance.

    Attributes:
        parts: answers by published part; empty where the set was published whole.
        questions_of: questions by published part.
        answers_a_question: how many answers a question has.
        words_an_answer: how long an answer is.
        points: what people gave.
        without_reference: questions that have no model answer.
        without_maximum: questions of which the data do not say what a full answer is worth.
        equal_points: questions whose answers all have the same points.
    """

    name: str
    fingerprint: str
    answers: int
    questions: int
    parts: dict[str, int]
    questions_of: dict[str, int]
    answers_a_question: Spread
    words_an_answer: Spread
    points: Spread
    without_reference: int
    without_maximum: int
    equal_points: int
    cohorts: dict[str, dict[str, int | str]]
    changes: tuple[Change, ...]


def describe_scored(dataset: Dataset[ScoredAnswers]) -> ScoredFacts:
    """The facts of a set of scored answers."""
    log = dataset.log
    named = {str(name): log.take(log.part == code) for code, name in enumerate(log.parts) if str(name)}
    of_question = [log.points[log.question == code] for code in log.present]
    return ScoredFacts(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        answers=len(log),
        questions=len(log.present),
        parts={name: len(own) for name, own in named.items()},
        questions_of={name: len(own.present) for name, own in named.items()},
        answers_a_question=spread(np.array([len(own) for own in of_question])),
        words_an_answer=spread(np.array([len(words(text)) for text in log.response])),
        points=spread(log.points),
        without_reference=int((np.diff(log.reference_start) == 0).sum()),
        without_maximum=int(np.isnan(log.maximum).sum()),
        equal_points=sum(bool((own == own[0]).all()) for own in of_question),
        cohorts={},
        changes=dataset.changes,
    )
