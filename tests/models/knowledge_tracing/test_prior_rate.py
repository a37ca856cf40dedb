import numpy as np

from attain.models.knowledge_tracing.prior_rate import PriorRate
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log


class TestPriorRate(KnowledgeTracerTests):
    model = PriorRate


def test_an_item_leans_on_its_skill_and_the_skill_on_all_answers() -> None:
    log = make_log(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), np.array([1, 1, 0, 1]), [[0], [1], [0]])
    model = PriorRate.create(shrink=2)
    model.fit(log, FitContext())
    skill_0 = (2 + 2 * 0.75) / (2 + 2)  # all right in two answers, against 3 of 4 overall
    skill_1 = (1 + 2 * 0.75) / (2 + 2)
    expected = [(2 + 2 * skill_0) / 4, (2 + 2 * skill_0) / 4, (1 + 2 * skill_1) / 4, (1 + 2 * skill_1) / 4]
    np.testing.assert_allclose(model.predict(log), expected)


def test_an_unseen_item_is_as_hard_as_its_skill() -> None:
    log = make_log(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), np.array([1, 1, 0, 1]), [[0], [1], [0]])
    model = PriorRate.create(shrink=2)
    model.fit(log, FitContext())
    unseen = make_log(np.array([0]), np.array([2]), np.array([0]), [[0], [1], [0]])
    np.testing.assert_allclose(model.predict(unseen), [(2 + 2 * 0.75) / 4])
