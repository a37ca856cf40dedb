"""Performance factors analysis: how often did it go right and wrong before?"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from scipy.sparse import csr_array
from scipy.special import expit

from attain.core.compiled import compiled
from attain.core.component import Params
from attain.data.interactions import Interactions, SkillRows, recode, skill_rows
from attain.models._logistic import fit_logistic
from attain.models._saved import Learned, Saved
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer

FREE = 1e-6
"""Penalty of the weights that all skills share: only enough to make the fit unique."""


class PFAParams(Params):
    """Parameters of `pfa`."""

    skills: Literal["sum", "mean"] = "sum"
    """Whether the skills of an answer add up, as in the paper, or are averaged."""
    counts: Literal["log", "plain"] = "log"
    """Whether earlier answers count as log(1 + n), so that each adds less than the one before, or as n."""
    penalty: float = Field(default=1, gt=0)
    """How strongly a skill's weights are held to those that all skills share (L2)."""


class PFA(Saved, KnowledgeTracer):
    """Logistic regression on each skill's ease and on the learner's earlier right and wrong answers to it.

    The logit of an answer is the sum, over its skills, of ease + gain * right + loss * wrong (Pavlik, Cen &
    Koedinger 2009, eq. 3). Each of a skill's three weights is one that all skills share plus the skill's own part,
    held back by a penalty; a skill that `fit` did not see has no own part. An answer without a skill counts as practice
    of a skill of its own, named "".
    """

    name = "pfa"
    params: PFAParams
    learned: Learned
    """Array `weights`, shape (n_skills + 1, 3): ease, gain, loss; the last row is what all skills share."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        rows = skill_rows(log, "mean")
        n_skills = len(rows.names)
        columns = _columns(self._features(rows, log), rows.answer, rows.skill, n_skills, len(log))
        penalty = np.full(columns.shape[1], self.params.penalty, dtype=float)
        penalty[-3:] = FREE
        weights = fit_logistic(columns, log.correct, penalty)
        self.learned = Learned({"weights": weights.reshape(n_skills + 1, 3)}, {"skills": rows.names})

    def predict(self, log: Interactions) -> NDArray[np.float64]:
        """See `KnowledgeTracer.predict`."""
        rows = skill_rows(log, "mean")
        own, shared = np.split(self.learned.arrays["weights"].astype(np.float64), [-1])
        own = np.concatenate([own, np.zeros((1, 3))])[recode(rows.names, self.learned.names["skills"])]
        logit = (self._features(rows, log) * (own[rows.skill] + shared)).sum(axis=1)
        return np.asarray(expit(np.bincount(rows.answer, weights=logit, minlength=len(log))))

    def _features(self, rows: SkillRows, log: Interactions) -> NDArray[np.float64]:
        """1, earlier right and earlier wrong answers to the skill of each row; shape (len(rows.answer), 3)."""
        learner, correct = log.learner[rows.answer], log.correct[rows.answer]
        counts = earlier_answers(rows.answer, rows.skill, len(rows.names), learner, correct)
        if self.params.counts == "log":
            counts = np.log1p(counts)
        features = np.column_stack([np.ones(len(counts)), counts])
        if self.params.skills == "mean":
            features /= np.bincount(rows.answer, minlength=len(log))[rows.answer, None]
        return features


def _columns(
    features: NDArray[np.float64],
    answer: NDArray[np.int64],
    skill: NDArray[np.int32],
    n_skills: int,
    n_answers: int,
) -> csr_array:
    """One row an answer; three columns a skill, and at the end the three that all skills share."""
    each = skill[:, None].astype(np.int64) * 3 + np.arange(3)
    shared = np.broadcast_to(3 * n_skills + np.arange(3), each.shape)
    values = np.concatenate([features.ravel(), features.ravel()])
    places = (np.repeat(np.tile(answer, 2), 3), np.concatenate([each.ravel(), shared.ravel()]))
    return csr_array((values, places), shape=(n_answers, 3 * (n_skills + 1)))  # equal places are summed


@compiled
def earlier_answers(
    answer: NDArray[np.int64],
    skill: NDArray[np.int32],
    n_skills: int,
    learner: NDArray[np.int32],
    correct: NDArray[np.int8],
) -> NDArray[np.float64]:
    """How many earlier answers of the learner to the row's skill were right and wrong; shape (n_rows, 2).

    Rows of one answer are adjacent and count for none of each other.
    """
    n = len(answer)
    out = np.empty((n, 2))
    counts = np.empty((n_skills, 2))
    seen_by = np.full(n_skills, -1, dtype=np.int64)
    row = 0
    while row < n:
        first = row
        while row < n and answer[row] == answer[first]:
            s = skill[row]
            if seen_by[s] != learner[row]:
                seen_by[s] = learner[row]
                counts[s, 0] = counts[s, 1] = 0
            out[row, 0], out[row, 1] = counts[s, 0], counts[s, 1]
            row += 1
        for r in range(first, row):
            counts[skill[r], 0 if correct[r] else 1] += 1
    return out
