import pytest

from attain.testing.small_lists import value
from attain.testing.small_scores import scores


def test_the_share_of_questions_whose_human_scores_are_all_equal() -> None:
    pairs = {"a": [(1, 0), (1, 1)], "b": [(0.5, 0.5)], "c": [(0, 0), (1, 1), (1, 0)], "d": [(1, 1), (0, 1)]}
    assert value(scores(pairs), "equal_points_question_share").value == pytest.approx(2 / 4)
    parts = {"a": "known", "b": "new", "c": "new", "d": "new"}
    assert value(scores(pairs, parts=parts), "equal_points_question_share[new]").value == pytest.approx(1 / 3)
