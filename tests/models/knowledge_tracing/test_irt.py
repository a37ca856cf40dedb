from typing import ClassVar

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, logsumexp

from attain.data.interactions import Interactions
from attain.models.knowledge_tracing.irt import ABILITIES, IRT, PRIOR
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log


class TestIRT(KnowledgeTracerTests):
    model = IRT


class TestTwoParameterIRT(KnowledgeTracerTests):
    model = IRT
    params: ClassVar = {"kind": "2pl"}


class TestIRTOfItemsOnly(KnowledgeTracerTests):
    model = IRT
    params: ClassVar = {"ability": "none"}


def simulated(seed: int, learners: int, items: int, slope: float = 1.0) -> tuple[Interactions, np.ndarray]:
    """Everyone answers every item once; also the true ease of the items. Items 0, 2, 4 … are of skill 0."""
    rng = np.random.default_rng(seed)
    ease = rng.normal(0.5, 1, items)
    logit = slope * rng.normal(size=learners)[:, None] + ease
    correct = (rng.random(logit.shape) < expit(logit)).astype(int)
    learner = np.repeat(np.arange(learners), items)
    return make_log(
        learner, np.tile(np.arange(items), learners), correct.ravel(), [[i % 2] for i in range(items)]
    ), ease


def log_posterior(x: np.ndarray, log: Interactions, items: int) -> float:
    """Of slope, ease of items, ease of two skills and their mean: written down anew."""
    slope, ease, skill_ease, mean = x[0], x[1 : items + 1], x[items + 1 : items + 3], x[-1]
    logit = slope * ABILITIES + ease[log.item][:, None]
    of_row = np.where(log.correct[:, None] == 1, -np.logaddexp(0, -logit), -np.logaddexp(0, logit))
    of_learner = np.add.reduceat(of_row, log.learner_start[:-1])
    prior = ((ease - skill_ease[np.arange(items) % 2]) ** 2).sum() + ((skill_ease - mean) ** 2).sum()
    return float(logsumexp(of_learner + np.log(PRIOR), axis=1).sum() - prior / 2)


def test_the_fit_is_the_maximum_of_the_log_posterior() -> None:
    log, _ = simulated(0, 60, 6)
    model = IRT.create(tolerance=1e-12, max_iterations=2000)
    model.fit(log, FitContext())
    found = minimize(lambda x: -log_posterior(x, log, 6), np.concatenate([[1], np.zeros(9)]), tol=1e-8).x
    arrays = model.learned.arrays
    np.testing.assert_allclose(arrays["slope"], found[0], atol=1e-3)
    np.testing.assert_allclose(arrays["ease"], found[1:7], atol=1e-3)
    np.testing.assert_allclose(arrays["skill_ease"], found[7:9], atol=1e-3)


def test_the_true_ease_of_items_is_found_again() -> None:
    log, ease = simulated(1, 1500, 20, slope=1.3)
    model = IRT.create()
    model.fit(log, FitContext())
    np.testing.assert_allclose(model.learned.arrays["ease"], ease, atol=0.25)
    assert model.learned.arrays["mean"][1] == pytest.approx(1.3, abs=0.15)


def test_items_that_tell_abilities_apart_get_a_steeper_slope() -> None:
    rng = np.random.default_rng(2)
    slopes = np.tile([0.3, 2.0], 5)
    logit = rng.normal(size=1000)[:, None] * slopes
    correct = (rng.random(logit.shape) < expit(logit)).astype(int)
    learner = np.repeat(np.arange(1000), 10)
    log = make_log(learner, np.tile(np.arange(10), 1000), correct.ravel(), [[0]] * 10)
    model = IRT.create(kind="2pl")
    model.fit(log, FitContext())
    found = model.learned.arrays["slope"]
    assert found[1::2].min() > found[::2].max() + 0.5


def test_a_score_is_the_mean_over_abilities_given_the_earlier_answers() -> None:
    log, _ = simulated(0, 30, 6)
    model = IRT.create()
    model.fit(log, FitContext())
    ease, slope = model.learned.arrays["ease"], model.learned.arrays["slope"]
    by_hand = []
    for who in range(30):
        rows = np.flatnonzero(log.learner == who)
        right = expit(slope[log.item[rows]][:, None] * ABILITIES + ease[log.item[rows]][:, None])
        for t in range(len(rows)):
            said = np.where(log.correct[rows[:t]][:, None] == 1, right[:t], 1 - right[:t])
            weight = PRIOR * said.prod(axis=0)
            by_hand.append((weight * right[t]).sum() / weight.sum())
    np.testing.assert_allclose(model.predict(log), by_hand)


def test_an_unseen_item_is_as_easy_as_its_skill() -> None:
    rng = np.random.default_rng(0)
    item = np.tile(np.arange(4), 100)
    correct = rng.random(400) < np.where(item % 2, 0.9, 0.2)
    skills = [[0], [1], [0], [1], [0], [1], []]
    model = IRT.create()
    model.fit(make_log(np.repeat(np.arange(100), 4), item, correct.astype(int), skills), FitContext())
    hard, easy, bare = model.predict(make_log(np.arange(3), np.array([4, 5, 6]), np.zeros(3, dtype=int), skills))
    assert hard < 0.35 < bare < 0.75 < easy
