"""Targets against difficulties: scipy's rank correlation, and intervals that hold the truth."""

import numpy as np
import pytest
from scipy.stats import binom, spearmanr

from attain.metrics.items.difficulty import PRIOR_SD, anchored
from attain.metrics.items.targets import against_target, mean_interval, resampled, spearman


def test_the_rank_correlation_is_scipys_with_ties() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.integers(1, 6, 40).astype(float), rng.standard_normal(40).round(1)
    assert spearman(x, y) == pytest.approx(spearmanr(x, y).statistic)
    assert np.isnan(spearman(np.ones(5), np.arange(5.0)))


@pytest.mark.parametrize("noise", [0.3, 1.5])
def test_the_interval_for_these_items_holds_the_correlation_of_their_true_difficulties(noise: float) -> None:
    """Nominally 95 %; at least 85 % is asked of so small a bootstrap, by a binomial bound over 60 worlds."""
    inside = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        target = np.repeat(np.arange(5.0), 6)
        b = 0.5 * (target - 2) + noise * rng.standard_normal(30)
        item = np.repeat(np.arange(30), 60)
        ability = rng.standard_normal(len(item))
        correct = rng.random(len(item)) < 1 / (1 + np.exp(b[item] - ability))
        found = anchored(item, correct, ability, 30)
        drawn = resampled(item, correct, ability, found.b, PRIOR_SD, replicates=200, seed=seed)
        same = against_target(target, found.b, drawn, 2.0, seed=seed).rank_same
        assert same.low is not None
        assert same.high is not None
        inside += same.low <= spearman(target, b) <= same.high
    assert inside >= binom.ppf(0.001, 60, 0.85)


def test_the_interval_for_new_items_holds_the_correlation_of_the_generator() -> None:
    inside = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        target = np.repeat(np.arange(5.0), 8)
        b = 0.5 * target + rng.standard_normal(40)
        many = np.random.default_rng(99)
        whole = np.repeat(np.arange(5.0), 2000)
        truth = spearman(whole, 0.5 * whole + many.standard_normal(10000))
        found = against_target(target, b, np.empty((0, 40)), 2.0, seed=seed)
        assert found.rank_same.low is None
        assert found.rank.low is not None
        assert found.rank.high is not None
        inside += found.rank.low <= truth <= found.rank.high
        assert found.slope.value == pytest.approx(np.polyfit(target, b, 1)[0])
        assert found.at_middle.value == pytest.approx(np.polyval(np.polyfit(target, b, 1), 2.0))
    assert inside >= binom.ppf(0.001, 60, 0.93)


def test_resampled_difficulties_vary_as_the_standard_error_says() -> None:
    rng = np.random.default_rng(1)
    item = np.repeat(np.arange(20), 150)
    ability = rng.standard_normal(len(item))
    correct = rng.random(len(item)) < 1 / (1 + np.exp(-ability))
    found = anchored(item, correct, ability, 21)
    drawn = resampled(item, correct, ability, found.b, PRIOR_SD, replicates=400)
    assert drawn[:, :20].std(axis=0).mean() == pytest.approx(found.se[:20].mean(), rel=0.1)
    assert drawn[:, :20].mean(axis=0) == pytest.approx(found.b[:20], abs=0.06)
    assert np.isnan(drawn[:, 20]).all(), "an item without answers"
    again = resampled(item, correct, ability, found.b, PRIOR_SD, replicates=400)
    assert np.array_equal(drawn, again, equal_nan=True)


def test_too_few_items_or_one_target_have_a_reason() -> None:
    few = against_target(np.arange(4.0), np.arange(4.0), np.empty((0, 4)), 0.0)
    assert (few.rank.value, few.reason) == (None, "fewer than 5 items with enough answers")
    alike = against_target(np.ones(9), np.arange(9.0), np.empty((0, 9)), 0.0)
    assert alike.reason == "all items with enough answers have the same target"


def test_a_mean_of_two_has_no_interval_and_of_none_no_value() -> None:
    assert (mean_interval(np.array([1.0, 3.0])).value, mean_interval(np.array([1.0, 3.0])).low) == (2.0, None)
    assert mean_interval(np.empty(0)).value is None
