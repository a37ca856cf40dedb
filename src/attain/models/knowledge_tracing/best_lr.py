"""Best-LR: a logistic regression that counts all it can of what went right and wrong before."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.interactions import Interactions, skill_rows
from attain.models.knowledge_tracing._design import Block
from attain.models.knowledge_tracing._history import earlier_answers
from attain.models.knowledge_tracing._logistic_tracer import LogisticTracer


class BestLRParams(Params):
    """Parameters of `best_lr`."""

    counts: Literal["right and wrong", "right and all"] = "right and wrong"
    """Whether earlier right and wrong answers are counted, or right ones and all, as the paper's own code does."""
    item_penalty: float = Field(default=1, gt=0)
    """How strongly items' ease is held to that of their skills (L2)."""
    skill_penalty: float = Field(default=1, gt=0)
    """How strongly a skill's weights are held to those that all skills share (L2)."""


class BestLR(LogisticTracer):
    """Ease of item and skills, and log(1 + n) of the learner's earlier right and wrong answers.

    They are counted over all answers, to the same item, and to each skill (Gervet, Koedinger, Schneider & Mitchell
    2020, "Best-LR"). Each skill's weights are ones that all skills share plus its own part, so that a skill that `fit`
    did not see counts too; the paper has the own parts alone. Its code counts right answers and all answers; on
    ASSISTments 2009, right and wrong ones make an AUC of .771 out of .767. An answer without a skill counts as
    practice of a skill of its own, named "".
    """

    name = "best_lr"
    params: BestLRParams

    def blocks(self, log: Interactions) -> list[Block]:
        """See `LogisticTracer.blocks`."""
        each, none = np.arange(len(log)), np.zeros(len(log), dtype=np.int32)
        rows, p = skill_rows(log, "mean"), self.params
        of_skill = self._history(log, rows.answer, rows.skill, len(rows.names))
        of_all, of_item = self._history(log, each, none, 1), self._history(log, each, log.item, len(log.items))
        ones, skill = np.ones((len(log), 1)), np.column_stack([np.ones(len(of_skill)), of_skill])
        history = np.column_stack([of_all, of_item])
        return [
            Block("item", log.items, each, log.item, ones, (True,), p.item_penalty),
            Block("skill", rows.names, rows.answer, rows.skill, skill, (False, True, True), p.skill_penalty),
            Block("history", log.items[:0], each, none, history, (True,) * 4),
        ]

    def _history(
        self, log: Interactions, answer: NDArray[np.int64], code: NDArray[np.int32], n_codes: int
    ) -> NDArray[np.float64]:
        """Log(1 + n) of earlier answers of the row's learner to its code; shape (len(answer), 2)."""
        counts = earlier_answers(answer, code, n_codes, log.learner[answer], log.correct[answer])
        if self.params.counts == "right and all":
            counts[:, 1] += counts[:, 0]
        return np.log1p(counts)
