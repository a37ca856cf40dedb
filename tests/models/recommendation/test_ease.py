from typing import ClassVar

import numpy as np

from attain.models.recommendation.ease import EASE, _mirror
from attain.tasks.context import FitContext
from attain.testing.recommender import RecommenderTests
from attain.testing.small_choices import small_choices


class TestEASE(RecommenderTests):
    model = EASE
    params: ClassVar = {"ridge": 20}
    tolerance = 1e-6


def test_weights_are_those_of_the_closed_form() -> None:
    log = small_choices(0)
    model = EASE.create(ridge=20)
    model.fit(log, FitContext())
    took = np.zeros((len(log.learners), len(log.items)))
    took[log.learner, log.item] = 1
    inverse = np.linalg.inv(took.T @ took + 20 * np.eye(len(log.items)))
    weight = inverse / -np.diag(inverse)
    np.fill_diagonal(weight, 0)
    np.testing.assert_allclose(model.score(log, log.present), took @ weight, atol=1e-5)


def test_each_item_is_the_ridge_regression_on_the_others() -> None:
    log = small_choices(0)
    model = EASE.create(ridge=5)
    model.fit(log, FitContext())
    took = np.zeros((len(log.learners), len(log.items)))
    took[log.learner, log.item] = 1
    others = np.delete(took, 3, axis=1)
    expected = np.linalg.solve(others.T @ others + 5 * np.eye(others.shape[1]), others.T @ took[:, 3])
    found = np.delete(model.learned.arrays["weight"][:, 3].astype(float), 3)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_the_lower_half_of_a_table_larger_than_a_block_is_filled() -> None:
    square = np.random.default_rng(0).random((1100, 1100)).astype(np.float32)
    expected = np.triu(square) + np.triu(square, 1).T
    _mirror(square)
    np.testing.assert_array_equal(square, expected)
