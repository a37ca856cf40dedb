"""The mean of the question's training answers, whatever was written."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.scored_answers import ScoredAnswers
from attain.models._saved import Saved
from attain.models.answer_scoring._question_means import expected, question_means
from attain.tasks.answer_scoring import AnswerScorer
from attain.tasks.context import FitContext


class QuestionMeanParams(Params):
    """Parameters of `question_mean`."""

    strength: float = Field(default=1.0, ge=0)
    """How many answers of the mean over all questions are added to each question's own."""


class QuestionMean(Saved, AnswerScorer):
    """The mean share of the question's training answers, of all for a new question. A baseline: it reads no answer."""

    name = "question_mean"
    params: QuestionMeanParams

    def fit(self, answers: ScoredAnswers, context: FitContext) -> None:
        """See `AnswerScorer.fit`."""
        self.learned = question_means(answers, self.params.strength)

    def predict(self, answers: ScoredAnswers) -> NDArray[np.floating]:
        """See `AnswerScorer.predict`."""
        return np.asarray(expected(self.learned, answers) * answers.maximum_of_answer)
