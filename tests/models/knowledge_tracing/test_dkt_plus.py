from typing import Any

import numpy as np
import pytest

from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS
from attain.testing.small import small_log

pytest.importorskip("torch", reason="torch is not installed")
PLAIN: dict[str, object] = {"reconstruction": 0, "waviness_absolute": 0, "waviness_squared": 0}


def fitted(name: str, **params: object) -> Any:  # its class needs torch
    model = MODELS.get(name).create(epochs=8, patience=8, hidden=8, batch=4, dropout=0, **params)
    model.fit(small_log(0), FitContext(np.random.default_rng(0)))
    return model


def test_without_its_terms_it_is_dkt() -> None:
    log = small_log(1)
    np.testing.assert_allclose(fitted("dkt_plus", **PLAIN).predict(log), fitted("dkt").predict(log), atol=1e-6)


def test_waviness_makes_predictions_of_a_skill_change_less_from_answer_to_answer() -> None:
    log = small_log(1)
    alone = log.take(log.skill_start[1:] - log.skill_start[:-1] == 1)
    plain, steady = (fitted("dkt_plus", **PLAIN | more).mastery(alone) for more in ({}, {"waviness_squared": 300.0}))
    same = (np.diff(alone.skill) == 0) & (np.diff(alone.learner) == 0)
    assert np.abs(np.diff(steady)[same]).mean() < 0.7 * np.abs(np.diff(plain)[same]).mean()


def test_reconstruction_lets_a_right_answer_raise_the_prediction_for_its_skill() -> None:
    log = small_log(1)
    known = fitted("dkt_plus", **PLAIN | {"reconstruction": 3.0}).mastery(log)
    plain = fitted("dkt_plus", **PLAIN).mastery(log)
    right = np.repeat(log.correct, np.diff(log.skill_start)) == 1
    assert known[right].mean() - known[~right].mean() > 1.2 * (plain[right].mean() - plain[~right].mean())
