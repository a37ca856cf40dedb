"""What tracers share that are a logistic regression on counted features."""

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from attain.data.interactions import Interactions, recode
from attain.models._logistic import fit_logistic
from attain.models._saved import Learned, Saved
from attain.models.knowledge_tracing._design import Block, design
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer

Floats = NDArray[np.float64]


class LogisticTracer(Saved, KnowledgeTracer):
    """The logit of an answer is the sum, over the rows of its blocks, of features times weights.

    A name that `fit` did not see has only the shared weights.
    """

    learned: Learned
    """For each stored block, under its name: weights of shape (n_names + 1, k), the shared ones last; and its names."""

    @abstractmethod
    def blocks(self, log: Interactions) -> list[Block]:
        """The features of every answer, each from the learner's earlier answers only."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        blocks = [block.seen() for block in self.blocks(log)]
        made = design(blocks, len(log))
        weights = fit_logistic(made.columns, log.correct, made.penalty, single=made.single, loose=made.loose)
        kept = [pair for pair in zip(blocks, made.unpack(weights, blocks), strict=True) if pair[0].stored]
        self.learned = Learned({b.name: values for b, values in kept}, {b.name: b.names for b, _ in kept})

    def logit(self, log: Interactions) -> Floats:
        """The sum of features times weights; shape (len(log),)."""
        out = np.zeros(len(log))
        for block in self.blocks(log):
            if not block.stored:
                continue
            own, shared = np.split(self.learned.arrays[block.name].astype(np.float64), [-1])
            weights = shared
            if len(block.names):
                known = recode(block.names, self.learned.names[block.name])
                weights = shared + np.concatenate([own, np.zeros_like(shared)])[known][block.code]
            terms = (block.values * weights).sum(axis=1)
            out += np.bincount(block.answer, weights=terms, minlength=len(log))
        return out

    def predict(self, log: Interactions) -> Floats:
        """See `KnowledgeTracer.predict`."""
        return np.asarray(expit(self.logit(log)))
