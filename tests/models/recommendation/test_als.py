from typing import ClassVar

import numpy as np
import pytest

pytest.importorskip("implicit", reason="needs attain[cf]")

from attain.models.recommendation.als import ALS
from attain.tasks.context import FitContext
from attain.testing.recommender import RecommenderTests
from attain.testing.small_choices import small_choices


class TestALS(RecommenderTests):
    model = ALS
    params: ClassVar = {"factors": 4}
    tolerance = 1e-4


def test_a_learner_s_factors_solve_the_weighted_least_squares() -> None:
    log = small_choices(0)
    model = ALS.create(factors=6, confidence=7, regularization=0.3)
    model.fit(log, FitContext())
    item = model.learned.arrays["item"].astype(float)
    learner = 5
    weight = np.ones(len(log.items))
    weight[log.item[log.learner == learner]] = 7
    took = (weight > 1).astype(float)
    factors = np.linalg.solve(item.T @ (weight[:, None] * item) + 0.3 * np.eye(6), item.T @ (weight * took))
    np.testing.assert_allclose(model.score(log, log.present)[learner], item @ factors, atol=1e-4)
