from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.models.recommendation.thompson import Thompson
from attain.tasks.context import FitContext
from attain.testing.recommender import RecommenderTests
from attain.testing.small_choices import small_choices


class TestThompson(RecommenderTests):
    model = Thompson
    at_least_hits: ClassVar = 0.2


def test_draws_have_the_mean_of_the_posterior() -> None:
    log = small_choices(0, learners=2000)
    model = Thompson.create(reward="correct", prior=2)
    model.fit(log, FitContext())
    assert log.correct is not None
    right = np.bincount(log.item[log.correct == 1], minlength=24)
    expected = (2 + right) / (4 + np.bincount(log.item, minlength=24))
    np.testing.assert_allclose(np.asarray(model.score(log, log.present)).mean(axis=0), expected, atol=0.01)


def test_a_reward_of_right_answers_needs_answers() -> None:
    with pytest.raises(UserError, match="needs right and wrong answers"):
        Thompson.create(reward="correct").check_data(replace(small_choices(0), correct=None))
