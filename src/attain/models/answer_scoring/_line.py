"""A share of the maximum as a straight line of one number of the answer."""

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from attain.data.scored_answers import ScoredAnswers
from attain.models._saved import Learned, Saved
from attain.tasks.answer_scoring import AnswerScorer
from attain.tasks.context import FitContext


class LineScorer(Saved, AnswerScorer):
    """Least squares of the share on one number; a subclass says which."""

    learned: Learned
    """Array `line`: where it begins, and how steep it is."""

    @abstractmethod
    def number(self, answers: ScoredAnswers) -> NDArray[np.float64]:
        """The number of each answer; shape (n,)."""

    def fit(self, answers: ScoredAnswers, context: FitContext) -> None:
        """See `AnswerScorer.fit`."""
        x = self.number(answers)
        spread = ((x - x.mean()) ** 2).sum()
        slope = ((x - x.mean()) * answers.share).sum() / spread if spread > 0 else 0.0
        self.learned = Learned({"line": np.array([answers.share.mean() - slope * x.mean(), slope])}, {})

    def predict(self, answers: ScoredAnswers) -> NDArray[np.floating]:
        """See `AnswerScorer.predict`."""
        start, slope = self.learned.arrays["line"].astype(float)
        return np.asarray(np.clip(start + slope * self.number(answers), 0, 1) * answers.maximum_of_answer)
