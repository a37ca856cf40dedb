"""What every tutoring policy promises, and what each one chooses."""

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.data.simulate.curriculum import Curriculum
from attain.data.simulate.student import STUDENTS
from attain.tasks.tutoring import NEVER, POLICIES, Lesson, teach

NAMES = POLICIES.names()
CURRICULUM = Curriculum.of(["a", "b", "c", "d"], [(0, 1), (1, 2)], items_per_skill=3)


def begin(name: str, n: int = 3, **params: object) -> Lesson:
    return POLICIES.get(name).create(**params).begin(CURRICULUM, n, np.random.default_rng(0))


def skills(lesson: Lesson, answers: list[int], n: int = 1) -> list[int]:
    """The skills that the first learner is given, answering as told; one more than there are answers."""
    chosen = []
    for step, right in enumerate([*answers, 0]):
        item = lesson.choose(step)
        chosen.append(int(CURRICULUM.item_skill[item[0]]))
        lesson.observe(item, np.full(n, right, dtype=np.int8))
    return chosen


@pytest.mark.parametrize("name", NAMES)
def test_an_item_of_the_curriculum_for_each_learner(name: str) -> None:
    lesson = begin(name, 50)
    for step in range(30):
        item = lesson.choose(step)
        assert item.shape == (50,)
        assert ((item >= 0) & (item < 12)).all()
        lesson.observe(item, np.random.default_rng(step).integers(0, 2, 50).astype(np.int8))


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_lesson(name: str) -> None:
    policy, student = POLICIES.get(name).create(), STUDENTS.get("bkt").create()
    runs = [teach(policy, student, CURRICULUM, learners=30, steps=40, seed=4) for _ in range(2)]
    for field, values in vars(runs[0]).items():
        np.testing.assert_array_equal(values, getattr(runs[1], field), err_msg=field)


@pytest.mark.parametrize("name", NAMES)
def test_a_learner_who_is_done_gets_nothing_more_where_it_may_graduate(name: str) -> None:
    lesson = begin(name, 2, graduate=True)
    for step in range(400):
        item = lesson.choose(step)
        if (item == NEVER).all():
            break
        lesson.observe(item, np.where(item >= 0, 1, -1).astype(np.int8))
    assert (item == NEVER).all()
    assert lesson.declared.all()


@pytest.mark.parametrize("name", NAMES)
def test_who_answers_nothing_changes_nothing(name: str) -> None:
    lesson = begin(name, 2)
    known = lesson.known.copy()  # type: ignore[attr-defined]  # all of ours trace knowledge
    item = lesson.choose(0)
    lesson.observe(item, np.full(2, -1, dtype=np.int8))
    np.testing.assert_array_equal(lesson.known, known)  # type: ignore[attr-defined]  # as above


def test_the_tutor_updates_by_bayes_and_then_learns() -> None:
    lesson = begin("curriculum", 1, prior=0.4, learn=0.2, guess=0.25, slip=0.1)
    item = lesson.choose(0)
    assert lesson.expected[0] == pytest.approx(0.4 * 0.9 + 0.6 * 0.25)
    lesson.observe(item, np.array([1], dtype=np.int8))
    posterior = 0.4 * 0.9 / (0.4 * 0.9 + 0.6 * 0.25)
    assert lesson.known[0, 0] == pytest.approx(posterior + (1 - posterior) * 0.2)  # type: ignore[attr-defined]


def test_curriculum_stays_until_a_skill_seems_mastered_and_then_goes_on() -> None:
    chosen = skills(begin("curriculum", 1), [1] * 9)
    assert chosen == sorted(chosen)
    first = chosen.index(1)
    assert first == 3  # three right answers take .15 above .95
    assert skills(begin("curriculum", 1), [0] * 9) == [0] * 10


def test_equal_exposure_adapts_to_nobody() -> None:
    timetable = [0, 0, 1, 1, 2, 2, 3, 3, 0]
    assert skills(begin("equal_exposure", 1, answers=2), [1] * 8) == timetable
    assert skills(begin("equal_exposure", 1, answers=2), [0] * 8) == timetable


def test_lowest_mastery_goes_to_what_is_least_known() -> None:
    assert skills(begin("lowest_mastery", 1), [1, 1, 1]) == [0, 1, 2, 3]
    assert skills(begin("lowest_mastery", 1), [0, 0]) == [0, 1, 2]  # by learning alone, skill 0 has risen a little


def test_prerequisites_hold_a_skill_back_until_they_seem_mastered() -> None:
    assert set(skills(begin("mastery_gain", 1), [0] * 6)) == {0, 3}
    assert set(skills(begin("lowest_mastery", 1, prerequisites=True), [0] * 6)) == {0, 3}


def test_mastery_gain_prefers_what_is_quickly_learned() -> None:
    lesson = begin("mastery_gain", 1, learn=(0.1, 0.1, 0.1, 0.4))
    assert skills(lesson, []) == [3]


def test_with_one_rate_for_all_the_greatest_gain_is_the_lowest_mastery() -> None:
    student = STUDENTS.get("bkt").create()
    a = teach(POLICIES.get("mastery_gain").create(), student, CURRICULUM, learners=50, steps=60, seed=0)
    lowest = POLICIES.get("lowest_mastery").create(prerequisites=True)
    b = teach(lowest, student, CURRICULUM, learners=50, steps=60, seed=0)
    np.testing.assert_array_equal(a.reached, b.reached)


def test_zpd_goes_where_the_chance_of_a_right_answer_is_nearest_to_the_target() -> None:
    prior = (0.1, 0.1, 0.1, 0.7)  # chances .27 and .69
    assert skills(begin("zpd", 1, prior=prior, target=0.7), []) == [3]
    assert skills(begin("zpd", 1, prior=prior, target=0.3), []) == [0]


def test_popularity_falls_with_the_place_in_the_order() -> None:
    item = begin("popularity", 20_000).choose(0)
    share = np.bincount(CURRICULUM.item_skill[item], minlength=4) / 20_000
    expected = np.array([1, 1 / 2, 1 / 3, 1 / 4])
    np.testing.assert_allclose(share, expected / expected.sum(), atol=0.01)


def test_a_bandit_learns_where_practice_pays() -> None:
    lesson = begin("thompson", 2000, reward="correct", guess=0.89, learn=0.0, prior=0.01)
    chosen: NDArray[np.int32] = np.zeros(0, dtype=np.int32)
    for step in range(60):
        item = lesson.choose(step)
        chosen = CURRICULUM.item_skill[item]
        lesson.observe(item, (chosen == 2).astype(np.int8))
    assert (chosen == 2).mean() > 0.8
