"""The more of a model answer's words, the better."""

import numpy as np
from numpy.typing import NDArray

from attain.core.component import Params
from attain.data.scored_answers import ScoredAnswers
from attain.models.answer_scoring._line import LineScorer
from attain.models.answer_scoring._overlap import best_overlap


class TokenOverlapParams(Params):
    """Parameters of `token_overlap`: none."""


class TokenOverlap(LineScorer):
    """A line of the F1 of the words that an answer and the nearest model answer share."""

    name = "token_overlap"
    params: TokenOverlapParams

    def number(self, answers: ScoredAnswers) -> NDArray[np.float64]:
        """See `LineScorer.number`."""
        return best_overlap(answers)[:, 2]
