from itertools import permutations

import numpy as np

from attain.models.dropout_prediction._shapley import sampled_shapley

RNG = np.random.default_rng(0)
X, BACKGROUND = RNG.normal(size=(6, 5)), RNG.normal(size=(400, 5))
GROUP = np.array([0, 1, 1, 2, 3])


def crooked(x: np.ndarray) -> np.ndarray:
    return np.asarray(x[:, 0] * x[:, 1] + np.maximum(x[:, 2], 0) - x[:, 3] ** 2)


def exact(x: np.ndarray) -> np.ndarray:
    """Over every order of the features and every row of the background."""
    out, orders = np.zeros((len(x), 4)), list(permutations(range(4)))
    for row, values in enumerate(x):
        for order in orders:
            mixed = BACKGROUND.copy()
            before = crooked(mixed).mean()
            for feature in order:
                mixed[:, feature == GROUP] = values[feature == GROUP]
                after = crooked(mixed).mean()
                out[row, feature] += (after - before) / len(orders)
                before = after
    return out


def test_many_samples_come_to_the_values_over_all_orders() -> None:
    _, value = sampled_shapley(crooked, X, BACKGROUND, GROUP)
    assert np.abs(value - exact(X)).max() < 0.15
    assert np.abs(exact(X)).max() > 1


def test_they_add_up_exactly_and_a_feature_that_is_not_read_adds_nothing() -> None:
    base, value = sampled_shapley(crooked, X, BACKGROUND[:7], GROUP)
    np.testing.assert_allclose(base + value.sum(axis=1), crooked(X))
    assert (value[:, 3] == 0).all()


def test_for_a_line_they_are_the_distance_from_the_background_mean() -> None:
    weight = np.array([1.0, -2, 0.5, 0, 3])
    _, value = sampled_shapley(lambda x: x @ weight, X, BACKGROUND, GROUP)
    by_column = weight * (X - BACKGROUND.mean(axis=0))
    expected = np.stack([by_column[:, feature == GROUP].sum(axis=1) for feature in range(4)], axis=1)
    np.testing.assert_allclose(value, expected)


def test_no_rows_have_no_values() -> None:
    assert sampled_shapley(crooked, X[:0], BACKGROUND, GROUP)[1].shape == (0, 4)
