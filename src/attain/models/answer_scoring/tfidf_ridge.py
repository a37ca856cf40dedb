"""Ridge regression on the words of an answer, its likeness to the model answer, and the question."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy import sparse
from scipy.sparse.linalg import lsqr

from attain.core.component import Params
from attain.data.scored_answers import ScoredAnswers
from attain.models._saved import Learned, Saved
from attain.models.answer_scoring._likeness import likeness
from attain.models.answer_scoring._vocabulary import Vocabulary
from attain.tasks.answer_scoring import AnswerScorer
from attain.tasks.context import FitContext

_EXACT = 1e-10


class TfidfRidgeParams(Params):
    """Parameters of `tfidf_ridge`."""

    penalty: float = Field(default=1.0, gt=0)
    """Weight of the squared coefficients; the more, the nearer all scores are to the mean."""
    run: int = Field(default=2, ge=1, le=5)
    """Words of the longest runs that count."""
    least_answers: int = Field(default=2, ge=1)
    """Runs that fewer training answers have are left out."""
    text: bool = True
    """Whether the answer's own words count."""
    likeness: bool = True
    """Whether its likeness to the model answers, and its length, count."""
    question: bool = True
    """Whether each question has an easiness of its own; a new one has none."""


class TfidfRidge(Saved, AnswerScorer):
    """Hoerl & Kennard (1970) on tf-idf weights and likeness; words and scales come from the training part alone."""

    name = "tfidf_ridge"
    params: TfidfRidgeParams
    learned: Learned
    """Arrays `weight` of the terms, `centre` and `scale` of the numbers, `coefficient`, `mean`; names `terms` and
    `questions`."""

    def fit(self, answers: ScoredAnswers, context: FitContext) -> None:
        """See `AnswerScorer.fit`."""
        texts = [*answers.response, *(text for q in answers.present for text in answers.references_of(q))]
        vocabulary = Vocabulary.of(texts, longest=self.params.run, least=self.params.least_answers)
        numbers = likeness(answers, vocabulary)
        scale = numbers.std(axis=0)
        names = {"terms": vocabulary.terms, "questions": answers.questions[answers.present]}
        arrays = {
            "weight": vocabulary.weight,
            "centre": numbers.mean(axis=0),
            "scale": np.where(scale > 0, scale, 1.0),
            "mean": np.array(answers.share.mean()),
        }
        self.learned = Learned(arrays, names)
        solved = lsqr(
            self._columns(answers),
            answers.share - answers.share.mean(),
            damp=np.sqrt(self.params.penalty),
            atol=_EXACT,
            btol=_EXACT,
        )
        self.learned = Learned({**arrays, "coefficient": solved[0]}, names)

    def predict(self, answers: ScoredAnswers) -> NDArray[np.floating]:
        """See `AnswerScorer.predict`."""
        coefficient: NDArray[np.float64] = self.learned.arrays["coefficient"].astype(np.float64)
        share = float(self.learned.arrays["mean"]) + self._columns(answers) @ coefficient
        return np.asarray(np.clip(share, 0, 1) * answers.maximum_of_answer)

    def _columns(self, answers: ScoredAnswers) -> sparse.csr_array:
        """Words, numbers and question of each answer, those that do not count left at 0; shape (n, n_columns)."""
        arrays, names = self.learned.arrays, self.learned.names
        vocabulary = Vocabulary(names["terms"], arrays["weight"].astype(np.float64), self.params.run)
        centre, scale = (arrays[name].astype(np.float64) for name in ("centre", "scale"))
        numbers = (likeness(answers, vocabulary) - centre) / scale
        text = vocabulary.rows(answers.response)
        place = {name: at for at, name in enumerate(names["questions"])}
        at = np.array([place.get(name, -1) for name in answers.questions], dtype=np.int64)[answers.question]
        known = np.flatnonzero(at >= 0)
        ones = (np.ones(len(known)), (known, at[known]))
        question = sparse.csr_array(ones, shape=(len(answers), len(place)))
        parts = (
            (text, self.params.text),
            (sparse.csr_array(numbers), self.params.likeness),
            (question, self.params.question),
        )
        return sparse.csr_array(sparse.hstack([part if wanted else part * 0.0 for part, wanted in parts]))
