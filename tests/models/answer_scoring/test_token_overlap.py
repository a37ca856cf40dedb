from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from attain.core.words import words
from attain.models.answer_scoring._overlap import best_overlap, overlap
from attain.models.answer_scoring.token_overlap import TokenOverlap
from attain.testing.answer_scorer import AnswerScorerTests, small_fold


class TestTokenOverlap(AnswerScorerTests):
    model = TokenOverlap
    at_least_correlation: ClassVar = 0.7


@pytest.mark.parametrize(
    ("answer", "reference", "expected"),
    [
        ("yeast eats sugar", "Yeast eats sugar.", (1, 1, 1)),
        ("yeast yeast yeast", "yeast eats sugar", (1 / 3, 1 / 3, 1 / 3)),  # each word as often as it is in both
        ("ВОДА и воздух", "вода", (1 / 3, 1, 1 / 2)),
        ("水很热", "水热", (2 / 3, 1, 4 / 5)),
        ("", "yeast", (0, 0, 0)),
        ("yeast", "", (0, 0, 0)),
    ],
)
def test_overlap_worked_by_hand(answer: str, reference: str, expected: tuple[float, float, float]) -> None:
    assert overlap(words(answer), words(reference)) == pytest.approx(expected)


def test_of_several_model_answers_the_nearest_counts() -> None:
    test = small_fold().test.take(np.array([0, 1]))
    two = replace(
        test,
        question=np.zeros(2, dtype=np.int32),
        response=np.array(["a b", "c"], dtype=object),
        reference=np.array(["c d e", "a b"], dtype=object),
        reference_start=np.array([0, 2, 2, 2, 2, 2, 2]),
    )
    assert best_overlap(two)[:, 2].tolist() == [1.0, 0.5]
