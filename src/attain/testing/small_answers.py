"""A small set of invented short answers with every oddity that a scorer must live with, made from a seed."""

import numpy as np

from attain.data.scored_answers import ScoredAnswers

TOPICS = (
    "seeds need warm soil steady water and fresh air",
    "clouds form when moist air rises cools and drops condense",
    "gears trade speed for force by turning unequal wheels",
    "bread rises because yeast eats sugar and sets gas free",
    "магнит тянет железо сильнее вблизи полюсов чем посередине",
    "bridges bend under load unless arches push weight outward",
)
"""The model answers; the words of each are what its answers can get right."""
FILLERS = ("maybe", "thing", "stuff", "sort", "somehow", "really", "it", "the", "what", "goes", "very")
PARTS = ("training", "unseen_answers", "unseen_questions")
_LEVELS = 4


def small_answers(seed: int = 0, *, answers: int = 30) -> ScoredAnswers:
    """Answers to six questions: the more of a model answer's words, the more points, give or take a quarter.

    The last two questions are not in training; the first is worth 2 points, the others 1, and the data say so of the
    third alone; the fourth has no model answer. Of each question one answer is empty, and one of `unseen_answers`
    stands in training too.
    """
    rng = np.random.default_rng(seed)
    question = np.repeat(np.arange(len(TOPICS)), answers)
    known = question < len(TOPICS) - 2
    place = np.tile(np.arange(answers), len(TOPICS))
    part = np.where(~known, 2, np.where(place >= answers - answers // 3, 1, 0))
    worth = np.where(question == 0, 2.0, 1.0)
    response, points = [], np.zeros(len(question))
    for row, topic in enumerate(question):
        words = TOPICS[topic].split()
        right = 0 if place[row] == 0 else int(rng.integers(0, len(words) + 1))
        own = [*rng.choice(words, right, replace=False), *rng.choice(FILLERS, int(rng.integers(1, 9)))]
        response.append("" if place[row] == 0 else " ".join(rng.permutation(own)).capitalize() + ".")
        level = round(_LEVELS * right / len(words)) + int(rng.integers(-1, 2)) * (0 < right < len(words))
        points[row] = worth[row] * min(max(level, 0), _LEVELS) / _LEVELS
    for first in range(0, len(question), answers):  # one full answer each, and one that is copied
        response[first + 1], points[first + 1] = TOPICS[question[first]].upper(), worth[first]
        response[first + answers - 1], points[first + answers - 1] = response[first + 1], worth[first]
    references = [[] if topic == 3 else [text] for topic, text in enumerate(TOPICS)]
    return ScoredAnswers(
        question=question.astype(np.int32),
        response=np.array(response, dtype=object),
        points=points,
        part=part.astype(np.int32),
        row=np.arange(len(question), dtype=np.int64),
        maximum=np.where(np.arange(len(TOPICS)) == 2, 1.0, np.nan),
        reference_start=np.cumsum([0, *map(len, references)]).astype(np.int64),
        questions=np.array([f"question {i}" for i in range(len(TOPICS))], dtype=object),
        wording=np.array([f"Why is that so, in case {i}?" for i in range(len(TOPICS))], dtype=object),
        reference=np.array([text for own in references for text in own], dtype=object),
        parts=np.array(PARTS, dtype=object),
    )
