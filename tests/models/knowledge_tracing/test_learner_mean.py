import numpy as np

from attain.models.knowledge_tracing.learner_mean import LearnerMean
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log


class TestLearnerMean(KnowledgeTracerTests):
    model = LearnerMean


def test_earlier_answers_are_mixed_with_imagined_ones() -> None:
    model = LearnerMean.create(shrink=2)
    zeros = np.zeros(4, dtype=int)
    model.fit(make_log(zeros, zeros, np.array([1, 1, 1, 0]), [[0]]), FitContext())
    log = make_log(np.array([0, 0, 0, 1]), zeros, np.array([1, 0, 1, 1]), [[0]])
    np.testing.assert_allclose(model.predict(log), [0.75, (1 + 1.5) / 3, (1 + 1.5) / 4, 0.75])
