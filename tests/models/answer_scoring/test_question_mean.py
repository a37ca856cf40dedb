from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from attain.models.answer_scoring.question_mean import QuestionMean
from attain.tasks.context import FitContext
from attain.testing.answer_scorer import AnswerScorerTests, small_fold


class TestQuestionMean(AnswerScorerTests):
    model = QuestionMean
    at_least_correlation: ClassVar = -1.0


@pytest.mark.parametrize("strength", [0.0, 3.0])
def test_a_question_has_its_own_mean_and_a_new_one_that_of_all(strength: float) -> None:
    fold = small_fold()
    model = QuestionMean.create(strength=strength)
    model.fit(fold.train, FitContext())
    overall = fold.train.share.mean()
    for question in range(6):
        own = fold.train.share[fold.train.question == question]
        expected = (own.sum() + strength * overall) / (len(own) + strength) if len(own) + strength else overall
        one = replace(fold.test.take(np.array([0])), question=np.array([question], dtype=np.int32))
        assert model.predict(one)[0] == pytest.approx(expected * fold.test.maximum[question])
