import numpy as np
import pytest
from scipy.sparse import csr_array
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from attain.models import _logistic
from attain.models._logistic import fit_logistic


def test_the_weights_are_those_of_a_second_implementation() -> None:
    rng = np.random.default_rng(0)
    columns = rng.normal(size=(300, 6)) * (rng.random((300, 6)) < 0.5)
    target = (rng.random(300) < expit(columns @ rng.normal(size=6))).astype(int)
    found = fit_logistic(csr_array(columns), target, np.full(6, 0.5))
    peer = LogisticRegression(C=2, fit_intercept=False, tol=1e-10, max_iter=1000).fit(columns, target)
    np.testing.assert_allclose(found, peer.coef_[0], atol=1e-5)


def test_columns_that_part_the_answers_exactly_are_held_by_the_penalty() -> None:
    columns = csr_array(np.array([[1.0, 100], [-1, 0], [1, 100], [-1, 0]]))
    found = fit_logistic(columns, np.array([1, 0, 1, 0]), np.array([1.0, 1e-6]))
    assert np.isfinite(found).all()
    assert (expit(columns @ found) > 0.5).tolist() == [True, False, True, False]


@pytest.mark.parametrize("large", [0, 3, 100])
def test_single_and_loose_columns_change_the_way_not_the_weights(large: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(1)
    columns = np.column_stack(
        [np.eye(5)[rng.integers(0, 5, 400)], rng.normal(size=(400, 3)), np.eye(20)[np.arange(400) % 20]]
    )
    target = (rng.random(400) < expit(columns @ rng.normal(size=28))).astype(int)
    peer = LogisticRegression(fit_intercept=False, tol=1e-12, max_iter=5000).fit(columns, target)
    monkeypatch.setattr(_logistic, "LARGE", large)
    monkeypatch.setattr(_logistic, "LARGEST", large)
    found = fit_logistic(csr_array(columns), target, np.ones(28), single=5, loose=20)
    np.testing.assert_allclose(found, peer.coef_[0], atol=1e-5)
