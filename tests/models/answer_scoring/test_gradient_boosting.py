from dataclasses import replace
from typing import ClassVar

import numpy as np

from attain.models.answer_scoring._likeness import NUMBERS, likeness
from attain.models.answer_scoring._vocabulary import Vocabulary
from attain.models.answer_scoring.gradient_boosting import GradientBoosting
from attain.testing.answer_scorer import AnswerScorerTests, small_fold


class TestGradientBoosting(AnswerScorerTests):
    model = GradientBoosting
    at_least_correlation: ClassVar = 0.8


def test_the_numbers_of_an_answer_worked_by_hand() -> None:
    test = small_fold().test.take(np.array([0, 1]))
    two = replace(
        test,
        question=np.zeros(2, dtype=np.int32),
        response=np.array(["a b b", "?"], dtype=object),
        wording=np.array(["a z", *test.wording[1:]], dtype=object),
        reference=np.array(["a b c d", "b"], dtype=object),
        reference_start=np.array([0, 2, 2, 2, 2, 2, 2]),
    )
    found = dict(zip(NUMBERS, likeness(two, Vocabulary.of(["a", "b"], longest=1, least=1)).T, strict=True))
    np.testing.assert_allclose(found["precision"], [2 / 3, 0])
    np.testing.assert_allclose(found["recall"], [2 / 4, 0])
    np.testing.assert_allclose(found["f1"], [4 / 7, 0])
    more = 1 + np.log(2)  # b stands there twice; a and b weigh the same, and c and d are not known
    np.testing.assert_allclose(found["cosine"], [(1 + more) / np.sqrt(2 * (1 + more**2)), 0])
    np.testing.assert_allclose(found["of_question"], [1 / 2, 0])
    np.testing.assert_allclose(found["length"], [np.log(4), 0])
    np.testing.assert_allclose(found["relative_length"], np.log([4, 1]) - np.log(3.5))
