from typing import ClassVar

import numpy as np
import pytest

pytest.importorskip("implicit", reason="needs attain[cf]")

from attain.models.recommendation.bpr import BPR
from attain.tasks.context import FitContext
from attain.testing.recommender import RecommenderTests
from attain.testing.small_choices import small_choices


class TestBPR(RecommenderTests):
    model = BPR
    params: ClassVar = {"factors": 8}
    tolerance = 1e-5


def test_what_was_taken_is_ranked_above_what_was_not() -> None:
    log = small_choices(0)
    model = BPR.create(factors=16)
    model.fit(log, FitContext(rng=np.random.default_rng(0)))
    scores = np.asarray(model.score(log, log.present))
    took = np.zeros(scores.shape, dtype=bool)
    took[log.learner, log.item] = True
    above = [(row[own][:, None] > row[~own]).mean() for row, own in zip(scores, took, strict=True)]
    assert np.mean(above) > 0.95


def test_who_was_not_in_training_is_served_as_the_mean_of_all_others() -> None:
    log = small_choices(0)
    model = BPR.create(factors=8)
    model.fit(log.of_learners(log.present[1:]), FitContext())
    scores = np.asarray(model.score(log, log.present))
    np.testing.assert_allclose(scores[0], scores[1:].mean(axis=0), atol=1e-4)
