import itertools
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.models.knowledge_tracing._bkt_forward import chance, mastery, predict, update
from attain.models.knowledge_tracing._bkt_parameters import Learners, Parameters
from attain.testing.small import make_log

SKILL_0 = [0.3, 0.2, 0.25, 0.1, 0.05]
SKILL_1 = [0.6, 0.1, 0.2, 0.15, 0.0]
OTHERS = [0.5, 0.3, 0.1, 0.05, 0.1]


def one_group(names: list[str], values: list[list[float]]) -> Parameters:
    """One row more than names: for other skills."""
    return Parameters(np.array(names, dtype=object), np.array(values), np.empty(0, dtype=object))


def of_skills(names: list[str], values: list[list[float]]) -> Learners:
    return Learners.all_alike(one_group(names, values))


PARAMETERS = of_skills(["skill-0", "skill-1"], [SKILL_0, SKILL_1, OTHERS])


def by_enumeration(parameters: list[float], answers: list[int]) -> tuple[float, float]:
    """P(next answer right | answers) and P(known now | answers), over all hidden paths."""
    prior, learn, guess, slip, forget = parameters
    move = [[1 - learn, learn], [forget, 1 - forget]]
    weight = [0.0, 0.0]
    for path in itertools.product((0, 1), repeat=len(answers) + 1):
        p = [1 - prior, prior][path[0]]
        for a, b in itertools.pairwise(path):
            p *= move[a][b]
        for state, answer in zip(path, answers, strict=False):
            right = 1 - slip if state else guess
            p *= right if answer else 1 - right
        weight[path[-1]] += p
    known = weight[1] / sum(weight)
    return known * (1 - slip) + (1 - known) * guess, known


def one_learner(correct: list[int], skills: list[int]) -> NDArray[np.float64]:
    log = make_log(np.zeros(len(correct), dtype=int), np.array(skills), np.array(correct), [[0], [1], [2]])
    return predict(log, "first", PARAMETERS)


def test_predictions_are_those_of_an_enumeration_of_all_hidden_paths() -> None:
    answers = [1, 0, 0, 1, 1, 1]
    expected = [by_enumeration(SKILL_0, answers[:t])[0] for t in range(len(answers))]
    np.testing.assert_allclose(one_learner(answers, [0] * 6), expected)


def test_skills_are_followed_apart_and_unseen_ones_have_parameters_of_their_own() -> None:
    scores = one_learner([1, 0, 1, 1, 0], [0, 2, 0, 1, 2])
    expected = [
        by_enumeration(SKILL_0, [])[0],
        by_enumeration(OTHERS, [])[0],
        by_enumeration(SKILL_0, [1])[0],
        by_enumeration(SKILL_1, [])[0],
        by_enumeration(OTHERS, [0])[0],
    ]
    np.testing.assert_allclose(scores, expected)


def test_two_unseen_skills_are_not_mixed_up() -> None:
    log = make_log(np.zeros(3, dtype=int), np.array([0, 1, 0]), np.array([1, 1, 1]), [[2], [3]])
    expected = [by_enumeration(OTHERS, history)[0] for history in ([], [], [1])]
    np.testing.assert_allclose(predict(log, "first", PARAMETERS), expected)


def test_an_answer_to_two_skills_is_the_mean_of_both_and_teaches_both() -> None:
    log = make_log(np.zeros(3, dtype=int), np.array([0, 1, 2]), np.array([0, 1, 1]), [[0, 1], [0], [1]])
    expected = [
        (by_enumeration(SKILL_0, [])[0] + by_enumeration(SKILL_1, [])[0]) / 2,
        by_enumeration(SKILL_0, [0])[0],
        by_enumeration(SKILL_1, [0])[0],
    ]
    np.testing.assert_allclose(predict(log, "mean", PARAMETERS), expected)
    known = [by_enumeration(SKILL_0, [0])[1], by_enumeration(SKILL_1, [0])[1]]
    known += [by_enumeration(SKILL_0, [0, 1])[1], by_enumeration(SKILL_1, [0, 1])[1]]
    np.testing.assert_allclose(mastery(log, "mean", PARAMETERS), known)


def test_a_skill_named_twice_in_an_answer_does_not_tell_its_own_answer() -> None:
    for answer in (0, 1):
        log = make_log(np.array([0]), np.array([0]), np.array([answer]), [[0, 0]])
        np.testing.assert_allclose(predict(log, "mean", PARAMETERS), by_enumeration(SKILL_0, [])[0])


def test_skills_that_are_not_read_have_no_mastery() -> None:
    log = make_log(np.zeros(2, dtype=int), np.array([0, 1]), np.array([1, 1]), [[0, 1], []])
    known = by_enumeration(SKILL_0, [1])[1]
    np.testing.assert_allclose(mastery(log, "first", PARAMETERS), [known, np.nan])


def test_skills_of_a_combination_share_its_mastery() -> None:
    joint = of_skills(["skill-0~~skill-1"], [SKILL_0, OTHERS])
    log = make_log(np.zeros(2, dtype=int), np.array([0, 0]), np.array([1, 0]), [[0, 1]])
    first, second = by_enumeration(SKILL_0, [1])[1], by_enumeration(SKILL_0, [1, 0])[1]
    np.testing.assert_allclose(mastery(log, "combination", joint), [first, first, second, second])


def test_an_answer_that_the_parameters_call_impossible_is_survived() -> None:
    sure = of_skills(["skill-0"], [[1.0, 0, 0.2, 0, 0], OTHERS])
    log = make_log(np.zeros(2, dtype=int), np.array([0, 0]), np.array([0, 1]), [[0]])
    np.testing.assert_array_equal(predict(log, "first", sure), [1, 1])


def test_one_number_a_skill_carries_a_learner_from_answer_to_answer() -> None:
    answers, (known, learn, guess, slip, forget) = [1, 0, 0, 1, 1], SKILL_0
    for t, answer in enumerate(answers):
        right, now = by_enumeration(SKILL_0, answers[:t])
        np.testing.assert_allclose([chance(known, guess, slip), known], [right, now])
        known = update(known, answer, learn, guess, slip, forget)


def test_a_first_answer_can_say_more_than_guess_and_slip() -> None:
    first = np.array([[0.7, 0.1, 0.9], [0.6, 0.2, 0.8], [0.5, 0.3, 0.7]])
    told = Learners.all_alike(replace(PARAMETERS.groups[0], first=first))
    log = make_log(np.zeros(4, dtype=int), np.array([0, 1, 0, 0]), np.array([0, 1, 1, 1]), [[0], [1]])
    _, learn, guess, slip, forget = SKILL_0
    known = 0.1 * (1 - forget) + 0.9 * learn
    expected = [0.7, 0.6, chance(known, guess, slip)]
    expected.append(chance(update(known, 1, learn, guess, slip, forget), guess, slip))
    np.testing.assert_allclose(predict(log, "first", told), expected)


def test_a_skill_named_twice_in_a_first_answer_is_begun_once() -> None:
    told = Learners.all_alike(replace(PARAMETERS.groups[0], first=np.tile([0.7, 0.1, 0.9], (3, 1))))
    twice = make_log(np.zeros(2, dtype=int), np.array([0, 1]), np.array([1, 1]), [[0, 0], [0]])
    once = make_log(np.zeros(2, dtype=int), np.array([0, 1]), np.array([1, 1]), [[0], [0]])
    np.testing.assert_allclose(predict(twice, "mean", told), predict(once, "mean", told))


def test_a_learner_is_of_each_group_as_likely_as_the_answers_so_far_say() -> None:
    """All of one skill, and of another: the group is the learner's in both."""
    groups = ([SKILL_0, SKILL_1, OTHERS], [OTHERS, SKILL_0, SKILL_1])
    learners = Learners(tuple(one_group(["skill-0", "skill-1"], g) for g in groups), np.array([0.7, 0.3]))
    answers, skills = [1, 0, 1, 1, 0], [0, 1, 0, 0, 1]
    log = make_log(np.repeat([0, 1], 5), np.tile(skills, 2), np.tile(answers, 2), [[0], [1]])
    weight, expected, known = np.array([0.7, 0.3]), [], []
    for t, (answer, skill) in enumerate(zip(answers, skills, strict=True)):
        past = [a for a, s in zip(answers[:t], skills[:t], strict=True) if s == skill]
        right = np.array([by_enumeration(g[skill], past)[0] for g in groups])
        expected.append(weight @ right)
        weight = weight * (right if answer else 1 - right)
        weight /= weight.sum()
        known.append(weight @ [by_enumeration(g[skill], [*past, answer])[1] for g in groups])
    np.testing.assert_allclose(predict(log, "first", learners), 2 * expected)
    np.testing.assert_allclose(mastery(log, "first", learners), 2 * known)


def test_an_answer_that_a_group_calls_impossible_speaks_against_it_but_not_for_ever() -> None:
    sure, unsure = [1.0, 0.0, 0.2, 0.0, 0.0], [0.5, 0.0, 0.5, 0.5, 0.0]
    learners = Learners(tuple(one_group(["skill-0"], [g, OTHERS]) for g in (sure, unsure)), np.array([0.5, 0.5]))
    log = make_log(np.zeros(60, dtype=int), np.zeros(60, dtype=int), np.array([0, *[1] * 59]), [[0]])
    scores = predict(log, "first", learners)
    assert scores[1] == pytest.approx(0.5, abs=1e-6)
    assert scores[-1] > 0.9
