from typing import ClassVar

import numpy as np

from attain.models.recommendation.popularity import Popularity
from attain.tasks.context import FitContext
from attain.testing.recommender import RecommenderTests
from attain.testing.small_choices import small_choices


class TestPopularity(RecommenderTests):
    model = Popularity
    at_least_hits: ClassVar = 0.2


def test_an_item_counts_each_learner_who_took_it_once() -> None:
    log = small_choices(0)
    model = Popularity()
    model.fit(log, FitContext())
    takers = [len(set(log.learner[log.item == item])) for item in range(len(log.items))]
    np.testing.assert_array_equal(model.score(log, log.present)[0], takers)
