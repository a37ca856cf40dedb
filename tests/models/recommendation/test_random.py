from typing import ClassVar

import numpy as np

from attain.models.recommendation.random import Random
from attain.tasks.context import FitContext
from attain.testing.recommender import RecommenderTests
from attain.testing.small_choices import small_choices


class TestRandom(RecommenderTests):
    model = Random
    at_least_hits: ClassVar = 0.3


def test_scores_are_spread_evenly_and_not_alike_among_learners() -> None:
    log = small_choices(0, learners=400)
    model = Random()
    model.fit(log, FitContext())
    scores = np.asarray(model.score(log, log.present)) / 2**24
    assert abs(scores.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(scores)[np.triu_indices(400, 1)].mean()) < 0.01
