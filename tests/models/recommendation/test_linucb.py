from typing import ClassVar

import numpy as np

from attain.models.recommendation.linucb import LinUCB
from attain.tasks.context import FitContext
from attain.testing.recommender import RecommenderTests
from attain.testing.small_choices import small_choices


class TestLinUCB(RecommenderTests):
    model = LinUCB
    at_least_hits: ClassVar = 0.35


def test_the_bonus_is_the_standard_deviation_of_the_estimate() -> None:
    log = small_choices(0)
    scores = {}
    for bonus in (0.0, 1.0):
        model = LinUCB.create(bonus=bonus)
        model.fit(log, FitContext(rng=np.random.default_rng(0)))
        scores[bonus] = np.asarray(model.score(log, log.present), dtype=float)
    x = model._features(log, log.present)[4, 7]
    inverse = model.learned.arrays["inverse"].astype(float)
    np.testing.assert_allclose(scores[1.0][4, 7] - scores[0.0][4, 7], np.sqrt(x @ inverse @ x), rtol=1e-4)


def test_weights_are_the_ridge_regression_of_what_was_taken_next() -> None:
    log = small_choices(0)
    model = LinUCB.create(ridge=3)
    model.fit(log, FitContext(rng=np.random.default_rng(0)))
    generator = np.random.default_rng(0)
    generator.permutation(len(log.present))
    x, y = model._decisions(log, log.present, generator)
    expected = np.linalg.solve(x.T @ x + 3 * np.eye(x.shape[1]), x.T @ y)
    np.testing.assert_allclose(model.learned.arrays["weight"].astype(float), expected, rtol=1e-8)
