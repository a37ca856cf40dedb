from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from attain.data.interactions import Interactions
from attain.models.knowledge_tracing.best_lr import BestLR
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log, small_log


class TestBestLR(KnowledgeTracerTests):
    model = BestLR


class TestBestLROfThePaper(KnowledgeTracerTests):
    model = BestLR
    params: ClassVar = {"counts": "right and all"}


def fitted(log: Interactions) -> BestLR:
    model = BestLR.create()
    model.fit(log, FitContext())
    return model


def test_an_item_of_forty_skills_and_one_of_none_are_allowed() -> None:
    rng = np.random.default_rng(0)
    learner, item = np.repeat(np.arange(20), 10), rng.integers(0, 3, 200)
    log = make_log(learner, item, rng.integers(0, 2, 200), [list(range(40)), [], [3]])
    scores = fitted(log).predict(log)
    assert ((scores > 0.01) & (scores < 0.99)).all()


def test_a_skill_with_one_answer_is_held_to_the_others() -> None:
    log = small_log(0)
    lone = replace(log, skill=log.skill.copy(), skills=np.append(log.skills, "lone"))
    lone.skill[0] = len(log.skills)
    own = fitted(lone).learned.arrays["skill"][-2]
    assert np.abs(own).max() < 1


@pytest.mark.parametrize("answer", [0, 1])
def test_answers_that_are_parted_exactly_leave_the_weights_finite(answer: int) -> None:
    log = small_log(0)
    model = fitted(log.with_correct(np.full(len(log), answer)))
    assert all(np.isfinite(weights).all() for weights in model.learned.arrays.values())
    assert (np.abs(model.predict(log) - answer) < 0.01).all()


def test_a_history_of_100_000_answers_is_allowed() -> None:
    rng = np.random.default_rng(0)
    n = 100_000
    log = make_log(np.zeros(n, dtype=int), rng.integers(0, 50, n), rng.integers(0, 2, n), [[i % 7] for i in range(50)])
    assert np.isfinite(fitted(log).predict(log)).all()


def test_a_learner_who_got_the_item_right_before_is_expected_to_again() -> None:
    rng = np.random.default_rng(0)
    knows = rng.random((300, 10)) < 0.5  # which of ten items, all of one skill, each learner knows
    item = np.tile(np.arange(10), (300, 2))
    correct = rng.random((300, 20)) < np.where(np.take_along_axis(knows, item, 1), 0.95, 0.05)
    train = make_log(np.repeat(np.arange(300), 20), item.ravel(), correct.ravel().astype(int), [[0]] * 10)
    test = make_log(np.zeros(4, dtype=int), np.array([0, 1, 0, 1]), np.array([1, 0, 1, 0]), [[0]] * 10)
    scores = fitted(train).predict(test)
    assert scores[2] > 0.8
    assert scores[3] < 0.2
