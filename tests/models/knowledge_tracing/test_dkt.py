from typing import ClassVar

import numpy as np
import pytest

from attain.data.interactions import Interactions
from attain.models.knowledge_tracing.dkt import DKT
from attain.models.knowledge_tracing.prior_rate import PriorRate
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log

pytest.importorskip("torch", reason="torch is not installed")
SMALL: dict[str, object] = {"epochs": 2, "hidden": 8, "window": 7, "batch": 4}


class TestDKT(KnowledgeTracerTests):
    model = DKT
    params: ClassVar = SMALL
    tolerance = 1e-6


class TestDKTOfGatedUnits(KnowledgeTracerTests):
    model = DKT
    params: ClassVar = {"cell": "gru", "layers": 2, "epochs": 2, "hidden": 8, "item_bias": False}
    tolerance = 1e-6


def fitted(log: Interactions, **params: object) -> DKT:
    model = DKT.create(**params)
    model.fit(log, FitContext(rng=np.random.default_rng(0)))
    return model


def alternating(seed: int, learners: int = 60, length: int = 24) -> Interactions:
    """Each learner answers right and wrong in turn, on one item; half of them begin with a wrong answer."""
    rng = np.random.default_rng(seed)
    correct = (np.arange(length) + rng.integers(0, 2, learners)[:, None]) % 2
    return make_log(np.repeat(np.arange(learners), length), np.zeros(learners * length, int), correct.ravel(), [[0]])


def log_loss(log: Interactions, scores: np.ndarray) -> float:
    return float(-np.log(np.where(log.correct, scores, 1 - scores)).mean())


def test_a_pattern_in_time_is_learned_that_rates_cannot_see() -> None:
    train, test = alternating(0), alternating(1)
    prior = PriorRate.create()
    prior.fit(train, FitContext())
    model = fitted(train, hidden=8, epochs=20, patience=20, batch=4, learning_rate=0.02)
    later = test.take(test.step > 0)
    assert log_loss(later, model.predict(test)[test.step > 0]) < 0.2
    assert log_loss(later, prior.predict(test)[test.step > 0]) > 0.6


def test_the_state_is_carried_over_windows() -> None:
    log = alternating(1)
    model = fitted(alternating(0), hidden=8, epochs=20, patience=20, batch=4, learning_rate=0.02, window=3)
    assert log_loss(log.take(log.step > 0), model.predict(log)[log.step > 0]) < 0.2


@pytest.mark.parametrize("item_bias", [True, False])
def test_items_of_one_skill_are_told_apart_by_their_biases_alone(item_bias: bool) -> None:
    rng = np.random.default_rng(0)
    item = rng.integers(0, 2, 3000)
    correct = (rng.random(3000) < np.where(item, 0.9, 0.1)).astype(int)
    log = make_log(np.repeat(np.arange(150), 20), item, correct, [[0], [0]])
    scores = fitted(log, hidden=4, epochs=4, learning_rate=0.01, item_bias=item_bias).predict(log)
    apart = scores[item == 1].mean() - scores[item == 0].mean()
    assert apart > 0.2 if item_bias else abs(apart) < 0.02
