"""The longer, the better."""

import numpy as np
from numpy.typing import NDArray

from attain.core.component import Params
from attain.core.words import words
from attain.data.scored_answers import ScoredAnswers
from attain.models.answer_scoring._line import LineScorer


class AnswerLengthParams(Params):
    """Parameters of `answer_length`: none."""


class AnswerLength(LineScorer):
    """A line of the logarithm of how many words an answer has. A baseline: what it reaches is no understanding."""

    name = "answer_length"
    params: AnswerLengthParams

    def number(self, answers: ScoredAnswers) -> NDArray[np.float64]:
        """See `LineScorer.number`."""
        return np.asarray(np.log1p([len(words(text)) for text in answers.response]), dtype=np.float64)
