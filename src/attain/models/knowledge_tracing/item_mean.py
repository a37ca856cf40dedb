"""The item's share of right answers in training: the floor that a model of learners should beat."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.interactions import Interactions, recode
from attain.models._saved import Learned, Saved
from attain.models._seen import only_seen
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer


class ItemMeanParams(Params):
    """Parameters of `item_mean`."""

    shrink: float = Field(default=5, gt=0)
    """How many answers to all items the item's own are mixed with."""


class ItemMean(Saved, KnowledgeTracer):
    """The mean of the training answers to the item, and of `shrink` imagined ones, right as often as all are.

    It knows nothing of learners and nothing of skills; `prior_rate` mixes with answers to the same skills instead.
    """

    name = "item_mean"
    params: ItemMeanParams
    learned: Learned
    """Arrays `overall` (1,) and `rate` (n_items,)."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        log = only_seen(log)
        shrink, overall = self.params.shrink, float(log.correct.mean())
        right, answers = np.bincount(log.item, weights=log.correct), np.bincount(log.item)
        rate = (right + shrink * overall) / (answers + shrink)
        self.learned = Learned({"overall": np.array([overall]), "rate": rate}, {"items": log.items})

    def predict(self, log: Interactions) -> NDArray[np.float64]:
        """See `KnowledgeTracer.predict`."""
        arrays = self.learned.arrays
        rate = np.append(arrays["rate"], arrays["overall"])
        return np.asarray(rate[recode(log.items, self.learned.names["items"])[log.item]])
