"""Item response theory: able learners answer hard items, and each answer says more about the learner."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.compiled import compiled
from attain.core.component import Params
from attain.data.interactions import Interactions, recode
from attain.models._row_skills import mean_over_skills
from attain.models._saved import Learned, Saved
from attain.models._seen import only_seen
from attain.models.knowledge_tracing._ability import ABILITIES, PRIOR, follow
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer

Floats = NDArray[np.float64]

LONGEST_STEP = 1.0
"""Newton steps of an item are cut to this, in logits."""


class IRTParams(Params):
    """Parameters of `irt`."""

    kind: Literal["1pl", "2pl"] = "1pl"
    """Whether all items tell abilities apart equally well (1PL), or each has a discrimination of its own (2PL)."""
    ability: Literal["running", "none"] = "running"
    """Whether a learner's ability is learned from the earlier answers, or taken as that of anybody."""
    item_sd: float = Field(default=1, gt=0)
    """Standard deviation of items' ease around that of their skills, in logits; a small one holds rare items back."""
    skill_sd: float = Field(default=1, gt=0)
    """Standard deviation of skills' ease around their mean, in logits."""
    discrimination_sd: float = Field(default=0.3, gt=0)
    """Standard deviation of items' discriminations around their mean (2PL)."""
    tolerance: float = Field(default=1e-5, gt=0)
    """EM stops when a step adds less than this to the log-posterior, in nats an answer."""
    max_iterations: int = Field(default=100, ge=1)
    """EM steps, at most."""


@dataclass
class _Items:
    """What is estimated, in logits: P(right) = expit(slope * ability + ease)."""

    ease: Floats  # (n_items,)
    slope: Floats  # (n_items,), all equal in 1PL
    skill_ease: Floats  # (n_skills,)
    mean_ease: float
    mean_slope: float


class IRT(Saved, KnowledgeTracer):
    """One- or two-parameter logistic model with a running estimate of ability (Lord 1980; Bock & Aitkin 1981).

    Items are fitted by EM on the marginal likelihood of the training learners, whose abilities are standard normal,
    with normal priors that hold an item's ease to that of its skills, and a skill's to the mean. In prediction, a
    learner's ability is a distribution over `ABILITIES`, begun at the prior and multiplied by the likelihood of each
    answer after it was predicted; the score is the mean of P(right) over it. An item that `fit` did not see is as
    easy as the mean of its skills, and a skill that it did not see is as easy as the mean of all.
    """

    name = "irt"
    params: IRTParams
    learned: Learned
    """Arrays `ease` and `slope` (n_items,), `skill_ease` (n_skills,), `mean` (2,): mean ease of skills, mean slope."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        log = only_seen(log)
        items = _begin(log)
        answers = np.bincount(log.item, minlength=len(log.items))
        before = -np.inf
        for step in range(self.params.max_iterations):
            log_right, log_wrong = _log_probabilities(items)
            right, wrong, likelihood = _expect(log.item, log.correct, log.learner_start, log_right, log_wrong, PRIOR)
            value = likelihood + self._log_prior(items, log, answers)
            context.report(step, log_posterior=value / len(log))
            if value - before < self.params.tolerance * len(log):
                break
            before = value
            self._ascend(items, log, answers, right, wrong)
        arrays = {"ease": items.ease, "slope": items.slope, "skill_ease": items.skill_ease}
        arrays["mean"] = np.array([items.mean_ease, items.mean_slope])
        self.learned = Learned(arrays, {"items": log.items, "skills": log.skills})

    def _log_prior(self, items: _Items, log: Interactions, answers: NDArray[np.int64]) -> float:
        p = self.params
        apart = ((items.ease - _expected_ease(items, log, answers)) / p.item_sd) ** 2
        skills = ((items.skill_ease - items.mean_ease) / p.skill_sd) ** 2
        slopes = ((items.slope - items.mean_slope) / p.discrimination_sd) ** 2
        return -float(apart.sum() + skills.sum() + slopes.sum()) / 2

    def _ascend(
        self, items: _Items, log: Interactions, answers: NDArray[np.int64], right: Floats, wrong: Floats
    ) -> None:
        """One Newton step of every item on the expected log-posterior; then the means of skills, and of all."""
        p = self.params
        probability = np.exp(_log_probabilities(items)[0])
        more = right - (right + wrong) * probability
        information = (right + wrong) * probability * (1 - probability)
        by_ease = more.sum(axis=1) - (items.ease - _expected_ease(items, log, answers)) / p.item_sd**2
        by_slope = more @ ABILITIES
        ease_ease = information.sum(axis=1) + 1 / p.item_sd**2
        ease_slope, slope_slope = information @ ABILITIES, information @ ABILITIES**2
        if p.kind == "1pl":
            items.slope = items.slope + by_slope.sum() / max(slope_slope.sum(), 1e-9)
            step = by_ease / ease_ease
        else:
            by_slope -= (items.slope - items.mean_slope) / p.discrimination_sd**2
            slope_slope += 1 / p.discrimination_sd**2
            determinant = ease_ease * slope_slope - ease_slope**2
            step = (slope_slope * by_ease - ease_slope * by_slope) / determinant
            steeper = (ease_ease * by_slope - ease_slope * by_ease) / determinant
            items.slope = items.slope + steeper.clip(-LONGEST_STEP, LONGEST_STEP)
        items.ease = items.ease + step.clip(-LONGEST_STEP, LONGEST_STEP)
        items.mean_slope = float(items.slope.mean())
        self._pool(items, log, answers)

    def _pool(self, items: _Items, log: Interactions, answers: NDArray[np.int64]) -> None:
        """A skill's ease is the mean of its items', shrunk to the mean of all skills."""
        p = self.params
        pair_item = np.repeat(log.item, np.diff(log.skill_start))
        weight = 1 / answers[pair_item]  # each item counts once, however often it was answered
        total = np.bincount(log.skill, weights=items.ease[pair_item] * weight, minlength=len(log.skills))
        count = np.bincount(log.skill, weights=weight, minlength=len(log.skills))
        hold = (p.item_sd / p.skill_sd) ** 2
        items.skill_ease = (total + hold * items.mean_ease) / (count + hold)
        items.mean_ease = float((items.skill_ease if len(log.skills) else items.ease).mean())

    def predict(self, log: Interactions) -> Floats:
        """See `KnowledgeTracer.predict`."""
        arrays, names = self.learned.arrays, self.learned.names
        mean_ease, mean_slope = (float(v) for v in arrays["mean"])
        skill_ease = np.append(arrays["skill_ease"], mean_ease)[recode(log.skills, names["skills"])]
        item = recode(log.items, names["items"])[log.item]
        ease = np.where(item < 0, mean_over_skills(log, skill_ease, mean_ease), np.append(arrays["ease"], 0)[item])
        slope = np.append(arrays["slope"], mean_slope)[item]
        running = self.params.ability == "running"
        return follow(log.learner_start, log.correct, ease, slope, ABILITIES, PRIOR, running).clip(0, 1)


def _begin(log: Interactions) -> _Items:
    """Everything equally easy, by the share of right answers (with one imagined answer of each kind)."""
    right = int(log.correct.sum()) + 1
    ease = float(np.log(right / (len(log) + 2 - right)))
    n_items, n_skills = len(log.items), len(log.skills)
    return _Items(np.full(n_items, ease), np.ones(n_items), np.full(n_skills, ease), ease, 1.0)


def _expected_ease(items: _Items, log: Interactions, answers: NDArray[np.int64]) -> Floats:
    """What each item's skills say about its ease (the mean over its rows); shape (n_items,)."""
    of_row = mean_over_skills(log, items.skill_ease, items.mean_ease)
    total = np.bincount(log.item, weights=of_row, minlength=len(answers))
    return np.asarray(total / answers)


def _log_probabilities(items: _Items) -> tuple[Floats, Floats]:
    """Log P(right) and log P(wrong) of each item at each ability; both of shape (n_items, n_abilities)."""
    logit = items.slope[:, None] * ABILITIES + items.ease[:, None]
    log_right = np.minimum(logit, 0) - np.log1p(np.exp(-np.abs(logit)))
    return log_right, log_right - logit


@compiled
def _expect(
    item: NDArray[np.int32],
    correct: NDArray[np.int8],
    learner_start: NDArray[np.int64],
    log_right: Floats,
    log_wrong: Floats,
    prior: Floats,
) -> tuple[Floats, Floats, float]:
    """Expected right and wrong answers to each item at each ability, and the marginal log-likelihood."""
    right, wrong = np.zeros_like(log_right), np.zeros_like(log_right)
    total = 0.0
    for who in range(len(learner_start) - 1):
        posterior = np.log(prior)
        for row in range(learner_start[who], learner_start[who + 1]):
            posterior += log_right[item[row]] if correct[row] else log_wrong[item[row]]
        highest = posterior.max()
        posterior = np.exp(posterior - highest)
        mass = posterior.sum()
        total += highest + np.log(mass)
        posterior /= mass
        for row in range(learner_start[who], learner_start[who + 1]):
            if correct[row]:
                right[item[row]] += posterior
            else:
                wrong[item[row]] += posterior
    return right, wrong, total
