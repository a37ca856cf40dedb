"""The joint Rasch model and the anchored difficulties against an optimiser of scipy."""

import numpy as np
import pytest
from scipy.optimize import minimize, minimize_scalar

from attain.data.simulate.exposure import exposed
from attain.metrics.items.difficulty import PRIOR_SD, SLOPE_SD, anchored, discrimination
from attain.metrics.items.rasch import ITEM_SD, LEARNER_SD, rasch


def _log_loss(logit: np.ndarray, correct: np.ndarray) -> float:
    return float(np.logaddexp(0, np.where(correct == 1, -logit, logit)).sum())


def test_joint_estimates_are_those_of_an_optimiser() -> None:
    world = exposed(np.random.default_rng(2), learners=40, items=15, answers=8)

    def loss(at: np.ndarray) -> float:
        theta, b = at[:40], at[40:]
        prior = (theta @ theta) / (2 * LEARNER_SD**2) + (b @ b) / (2 * ITEM_SD**2)
        return _log_loss(theta[world.learner] - b[world.item], world.correct) + float(prior)

    peer = minimize(loss, np.zeros(55), method="BFGS", options={"gtol": 1e-6})
    found = rasch(world.learner, world.item, world.correct, 40, 15)
    assert found.converged
    assert found.shrunk == pytest.approx(7 / 8)
    middle = peer.x[:40].mean()
    assert found.difficulty.b / found.shrunk == pytest.approx(peer.x[40:] - middle, abs=2e-3)
    assert found.ability / found.shrunk == pytest.approx(peer.x[:40] - middle, abs=2e-3)


def test_the_errors_of_items_count_what_is_not_known_of_abilities() -> None:
    """Against the inverse of the whole matrix of second derivatives, for differences from the mean of the items."""
    world = exposed(np.random.default_rng(3), learners=200, items=30, answers=6)
    found = rasch(world.learner, world.item, world.correct, 200, 30)
    theta, b = found.ability / found.shrunk, found.difficulty.b / found.shrunk
    p = 1 / (1 + np.exp(b[world.item] - theta[world.learner]))
    weight = np.zeros((200, 30))
    weight[world.learner, world.item] = p * (1 - p)
    of_learners = np.diag(weight.sum(axis=1) + 1 / LEARNER_SD**2)
    of_items = np.diag(weight.sum(axis=0) + 1 / ITEM_SD**2)
    whole = np.linalg.inv(np.block([[of_learners, -weight], [-weight.T, of_items]]))[200:, 200:]
    centre = np.eye(30) - 1 / 30
    exact = found.shrunk * np.sqrt(np.diag(centre @ whole @ centre))
    given_abilities = found.shrunk / np.sqrt(np.diag(of_items))
    assert np.median(found.difficulty.se / exact) == pytest.approx(1, abs=0.05)
    assert np.median(given_abilities / exact) < 0.94


def test_anchored_estimates_are_those_of_an_optimiser() -> None:
    rng = np.random.default_rng(0)
    ability = rng.normal(0.5, 1.2, 60)
    item = np.repeat([0, 1, 2], 20)
    correct = (rng.random(60) < 0.6).astype(int)
    correct[item == 2] = 1  # all right: finite by the prior
    found = anchored(item, correct, ability, 4)
    for code in range(3):
        own = item == code

        def loss(b: float, own: np.ndarray = own) -> float:
            return _log_loss(ability[own] - b, correct[own]) + b**2 / (2 * PRIOR_SD**2)

        assert found.b[code] == pytest.approx(minimize_scalar(loss).x, abs=1e-5)
        step = 1e-4
        curvature = (loss(found.b[code] + step) - 2 * loss(found.b[code]) + loss(found.b[code] - step)) / step**2
        assert found.se[code] == pytest.approx(curvature**-0.5, rel=1e-3)
    assert np.isfinite(found.b[2])
    assert found.b[2] < found.b[:2].min()
    assert np.isnan(found.b[3])
    assert found.n.tolist() == [20, 20, 20, 0]


def test_answers_without_a_known_ability_do_not_count() -> None:
    ability = np.array([0.0, np.nan, 0.0, 0.0])
    found = anchored(np.zeros(4, int), np.array([1, 1, 0, 1]), ability, 1)
    assert found.n[0] == 3
    assert found.b[0] == pytest.approx(anchored(np.zeros(3, int), np.array([1, 0, 1]), np.zeros(3), 1).b[0])


def test_discriminations_are_those_of_an_optimiser() -> None:
    rng = np.random.default_rng(4)
    ability = rng.standard_normal(250)
    correct = (rng.random(250) < 1 / (1 + np.exp(-1.6 * ability + 0.4))).astype(int)

    def loss(at: np.ndarray) -> float:
        prior = (at[0] - 1) ** 2 / (2 * SLOPE_SD**2) + at[1] ** 2 / (2 * PRIOR_SD**2)
        return _log_loss(at[0] * ability + at[1], correct) + float(prior)

    peer = minimize(loss, np.array([1.0, 0.0]), method="BFGS")
    found = discrimination(np.zeros(250, int), correct, ability, 1)
    assert found.a[0] == pytest.approx(peer.x[0], abs=1e-4)
    assert found.se[0] == pytest.approx(peer.hess_inv[0, 0] ** 0.5, rel=0.05)


def test_learners_and_items_that_are_always_right_or_wrong_stay_finite() -> None:
    learner, item = np.repeat(np.arange(6), 4), np.tile(np.arange(4), 6)
    correct = np.ones(24, dtype=int)
    correct[item == 3] = 0
    found = rasch(learner, item, correct, 7, 5)
    assert np.isfinite(found.difficulty.b[:4]).all()
    assert found.difficulty.b[3] > found.difficulty.b[:3].max()
    assert np.isnan(found.difficulty.b[4])
    assert np.isfinite(found.ability[:6]).all()
    assert np.isnan(found.ability[6])


def test_one_learner_has_a_defined_value() -> None:
    found = rasch(np.zeros(3, int), np.arange(3), np.array([1, 0, 1]), 1, 3)
    assert np.isfinite(found.difficulty.b).all()
    assert found.difficulty.b[1] > found.difficulty.b[0]


def test_it_takes_well_under_a_second_for_sixty_thousand_answers() -> None:
    """A bound for a busy machine: alone it takes a sixth of a second."""
    import time

    world = exposed(np.random.default_rng(0))
    rasch(world.learner[:100], world.item[:100], world.correct[:100], 2000, 200)  # compiled
    begin = time.process_time()
    rasch(world.learner, world.item, world.correct, 2000, 200)
    assert time.process_time() - begin < 1
