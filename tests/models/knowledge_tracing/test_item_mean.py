import numpy as np

from attain.models.knowledge_tracing.item_mean import ItemMean
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log


class TestItemMean(KnowledgeTracerTests):
    model = ItemMean


def test_an_items_answers_are_mixed_with_imagined_ones_and_an_unseen_item_is_like_all() -> None:
    model = ItemMean.create(shrink=2)
    log = make_log(np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1]), np.array([1, 1, 0, 1]), [[0], [1], [0]])
    model.fit(log, FitContext())
    test = make_log(np.zeros(3, dtype=int), np.arange(3), np.zeros(3, dtype=int), [[0], [1], [0]])
    np.testing.assert_allclose(model.predict(test), [(2 + 1.5) / 4, (1 + 1.5) / 4, 0.75])
