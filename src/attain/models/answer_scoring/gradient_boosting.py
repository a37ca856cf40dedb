"""Boosted trees on likeness to the model answer: what an answer earns above or below its question's mean."""

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from sklearn.ensemble import HistGradientBoostingRegressor

from attain.core.component import Params
from attain.data.scored_answers import ScoredAnswers
from attain.models import _saved
from attain.models._estimator_file import read_estimator, write_estimator
from attain.models._saved import Learned
from attain.models.answer_scoring._likeness import likeness
from attain.models.answer_scoring._question_means import expected, question_means
from attain.models.answer_scoring._vocabulary import Vocabulary
from attain.tasks.answer_scoring import AnswerScorer
from attain.tasks.context import FitContext


class GradientBoostingParams(Params):
    """Parameters of `gradient_boosting`."""

    trees: int = Field(default=120, ge=1)
    """How many trees are added up."""
    learning_rate: float = Field(default=0.05, gt=0)
    """How much of each tree is added."""
    leaves: int = Field(default=6, ge=2)
    """Leaves of a tree, at most."""
    rows_in_leaf: int = Field(default=20, ge=1)
    """Training answers in each leaf, at least."""
    strength: float = Field(default=5.0, ge=0)
    """How many answers of the mean over all questions are added to each question's own."""


class GradientBoosting(AnswerScorer):
    """Trees (Friedman 2001) added to the mean of the question; no word is learned, only how like a model answer."""

    name = "gradient_boosting"
    params: GradientBoostingParams

    def fit(self, answers: ScoredAnswers, context: FitContext) -> None:
        """See `AnswerScorer.fit`."""
        texts = [*answers.response, *(text for q in answers.present for text in answers.references_of(q))]
        self.vocabulary = Vocabulary.of(texts, longest=1, least=1)
        self.means = question_means(answers, self.params.strength)
        regressor = HistGradientBoostingRegressor(
            max_iter=self.params.trees,
            learning_rate=self.params.learning_rate,
            max_leaf_nodes=self.params.leaves,
            min_samples_leaf=self.params.rows_in_leaf,
            early_stopping=False,
            random_state=int(context.rng.integers(2**31)),
        )
        above = answers.share - expected(self.means, answers)
        self.trees: Any = regressor.fit(likeness(answers, self.vocabulary), above)  # scikit-learn is not typed

    def predict(self, answers: ScoredAnswers) -> NDArray[np.floating]:
        """See `AnswerScorer.predict`."""
        if not len(answers):
            return np.empty(0)
        share = expected(self.means, answers) + self.trees.predict(likeness(answers, self.vocabulary))
        return np.asarray(np.clip(share, 0, 1) * answers.maximum_of_answer)

    def save(self, folder: Path) -> None:
        """See `AnswerScorer.save`."""
        arrays = {**self.means.arrays, "weight": self.vocabulary.weight}
        _saved.write(self, Learned(arrays, {**self.means.names, "terms": self.vocabulary.terms}), folder)
        write_estimator(self.trees, folder)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `AnswerScorer.load`."""
        model, learned = _saved.read(cls, folder)
        model.means = Learned({"share": learned.arrays["share"]}, {"questions": learned.names["questions"]})
        model.vocabulary = Vocabulary(learned.names["terms"], learned.arrays["weight"].astype(np.float64), 1)
        model.trees = read_estimator(folder)
        return model
