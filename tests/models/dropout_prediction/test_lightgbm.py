from typing import ClassVar

import numpy as np
import pytest

pytest.importorskip("lightgbm")

from attain.models.dropout_prediction._shapley import sampled_shapley
from attain.models.dropout_prediction.lightgbm import LightGBM
from attain.tasks.context import FitContext
from attain.testing.dropout_predictor import ExplainsTests
from attain.testing.small_enrolments import small_enrolments


class TestLightGBM(ExplainsTests):
    model = LightGBM
    params: ClassVar = {"trees": 10}


def test_its_own_contributions_are_near_those_by_sampling() -> None:
    log = small_enrolments(0, learners=400)
    model = LightGBM.create(trees=20)
    model.fit(log, FitContext())
    x, names = model.matrix(log, model.features(log)), np.array(model.sources())
    group = np.unique(names, return_inverse=True)[1]

    def odds(rows: np.ndarray) -> np.ndarray:
        return np.asarray(model.fitted.predict(rows, raw_score=True))

    own = model.contributions(x[:60], group)[1]
    sampled = sampled_shapley(odds, x[:60], x[60:160], group)[1]
    assert np.corrcoef(own.ravel(), sampled.ravel())[0, 1] > 0.9
