"""Classical statistics against values worked out by hand, and by scipy."""

import numpy as np
import pytest
from scipy.stats import pearsonr

from attain.metrics.items.classical import classical


def test_a_table_worked_out_by_hand() -> None:
    """Learners 0 to 3; items a, b, c, and d that nobody answered; learner 3 answered only a."""
    learner = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2, 3])
    item = np.array([0, 1, 2, 0, 1, 2, 0, 1, 2, 0])
    correct = np.array([1, 1, 0, 1, 0, 0, 0, 0, 1, 1])
    found = classical(learner, item, correct, 4)
    assert found.n.tolist() == [4, 3, 3, 0]
    assert found.right.tolist() == [3, 1, 1, 0]
    assert found.p[:3].tolist() == [0.75, 1 / 3, 1 / 3]
    assert np.isnan([found.p[3], found.low[3], found.item_rest[3]]).all()
    rest_of_a = [0.5, 0.0, 0.5]  # learner 3 has no other answer
    assert found.item_rest[0] == pytest.approx(pearsonr([1, 1, 0], rest_of_a)[0])
    assert found.item_rest_n.tolist() == [3, 3, 3, 0]
    assert found.item_rest_se[0] == pytest.approx((1 - found.item_rest[0] ** 2) / np.sqrt(2))


def test_an_item_that_all_got_right_has_a_share_with_an_interval_and_no_correlation() -> None:
    found = classical(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 0, 1]), np.array([1, 0, 1, 1, 1, 0]), 2)
    assert found.p[0] == 1
    assert 0 < found.low[0] < 1 == found.high[0]
    assert np.isnan(found.item_rest[0])


@pytest.mark.parametrize(("n", "error"), [(30, 0.19), (100, 0.10), (300, 0.06)])
def test_the_error_of_an_item_rest_correlation_is_that_of_its_spread_over_samples(n: int, error: float) -> None:
    """As a simulation found it before: 0.19, 0.10 and 0.06 at 30, 100 and 300 answers."""
    rng = np.random.default_rng(0)
    values, said = [], []
    for _ in range(200):
        ability = rng.standard_normal(n)
        correct = (rng.random((n, 20)) < 1 / (1 + np.exp(-ability[:, None]))).astype(int)
        found = classical(np.repeat(np.arange(n), 20), np.tile(np.arange(20), n), correct.ravel(), 20)
        values.append(found.item_rest[0])
        said.append(found.item_rest_se[0])
    assert np.std(values) == pytest.approx(np.mean(said), rel=0.15)
    assert np.std(values) == pytest.approx(error, abs=0.035)
