"""Each kind of simulated learner against a plain loop over learners with the same luck."""

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.simulate.curriculum import Curriculum
from attain.data.simulate.student import STUDENTS, Learners, Student
from attain.data.simulate.students import _luck

KINDS = STUDENTS.names()
CURRICULUM = Curriculum.random(8, density=0.4, items_per_skill=2, seed=3)


def luck(learners: Learners, who: int, step: int, purpose: int) -> float:
    return float(_luck.luck(learners.seed, who, step, purpose))


def practise(student: Student, *, n: int = 40, steps: int = 60, seed: int = 0) -> tuple[Learners, NDArray[np.int8]]:
    """Learners who answered items drawn at random; some sit out at each step."""
    generator = np.random.default_rng(1)
    learners = student.begin(CURRICULUM, n, seed)
    answers = []
    for step in range(steps):
        item = generator.integers(-1, len(CURRICULUM.item_skill), n).astype(np.int32)
        answers.append(student.answer(learners, item, step))
    return learners, np.array(answers)


def bkt(student: Student, learners: Learners, who: int, skill: int, step: int) -> int:
    state, params = learners.state, student.params
    known = learners.mastered[who, skill]
    chance = 1 - state["slip"][skill] if known else state["guess"][skill]
    right = luck(learners, who, step, _luck.ANSWER) < chance
    if not known:
        ready = all(learners.mastered[who, b] for b in before(skill))
        rate = state["learn"][who, skill] * (1 if ready else params.unready)
        learners.mastered[who, skill] = luck(learners, who, step, _luck.LEARN) < rate
    return int(right)


def before(skill: int) -> list[int]:
    starts = CURRICULUM.next_start
    return [b for b in range(len(CURRICULUM.skills)) if skill in CURRICULUM.next[starts[b] : starts[b + 1]]]


def test_bkt_is_the_model_s_own_loop() -> None:
    student = STUDENTS.get("bkt").create(spread=0.4, unready=0.5)
    compiled, answers = practise(student)
    plain = student.begin(CURRICULUM, 40, 0)
    generator = np.random.default_rng(1)
    for step in range(60):
        item = generator.integers(-1, len(CURRICULUM.item_skill), 40).astype(np.int32)
        for who in range(40):
            if item[who] >= 0:
                assert answers[step, who] == bkt(student, plain, who, int(CURRICULUM.item_skill[item[who]]), step)
            else:
                assert answers[step, who] == -1
    np.testing.assert_array_equal(compiled.mastered, plain.mastered)


def test_irt_grows_by_the_gain_of_each_answer_and_answers_by_the_logistic() -> None:
    student = STUDENTS.get("irt_growth").create(spread=0.4, unready=0.25, transfer=0.3, guess=0.15)
    compiled, answers = practise(student)
    plain = student.begin(CURRICULUM, 40, 0)
    ability, gain = plain.state["ability"].astype(float), plain.state["gain"].astype(float)
    enough = np.log((0.8 - 0.15) / (1 - 0.15)) - np.log(1 - (0.8 - 0.15) / (1 - 0.15))
    known = ability >= enough
    generator = np.random.default_rng(1)
    for step in range(60):
        item = generator.integers(-1, len(CURRICULUM.item_skill), 40).astype(np.int32)
        for who in np.flatnonzero(item >= 0):
            skill = int(CURRICULUM.item_skill[item[who]])
            logit = ability[who, skill] - plain.state["difficulty"][item[who]]
            chance = 0.15 + 0.85 / (1 + np.exp(-logit))
            assert answers[step, who] == (luck(plain, int(who), step, _luck.ANSWER) < chance)
            ready = all(known[who, b] for b in before(skill))
            ability[who, skill] += gain[who, skill] * (1 if ready else 0.25)
            known[who, skill] |= ability[who, skill] >= enough
            for other in CURRICULUM.next[CURRICULUM.next_start[skill] : CURRICULUM.next_start[skill + 1]]:
                ability[who, other] += 0.3 * gain[who, other]
                known[who, other] |= ability[who, other] >= enough
    np.testing.assert_allclose(compiled.state["ability"].astype(float), ability)
    np.testing.assert_array_equal(compiled.mastered, known)


def test_pfa_adds_its_own_weight_for_each_right_and_wrong_answer() -> None:
    student = STUDENTS.get("pfa").create(spread=0.3, unready=1, success=0.3, failure=0.1, ease=-0.5)
    compiled, answers = practise(student)
    start = student.begin(CURRICULUM, 40, 0)
    generator = np.random.default_rng(1)
    right, wrong = np.zeros((40, 8)), np.zeros((40, 8))
    for step in range(60):
        item = generator.integers(-1, len(CURRICULUM.item_skill), 40).astype(np.int32)
        for who in np.flatnonzero(item >= 0):
            skill = int(CURRICULUM.item_skill[item[who]])
            weight = start.state["success"][who, skill], start.state["failure"][who, skill]
            logit = start.state["logit"][who, skill] + weight[0] * right[who, skill] + weight[1] * wrong[who, skill]
            assert answers[step, who] == (luck(start, int(who), step, _luck.ANSWER) < 1 / (1 + np.exp(-logit)))
            right[who, skill] += answers[step, who]
            wrong[who, skill] += 1 - answers[step, who]
    first, success, failure = (start.state[name].astype(float) for name in ("logit", "success", "failure"))
    final = first + success * right + failure * wrong
    np.testing.assert_allclose(compiled.state["logit"].astype(float), final)
    np.testing.assert_array_equal(compiled.mastered, final >= np.log(0.85 / 0.15))


def test_memory_halves_in_a_half_life_and_mastery_ends_when_recall_falls_below_it() -> None:
    one = Curriculum.of(["a"])
    memory = {"first": 10, "growth": 2, "after_wrong": 2, "mastery": 0.5}
    student = STUDENTS.get("half_life").create(spread=0, guess=0, slip=0, **memory)
    learners = student.begin(one, 1, 0)
    item, rest = np.zeros(1, dtype=np.int32), np.full(1, -1, dtype=np.int32)
    student.answer(learners, item, 0)
    mastered = [bool(learners.mastered[0, 0])]
    for step in range(1, 16):
        student.answer(learners, rest, step)
        mastered.append(bool(learners.mastered[0, 0]))
        assert student.chance(learners, item)[0] == pytest.approx(2 ** (-(step + 1) / 10))
    assert mastered == [True] * 11 + [False] * 5


def test_with_forgetting_a_skill_known_lives_as_long_as_the_rate_says() -> None:
    one = Curriculum.of(["a"])
    student = STUDENTS.get("bkt").create(spread=0, prior=1.0, forget=0.05)
    learners = student.begin(one, 20_000, 0)
    rest = np.full(20_000, -1, dtype=np.int32)
    for step in range(30):
        student.answer(learners, rest, step)
    assert learners.mastered.mean() == pytest.approx(0.95**29, abs=0.01)  # the first loss may come at step 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_kept_up_step_by_step_is_what_follows_from_mastery(kind: str) -> None:
    learners, _ = practise(STUDENTS.get(kind).create())
    np.testing.assert_array_equal(learners.count, learners.mastered.sum(axis=1))
    for skill in range(len(CURRICULUM.skills)):
        lacking = sum((~learners.mastered[:, b]).astype(int) for b in before(skill))
        np.testing.assert_array_equal(learners.lacking[:, skill], lacking)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_seed_gives_the_same_learners_and_the_same_luck(kind: str) -> None:
    student = STUDENTS.get(kind).create(leave=0.01)
    (a, first), (b, second), (_, other) = practise(student), practise(student), practise(student, seed=1)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(a.mastered, b.mastered)
    assert (first != other).any()


@pytest.mark.parametrize("kind", KINDS)
def test_answers_come_true_as_often_as_their_chance(kind: str) -> None:
    student = STUDENTS.get(kind).create()
    learners = student.begin(CURRICULUM, 20_000, 0)
    item = np.full(20_000, 5, dtype=np.int32)
    for step in range(6):
        expected = student.chance(learners, item).mean()
        assert student.answer(learners, item, step).mean() == pytest.approx(expected, abs=0.012)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"half_life"}))
def test_without_forgetting_no_mastery_is_lost_that_answers_gave(kind: str) -> None:
    student = STUDENTS.get(kind).create()
    learners = student.begin(CURRICULUM, 30, 0)
    generator = np.random.default_rng(2)
    for step in range(40):
        before_it = learners.mastered.copy()
        student.answer(learners, generator.integers(0, 16, 30).astype(np.int32), step)
        assert not (before_it & ~learners.mastered).any()


def test_in_a_knowledge_space_nothing_is_learned_before_what_it_builds_on() -> None:
    student = STUDENTS.get("knowledge_space").create(prior=0.0, spread=0)
    learners, _ = practise(student, n=200)
    for skill in range(len(CURRICULUM.skills)):
        for b in before(skill):
            assert not (learners.mastered[:, skill] & ~learners.mastered[:, b]).any()


def test_learners_leave_at_the_rate_that_is_asked_for_and_answer_nothing_then() -> None:
    student = STUDENTS.get("bkt").create(leave=0.05)
    learners = student.begin(CURRICULUM, 20_000, 0)
    item = np.zeros(20_000, dtype=np.int32)
    for step in range(10):
        there = ~learners.left
        answers = student.answer(learners, item, step)
        assert (answers[there] >= 0).all()
        assert (answers[~there] == -1).all()
    assert learners.left.mean() == pytest.approx(1 - 0.95**10, abs=0.01)


def test_wrong_answers_in_a_row_drive_learners_away() -> None:
    calm = STUDENTS.get("bkt").create(guess=0.0, prior=0.0, learn=0.0, spread=0)
    tired = STUDENTS.get("bkt").create(guess=0.0, prior=0.0, learn=0.0, spread=0, frustration=0.1)
    for student, expected in ((calm, 0.0), (tired, 1 - (0.9 * 0.8))):
        learners = student.begin(CURRICULUM, 20_000, 0)
        for step in range(4):
            student.answer(learners, np.zeros(20_000, dtype=np.int32), step)
        assert learners.left.mean() == pytest.approx(expected, abs=0.01)


def test_a_cohort_has_its_share_and_its_head_start() -> None:
    behind = {"name": "behind", "share": 0.3, "head_start": -3.0}
    student = STUDENTS.get("bkt").create(prior=0.5, spread=0, cohorts=(behind,))
    learners = student.begin(CURRICULUM, 20_000, 0)
    assert (learners.cohort == 0).mean() == pytest.approx(0.3, abs=0.01)
    assert learners.mastered[learners.cohort == 0].mean() == pytest.approx(1 / (1 + np.exp(3)), abs=0.01)
    assert learners.mastered[learners.cohort == -1].mean() == pytest.approx(0.5, abs=0.01)


def test_as_many_values_as_skills_or_one() -> None:
    with pytest.raises(UserError, match="'learn' has 3 values, and there are 8 skills"):
        STUDENTS.get("bkt").create(learn=(0.1, 0.2, 0.3)).begin(CURRICULUM, 5, 0)
