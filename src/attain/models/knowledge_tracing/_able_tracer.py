"""Logistic tracers with an ability for each learner: fitted in training, unknown at first for anybody else."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.interactions import Interactions
from attain.models.knowledge_tracing._ability import ABILITIES, PRIOR, follow
from attain.models.knowledge_tracing._design import Block
from attain.models.knowledge_tracing._logistic_tracer import LogisticTracer


class AbilityParams(Params):
    """Parameters of tracers with abilities."""

    ability: Literal["running", "none"] = "running"
    """Whether a learner's ability is learned from the earlier answers, or taken as that of anybody."""
    ability_sd: float = Field(default=1, gt=0)
    """Standard deviation of learners' abilities, in logits."""


class AbleTracer(LogisticTracer):
    """A logistic tracer whose score is the mean over the abilities that the learner may have.

    The abilities of the training learners are fitted with the other weights, so that what able learners practise
    does not seem easy, and are then forgotten.
    """

    params: AbilityParams

    def ability_blocks(self, log: Interactions) -> list[Block]:
        """The mean ability, and each training learner's distance from it, with the penalty of a normal distribution."""
        each, ones = np.arange(len(log)), np.ones((len(log), 1))
        mean = Block("ability", log.learners[:0], each, log.learner, ones, (True,))
        own = Block(
            "learner", log.learners, each, log.learner, ones, (False,), self.params.ability_sd**-2, stored=False
        )
        return [mean, own]

    def predict(self, log: Interactions) -> NDArray[np.float64]:
        """See `KnowledgeTracer.predict`."""
        slope = np.full(len(log), self.params.ability_sd)
        running = self.params.ability == "running"
        return follow(log.learner_start, log.correct, self.logit(log), slope, ABILITIES, PRIOR, running).clip(0, 1)
