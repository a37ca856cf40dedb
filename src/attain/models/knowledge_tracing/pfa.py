"""Performance factors analysis: how often did it go right and wrong before?"""

from typing import Literal

import numpy as np
from pydantic import Field

from attain.core.component import Params
from attain.data.interactions import Interactions, skill_rows
from attain.models.knowledge_tracing._design import Block
from attain.models.knowledge_tracing._history import earlier_answers
from attain.models.knowledge_tracing._logistic_tracer import LogisticTracer


class PFAParams(Params):
    """Parameters of `pfa`."""

    skills: Literal["sum", "mean"] = "sum"
    """Whether the skills of an answer add up, as in the paper, or are averaged."""
    counts: Literal["log", "plain"] = "log"
    """Whether earlier answers count as log(1 + n), so that each adds less than the one before, or as n."""
    penalty: float = Field(default=1, gt=0)
    """How strongly a skill's weights are held to those that all skills share (L2)."""


class PFA(LogisticTracer):
    """Logistic regression on each skill's ease and on the learner's earlier right and wrong answers to it.

    The logit of an answer is the sum, over its skills, of ease + gain * right + loss * wrong (Pavlik, Cen &
    Koedinger 2009, eq. 3). Each of a skill's three weights is one that all skills share plus the skill's own part,
    held back by a penalty; a skill that `fit` did not see has no own part. An answer without a skill counts as practice
    of a skill of its own, named "".
    """

    name = "pfa"
    params: PFAParams

    def blocks(self, log: Interactions) -> list[Block]:
        """See `LogisticTracer.blocks`."""
        rows = skill_rows(log, "mean")
        learner, correct = log.learner[rows.answer], log.correct[rows.answer]
        counts = earlier_answers(rows.answer, rows.skill, len(rows.names), learner, correct)
        if self.params.counts == "log":
            counts = np.log1p(counts)
        features = np.column_stack([np.ones(len(counts)), counts])
        if self.params.skills == "mean":
            features /= np.bincount(rows.answer, minlength=len(log))[rows.answer, None]
        return [Block("skill", rows.names, rows.answer, rows.skill, features, (True,) * 3, self.params.penalty)]
