import numpy as np

from attain.models.knowledge_tracing.last_mean import LastMean
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log


class TestLastMean(KnowledgeTracerTests):
    model = LastMean


def test_only_the_last_answers_count() -> None:
    model = LastMean.create(answers=2, shrink=1)
    zeros = np.zeros(5, dtype=int)
    model.fit(make_log(zeros, zeros, np.array([1, 1, 0, 0, 0]), [[0]]), FitContext())
    log = make_log(np.array([0, 0, 0, 0, 1]), zeros, np.array([1, 1, 0, 0, 1]), [[0]])
    np.testing.assert_allclose(model.predict(log), [0.4, (1 + 0.4) / 2, (2 + 0.4) / 3, (1 + 0.4) / 3, 0.4])
