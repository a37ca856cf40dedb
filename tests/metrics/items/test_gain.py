"""Growth by kind of item: found where generated items teach, not found where nothing does."""

import numpy as np
import pytest
from scipy.stats import binom

from attain.metrics.items.gain import Gain, gain_by_kind


def _world(seed: int, *, teaches: float, learners: int = 150, answers: int = 40) -> Gain:
    """Learners of which the able meet generated items more often, each of which adds `teaches` to their ability."""
    rng = np.random.default_rng(seed)
    theta = rng.standard_normal(learners)
    learner = np.repeat(np.arange(learners), answers)
    b = 0.7 * theta[learner] + rng.standard_normal(len(learner))  # able learners are given harder items
    generated = rng.random(len(learner)) < 0.3 + 0.4 * (theta > 0)[learner]
    met = np.cumsum(generated) - np.repeat(np.cumsum(generated)[::answers] - generated[::answers], answers)
    correct = rng.random(len(learner)) < 1 / (1 + np.exp(b - theta[learner] - teaches * met))
    return gain_by_kind(learner, b, correct.astype(int), generated, seed=seed)


def test_where_nobody_learns_the_interval_holds_zero_though_the_able_met_more() -> None:
    found = [_world(seed, teaches=0.0) for seed in range(40)]
    outside = sum(not one.low <= 0 <= one.high for one in found)
    assert outside <= binom.ppf(0.9999, 40, 0.06)


def test_where_generated_items_teach_it_is_above_zero() -> None:
    found = _world(0, teaches=0.06, learners=600)
    assert found.low is not None
    assert found.low > 0


@pytest.mark.parametrize(
    ("learners", "generated", "why"), [(10, 0.5, "fewer than 30 learners"), (50, 0.0, "the same share")]
)
def test_where_it_is_not_defined_the_reason_is_said(learners: int, generated: float, why: str) -> None:
    rng = np.random.default_rng(0)
    learner = np.repeat(np.arange(learners), 20)
    kind = rng.random(len(learner)) < generated
    found = gain_by_kind(learner, np.zeros(len(learner)), rng.integers(2, size=len(learner)), kind)
    assert found.gain is None
    assert why in found.reason
