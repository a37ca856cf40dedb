"""Additive factors model: how often was the skill practised before?"""

from typing import Literal

import numpy as np
from pydantic import Field

from attain.data.interactions import Interactions, skill_rows
from attain.models.knowledge_tracing._able_tracer import AbilityParams, AbleTracer
from attain.models.knowledge_tracing._design import Block
from attain.models.knowledge_tracing._history import earlier_answers


class AFMParams(AbilityParams):
    """Parameters of `afm`."""

    ability: Literal["running", "none"] = "none"
    """Whether a learner's ability is learned from the earlier answers, or taken as that of anybody."""
    counts: Literal["log", "plain"] = "log"
    """Whether earlier answers count as log(1 + n), so that each adds less than the one before, or as n."""
    penalty: float = Field(default=1, gt=0)
    """How strongly a skill's weights are held to those that all skills share (L2)."""


class AFM(AbleTracer):
    """Logistic regression on the learner's ability, each skill's ease, and the skill's earlier answers.

    The logit of an answer is ability + the sum, over its skills, of ease + gain * answers, where an answer counts
    whether it was right or wrong (Cen, Koedinger & Junker 2006, eq. 3, which counts plainly and keeps gains from
    falling below zero; here they may). A skill's gain is one that all skills share plus the skill's own part.

    The abilities of the training learners are fitted with the rest, so that skills that able learners practise do not
    seem easy, and are then forgotten. A score is the mean over the normal distribution of abilities; with
    `ability: running`, it is narrowed by each answer of the learner, as in `irt`, and without, scores ignore what was
    right.
    """

    name = "afm"
    params: AFMParams

    def blocks(self, log: Interactions) -> list[Block]:
        """See `LogisticTracer.blocks`."""
        rows = skill_rows(log, "mean")
        learner, correct = log.learner[rows.answer], log.correct[rows.answer]
        answers = earlier_answers(rows.answer, rows.skill, len(rows.names), learner, correct).sum(axis=1)
        counts = np.log1p(answers) if self.params.counts == "log" else answers
        features = np.column_stack([np.ones(len(counts)), counts])
        skill = Block("skill", rows.names, rows.answer, rows.skill, features, (False, True), self.params.penalty)
        return [skill, *self.ability_blocks(log)]
