"""The mean share of each question, drawn towards that of all: what is expected before an answer is read."""

import numpy as np
from numpy.typing import NDArray

from attain.data.scored_answers import ScoredAnswers
from attain.models._saved import Learned


def question_means(answers: ScoredAnswers, strength: float) -> Learned:
    """Array `share`, shape (n_questions + 1,), the last that of all; names `questions`.

    Args:
        answers: the training part.
        strength: how many answers of the mean over all are added to each question's own.
    """
    overall, n = answers.share.mean(), len(answers.questions)
    total = np.bincount(answers.question, answers.share, n) + strength * overall
    count = np.bincount(answers.question, minlength=n) + strength
    share = np.where(count > 0, total / np.maximum(count, 1e-12), overall)
    return Learned({"share": np.append(share, overall)}, {"questions": answers.questions})


def expected(learned: Learned, answers: ScoredAnswers) -> NDArray[np.float64]:
    """The mean of each answer's question, that of all for a question that was not learned from; shape (n,)."""
    place = {name: at for at, name in enumerate(learned.names["questions"])}
    at = np.array([place.get(name, len(place)) for name in answers.questions], dtype=np.int64)
    share: NDArray[np.float64] = learned.arrays["share"].astype(np.float64)
    return share[at][answers.question]
