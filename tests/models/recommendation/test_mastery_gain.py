from typing import ClassVar

import numpy as np

from attain.models.knowledge_tracing.bkt import BKT
from attain.models.recommendation.mastery_gain import MasteryGain
from attain.tasks.context import FitContext
from attain.testing.recommender import RecommenderTests
from attain.testing.small_choices import SKILLS, small_choices


class TestMasteryGain(RecommenderTests):
    model = MasteryGain
    needs_answers: ClassVar = True
    at_least_hits: ClassVar = 0.1


def test_for_bkt_it_is_the_chance_to_learn_times_what_knowing_changes() -> None:
    log = small_choices(0)
    model = MasteryGain.create(prerequisites=False)
    model.fit(log, FitContext())
    tracer = BKT()
    tracer.fit(log.interactions, FitContext())
    prior, learn, guess, slip = (tracer.learned.values[:SKILLS, k] for k in range(4))
    nobody = log.take(np.zeros(len(log), dtype=bool))
    scores = np.asarray(model.score(nobody, np.array([0], dtype=np.int32)))[0, :SKILLS]
    np.testing.assert_allclose(scores, (1 - prior) * learn * (1 - guess - slip), atol=2e-4)
