"""The mean of the question's training answers, whatever was written."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.scored_answers import ScoredAnswers
from attain.models._saved import Learned, Saved
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
    learned: Learned
    """Array `share`, shape (n_questions + 1,), the last that of all; names `questions`."""

    def fit(self, answers: ScoredAnswers, context: FitContext) -> None:
        """See `AnswerScorer.fit`."""
        overall, n = answers.share.mean(), len(answers.questions)
        total = np.bincount(answers.question, answers.share, n) + self.params.strength * overall
        count = np.bincount(answers.question, minlength=n) + self.params.strength
        share = np.where(count > 0, total / np.maximum(count, 1e-12), overall)
        self.learned = Learned({"share": np.append(share, overall)}, {"questions": answers.questions})

    def predict(self, answers: ScoredAnswers) -> NDArray[np.floating]:
        """See `AnswerScorer.predict`."""
        place = {name: at for at, name in enumerate(self.learned.names["questions"])}
        at = np.array([place.get(name, len(place)) for name in answers.questions], dtype=np.int64)
        share = self.learned.arrays["share"].astype(float)[at]
        return np.asarray(share[answers.question] * answers.maximum_of_answer)
