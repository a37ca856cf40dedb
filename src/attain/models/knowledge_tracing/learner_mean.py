"""The learner's own share of right answers so far: the floor that a model of items and skills should beat."""

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.interactions import Interactions
from attain.models._saved import Learned, Saved
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer


class LearnerMeanParams(Params):
    """Parameters of `learner_mean`."""

    shrink: float = Field(default=5, gt=0)
    """How many answers of all training learners the learner's own are mixed with."""


class LearnerMean(Saved, KnowledgeTracer):
    """The mean of the learner's earlier answers, whatever they were to, and of `shrink` imagined ones.

    The imagined answers are right as often as those of training, so a first answer is expected to be like all.
    """

    name = "learner_mean"
    params: LearnerMeanParams
    learned: Learned
    """Array `overall` (1,): the share of right answers in training."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        self.learned = Learned({"overall": np.array([log.correct.mean()])}, {})

    def predict(self, log: Interactions) -> NDArray[np.float64]:
        """See `KnowledgeTracer.predict`."""
        shrink, overall = self.params.shrink, float(self.learned.arrays["overall"][0])
        until = np.concatenate([[0], np.cumsum(log.correct, dtype=np.int64)])
        row = np.arange(len(log))
        right = until[row] - until[row - log.step]
        return np.asarray((right + shrink * overall) / (log.step + shrink))
