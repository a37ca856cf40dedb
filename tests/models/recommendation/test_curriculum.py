from dataclasses import replace
from typing import ClassVar

import numpy as np

from attain.data.choices import Choices
from attain.models.recommendation.curriculum import Curriculum
from attain.tasks.context import FitContext
from attain.testing.recommender import RecommenderTests


class TestCurriculum(RecommenderTests):
    model = Curriculum
    at_least_hits: ClassVar = 0.15


def _one_learner(items: list[int], correct: list[int]) -> Choices:
    """A history of one learner on items a, b, c with skills of their own; c builds on b."""
    n = len(items)
    return Choices(
        learner=np.zeros(n, dtype=np.int32),
        item=np.array(items, dtype=np.int32),
        row=np.arange(n),
        skill=np.arange(3, dtype=np.int32),
        skill_start=np.arange(4),
        before=np.array([1], dtype=np.int32),
        after=np.array([2], dtype=np.int32),
        learners=np.array(["ann"], dtype=object),
        items=np.array(["a", "b", "c"], dtype=object),
        skills=np.array(["k", "l", "m"], dtype=object),
        correct=np.array(correct, dtype=np.int8),
    )


def _listed(history: Choices, trained_on: Choices) -> list[str]:
    model = Curriculum()
    model.fit(trained_on, FitContext())
    scores = model.score(history, np.array([0], dtype=np.int32))[0]
    return [str(name) for name in history.items[np.argsort(-scores, kind="stable")]]


def test_items_come_in_the_order_in_which_they_are_usually_taken() -> None:
    assert _listed(_one_learner([], []), _one_learner([1, 0, 2], [0, 0, 0])) == ["b", "a", "c"]


def test_a_prerequisite_comes_first_whatever_learners_did() -> None:
    assert _listed(_one_learner([], []), _one_learner([2, 0, 1], [0, 0, 0])) == ["a", "b", "c"]


def test_a_skill_is_practised_until_it_was_right_three_times_in_a_row() -> None:
    trained_on = _one_learner([0, 1, 2], [0, 0, 0])
    assert _listed(_one_learner([0, 0, 0, 0], [1, 1, 0, 1]), trained_on)[0] == "a"
    assert _listed(_one_learner([0, 0, 0, 0], [0, 1, 1, 1]), trained_on) == ["b", "c", "a"]


def test_answers_between_to_other_skills_do_not_break_a_row() -> None:
    trained_on = _one_learner([0, 1, 2], [0, 0, 0])
    assert _listed(_one_learner([0, 1, 0, 1, 0], [1, 0, 1, 0, 1]), trained_on)[0] == "b"


def test_without_answers_what_was_taken_is_done() -> None:
    trained_on = replace(_one_learner([0, 1, 2], [0, 0, 0]), correct=None)
    assert _listed(replace(_one_learner([0], [0]), correct=None), trained_on) == ["b", "c", "a"]
