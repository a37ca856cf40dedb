import numpy as np
import pytest

from attain.audit.within import detectable_within, mantel_haenszel, sato_interval


def test_the_weighted_difference_is_that_of_the_strata_one_by_one() -> None:
    x, n, y, m = np.array([5, 8, 0]), np.array([10, 20, 0]), np.array([1, 9, 3]), np.array([20, 30, 9])
    weights = [10 * 20 / 30, 20 * 30 / 50]
    apart = [5 / 10 - 1 / 20, 8 / 20 - 9 / 30]
    assert mantel_haenszel(x, n, y, m) == pytest.approx(np.average(apart, weights=weights))


def test_strata_that_hold_one_side_only_have_no_difference() -> None:
    assert np.isnan(mantel_haenszel([1], [2], [0], [0]))
    assert np.isnan(sato_interval(*(np.array([part]) for part in (1, 2, 0, 0)))).all()
    assert detectable_within(np.array([1]), np.array([2]), np.array([0]), alpha=0.05) == 1


def test_satos_interval_holds_the_true_difference_in_95_of_100_sparse_worlds() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(2000):
        n, m, base = rng.integers(3, 30, 12), rng.integers(3, 60, 12), rng.uniform(0.1, 0.5, 12)
        low, high = sato_interval(rng.binomial(n, base + 0.15), n, rng.binomial(m, base), m)
        held += low <= 0.15 <= high
    assert held / 2000 == pytest.approx(0.95, abs=0.015)
