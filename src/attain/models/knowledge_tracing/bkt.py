"""Bayesian knowledge tracing, fitted by exact expectation-maximisation."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Literal, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, NonNegativeFloat

from attain.core.component import Params
from attain.data.interactions import Interactions, SkillMode, skill_rows
from attain.models._saved import Learned, read, write
from attain.models.knowledge_tracing import _bkt_em as em
from attain.models.knowledge_tracing import _bkt_forward as forward
from attain.models.knowledge_tracing._bkt_climb import Rules
from attain.models.knowledge_tracing._bkt_forward import chance, update
from attain.models.knowledge_tracing._bkt_online import Learner, Steps
from attain.models.knowledge_tracing._bkt_optima import EVIDENCE, agreement, evidence
from attain.models.knowledge_tracing._bkt_parameters import Learners, Parameters
from attain.models.knowledge_tracing._bkt_refine import Refinement, refine
from attain.models.knowledge_tracing._prefix_tree import PrefixTree
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer
from attain.tasks.online import Asked

__all__ = ["BKT", "BKTParams", "PseudoCounts", "chance", "update"]

STARTS = (
    (0.1, 0.3, 0.5, 0.15, 0.1),
    (0.1, 0.3, 0.5, 0.3, 0.1),
    (0.8, 0.1, 0.1, 0.15, 0.1),
    (0.1, 0.3, 0.1, 0.3, 0.1),
    (0.1, 0.02, 0.5, 0.05, 0.1),
)
"""Where EM begins, in the order of `em.PARAMETERS`. Chosen greedily from a grid of 81 by the log-likelihood that they
reach together on two public data sets; the first five come within 1 nat of what all 81 reach on ASSISTments 2009."""

RANDOM_BELOW = (1.0, 0.4, 0.5, 0.4, 0.4)
"""Further starts are uniform between 0 and these."""

Events = tuple[NonNegativeFloat, NonNegativeFloat]


class PseudoCounts(Params):
    """Imagined (yes, no) events added to the expected ones of each parameter: the mode under Beta priors.

    A tenth of an event of each kind moves no estimate that data speak for, and keeps rare skills from calling an answer
    impossible. Zeros give the maximum of the likelihood.
    """

    prior: Events = (0.1, 0.1)
    """Learners who knew the skill before their first answer, and who did not."""
    learn: Events = (0.1, 0.1)
    """Chances to learn that were taken, and that were not."""
    guess: Events = (0.1, 0.1)
    """Answers without knowing that were right, and that were wrong."""
    slip: Events = (0.1, 0.1)
    """Answers with knowing that were wrong, and that were right."""
    forget: Events = (0.1, 0.1)
    """Chances to forget that were taken, and that were not."""


class BKTParams(Params):
    """Parameters of `bkt`."""

    skills: SkillMode = "combination"
    """How an answer with several skills is read: as one joint skill, by its first only, or as an answer to each."""
    starts: int = Field(default=5, ge=1, le=1000)
    """From how many starting points EM runs in each skill; the first five are fixed, further ones are random."""
    forgets: bool = False
    """Whether a known skill can be lost again."""
    tolerance: float = Field(default=em.TOLERANCE, gt=0)
    """EM stops when a step adds less than this to a skill's log-likelihood, in nats."""
    max_iterations: int = Field(default=em.MAX_ITERATIONS, ge=1)
    """EM steps from one start, at most."""
    pseudo_counts: PseudoCounts = PseudoCounts()
    """Imagined events, which keep estimates away from 0 and 1; all zeros for maximum likelihood."""
    guess_plus_slip_below_one: bool = False
    """Keep guess + slip at most 1, so that a right answer never speaks against knowing."""
    guess_by: Literal["skill", "item"] = "skill"
    """Whose guess and slip are: the skill's, or each item's in it (KT-IDEM, Pardos & Heffernan 2011)."""
    learn_by: Literal["skill", "item", "pair"] = "skill"
    """Whose learn and forget are: the skill's, each item's (what it teaches), or each pair's of an item and the one
    before it in the skill (Pardos & Heffernan 2009)."""
    prior_by: Literal["skill", "first_answer"] = "skill"
    """Whether a learner's first answer to a skill decides how likely it is known, beyond what guess and slip say of it
    (Pardos & Heffernan 2010). Whatever its item, that answer itself is predicted by the share of right first ones."""
    learner_groups: int = Field(default=1, ge=1, le=10)
    """How many groups of learners there are, each with its own priors and learning rates. Nobody's group is known: each
    answer makes some likelier, in all skills (after Yudelson, Koedinger & Gordon 2013; see the class)."""
    lean: float = Field(default=5, ge=0)
    """How many imagined events, at the rates of the skill, are added to the events of each of its items, pairs or
    groups of learners."""

    @property
    def refinement(self) -> Refinement:
        """What has classes within skills, and how they are fitted."""
        pseudo = np.array([getattr(self.pseudo_counts, name) for name in em.PARAMETERS])
        rules = Rules(self.forgets, self.guess_plus_slip_below_one, self.tolerance, self.max_iterations)
        by_first = self.prior_by == "first_answer"
        return Refinement(self.learn_by, self.guess_by, by_first, self.learner_groups, self.lean, pseudo, rules)


class BKT(KnowledgeTracer):
    """Each skill is known or not; it may be learned after each answer (Corbett & Anderson 1995).

    Skills are fitted one by one, each to the mode of its posterior (see `PseudoCounts`). A skill that `fit` did not
    see gets the parameters that are fitted to the histories of all skills together, as if they were one skill. An
    answer without a skill counts as practice of a skill of its own, named "".

    Where items or pairs have parameters of their own (`guess_by`, `learn_by`), the skill is fitted first; its
    parameters are where the climb begins, what each class leans on, and what an unseen class has.

    Parameters of single learners would say nothing of those who come new, as all do when models are compared. So
    individual priors and learning rates (Yudelson et al. 2013) are those of a few groups of learners here, as by a
    random effect with that many values: a new learner is of each group by its share, and further by each answer.

    Mastery is the probability of knowing after the answer, the chance to learn from it included.

    What is known of a learner is one number a skill, which begins as `prior`: `chance` predicts from it, and `update`
    carries it over one more answer, in some nanoseconds where compiled code calls it.

    A skill may have several local optima that explain the answers about equally well and yet judge the same learners
    otherwise. With more than one start, `fit` reports the `unidentified_skill_share` and of how many skills it
    is (`/n`), and the saved model's `skills.csv` says for each how far the optima agree (see `_bkt_optima`).
    """

    name = "bkt"
    params: BKTParams
    learned: Learners
    evidence: NDArray[np.float64]
    """Shape (n_skills, 5), by `_bkt_optima.EVIDENCE`."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        vars(self).pop("_steps", None)
        rows = skill_rows(log, self.params.skills)
        learner, correct = log.learner[rows.answer], log.correct[rows.answer]
        starts = _starts(self.params.starts, context.rng)
        seen = (rows.skill, learner, correct, len(rows.names))
        tree = PrefixTree.grow(*seen)
        own, others = self._fit(tree, starts), self._fit(PrefixTree.grow(*seen, together=True), starts)
        whole, how = np.concatenate([own.parameters, others.parameters]), self.params.refinement
        self.learned = Learners.all_alike(Parameters(rows.names, whole, log.items[:0]))
        log_likelihood = float(own.log_likelihood.sum())
        if not how.changes_nothing:
            self.learned, log_likelihood = refine(rows, log, whole, how)
        found = {"log_likelihood": log_likelihood}
        agree = agreement(tree, own)
        if self.params.starts > 1:
            found |= {"unidentified_skill_share": agree.unidentified, "unidentified_skill_share/n": len(rows.names)}
        self.evidence = evidence(tree, own, agree)
        context.report(0, **found)

    def _fit(self, tree: PrefixTree, starts: NDArray[np.float64]) -> em.Fit:
        how = self.params.refinement
        return em.fit(
            tree,
            starts,
            forgets=how.rules.forgets,
            tolerance=how.rules.tolerance,
            max_iterations=how.rules.max_iterations,
            pseudo_counts=how.pseudo_counts,
            guess_plus_slip_below_one=how.rules.guess_plus_slip_below_one,
        )

    def predict(self, log: Interactions) -> NDArray[np.float64]:
        """See `KnowledgeTracer.predict`."""
        return forward.predict(log, self.params.skills, self.learned)

    def mastery(self, log: Interactions) -> NDArray[np.float64]:
        """See `HasMastery.mastery`."""
        return forward.mastery(log, self.params.skills, self.learned)

    def start(self) -> bytes:
        """See `Online.start`."""
        return self._steps.start().state

    def update(self, state: bytes, asked: Asked, correct: int) -> bytes:
        """See `Online.update`."""
        return self._steps.update(Learner.of(state), asked, correct).state

    def expect(self, state: bytes, asked: Sequence[Asked]) -> NDArray[np.float64]:
        """See `Online.expect`."""
        return self._steps.expect(Learner.of(state), asked)

    def masteries(self, state: bytes, of: Asked | None = None) -> Mapping[str, float]:
        """See `Online.masteries`."""
        return self._steps.masteries(Learner.of(state), of)

    @cached_property
    def _steps(self) -> Steps:
        return Steps(self.learned, self.params.skills)

    def save(self, folder: Path) -> None:
        """See `KnowledgeTracer.save`; `skills.csv` is there for people."""
        learned = self.learned.learned()
        write(self, Learned({**learned.arrays, "evidence": self.evidence}, learned.names), folder)
        columns = dict(zip(em.PARAMETERS, self.learned.values[:-1].T, strict=True))
        columns |= dict(zip(EVIDENCE, self.evidence.T, strict=True))
        pd.DataFrame(columns, index=pd.Index(self.learned.groups[0].skills, name="skill")).to_csv(folder / "skills.csv")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `KnowledgeTracer.load`."""
        model, saved = read(cls, folder)
        model.learned = Learners.of_learned(saved, {"learn": model.params.learn_by, "guess": model.params.guess_by})
        model.evidence = saved.arrays["evidence"].astype(np.float64)
        return model


def _starts(count: int, rng: np.random.Generator) -> NDArray[np.float64]:
    fixed = np.array(STARTS[:count])
    return np.concatenate([fixed, rng.uniform(0, RANDOM_BELOW, (count - len(fixed), len(RANDOM_BELOW)))])
