from typing import ClassVar

import numpy as np

from attain.models.answer_scoring.answer_length import AnswerLength
from attain.tasks.context import FitContext
from attain.testing.answer_scorer import AnswerScorerTests, small_fold


class TestAnswerLength(AnswerScorerTests):
    model = AnswerLength
    at_least_correlation: ClassVar = 0.2


def test_shares_lie_on_the_line_of_least_squares_within_0_and_1() -> None:
    fold = small_fold()
    model = AnswerLength()
    model.fit(fold.train, FitContext())
    length = [np.log1p(len(text.split())) for text in fold.train.response]  # no sign in these parts a word
    slope, start = np.polyfit(length, fold.train.share, 1)
    own = np.clip([start + slope * np.log1p(len(text.split())) for text in fold.test.response], 0, 1)
    np.testing.assert_allclose(model.predict(fold.test), own * fold.test.maximum_of_answer, atol=1e-12)
