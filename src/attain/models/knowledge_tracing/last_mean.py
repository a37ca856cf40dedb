"""The share of right ones among the learner's last few answers: what a teacher at a glance would say."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.interactions import Interactions
from attain.models._saved import Learned, Saved
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer


class LastMeanParams(Params):
    """Parameters of `last_mean`."""

    answers: int = Field(default=5, ge=1)
    """How many of the learner's last answers count."""
    shrink: float = Field(default=3, gt=0)
    """How many answers of all training learners they are mixed with."""


class LastMean(Saved, KnowledgeTracer):
    """The mean of the learner's last answers, whatever they were to, and of `shrink` imagined ones.

    The imagined answers are right as often as those of training, so a first answer is expected to be like all.
    """

    name = "last_mean"
    params: LastMeanParams
    learned: Learned
    """Array `overall` (1,): the share of right answers in training."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        self.learned = Learned({"overall": np.array([log.correct.mean()])}, {})

    def predict(self, log: Interactions) -> NDArray[np.float64]:
        """See `KnowledgeTracer.predict`."""
        shrink, overall = self.params.shrink, float(self.learned.arrays["overall"][0])
        counted = np.minimum(log.step, self.params.answers)
        until = np.concatenate([[0], np.cumsum(log.correct, dtype=np.int64)])
        row = np.arange(len(log))
        right = until[row] - until[row - counted]
        return np.asarray((right + shrink * overall) / (counted + shrink))
