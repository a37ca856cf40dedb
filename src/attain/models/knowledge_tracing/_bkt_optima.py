"""Do the answers say which parameters a skill has? What several local optima of one likelihood agree on."""

from dataclasses import dataclass

import numpy as np

from attain.models.knowledge_tracing._bkt_em import Fit
from attain.models.knowledge_tracing._bkt_tree_kernel import Floats, mastered_share
from attain.models.knowledge_tracing._prefix_tree import PrefixTree

MASTERED = 0.95
"""A learner counts as having mastered a skill from this probability of knowing it."""
CLOSE = 2.0
"""Log-likelihoods within this many nats are as good as equal (a likelihood ratio of 7; 1.92 is the 95 % bound for one
parameter)."""
OTHERWISE = 0.1
"""Two optima judge otherwise if the shares of learners with mastery differ by more than this."""

EVIDENCE = ("answers", "histories", "log_likelihood", "likelihood_gap", "mastery_gap")
"""What `evidence` says of each skill."""


@dataclass(frozen=True)
class Agreement:
    """How far the ends of the climbs from several starts agree, in each skill; each of shape (n_skills,).

    Attributes:
        likelihood_gap: nats by which the best end is above the best one that judges otherwise; infinite if none does.
        mastery_gap: by how much the share of learners with mastery at the end of their history differs between the
            ends that are close to the best.
    """

    likelihood_gap: Floats
    mastery_gap: Floats

    @property
    def unidentified(self) -> float:
        """The share of skills of which an end close to the best judges otherwise: the verdict is a matter of luck."""
        return float(np.mean(self.mastery_gap > OTHERWISE))


def agreement(tree: PrefixTree, fit: Fit) -> Agreement:
    """Compare where the climbs of `fit` on `tree` ended with its best."""
    ends = np.concatenate([fit.parameters[:, None], fit.ends], axis=1)
    share = mastered_share(tree.start, tree.columns, ends, MASTERED)
    below = np.column_stack([np.zeros(len(share)), fit.log_likelihood[:, None] - fit.reached])
    otherwise = np.where(abs(share - share[:, :1]) > OTHERWISE, below, np.inf).min(axis=1)
    close = np.where(below < CLOSE, share, share[:, :1])
    return Agreement(otherwise, close.max(axis=1) - close.min(axis=1))


def evidence(tree: PrefixTree, fit: Fit, agree: Agreement) -> Floats:
    """What each skill's parameters rest on; shape (n_skills, 5), by `EVIDENCE`. Gaps are NaN from one start."""
    answers = np.add.reduceat(tree.count, tree.start[:-1])
    histories = np.add.reduceat(tree.ends, tree.start[:-1])
    compared = np.where(fit.reached.shape[1] > 1, 1.0, np.nan)
    gaps = agree.likelihood_gap * compared, agree.mastery_gap * compared
    return np.column_stack([answers, histories, fit.log_likelihood, *gaps])
