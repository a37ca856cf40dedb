"""Simulated learners who practise what the learners of a log did, and know skills much as they do.

Each walks through the items of a learner drawn from the log. Each skill is known or not (Corbett & Anderson 1995): its
prior and its chance to learn are those under which the mean learning curve of the log comes out, with guess and slip
held where they are usual, for a curve alone cannot tell them apart. Items keep their ease within the skill.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.core.ragged import pick
from attain.data.interactions import Interactions

GUESS, SLIP = 0.2, 0.1
CURVE = 10
"""Opportunities of the learning curve that are matched."""
LEARN = np.linspace(0.0, 0.6, 61)
"""Chances to learn that are tried."""
SHRINK = 10.0
"""Answers of its skills that an item's own are mixed with, and a skill's with those of all."""

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Laws:
    """How answers come about.

    Attributes:
        prior: shape (n_skills,), chance that a skill is known before its first answer.
        learn: shape (n_skills,), chance to learn it after an answer.
        ease: shape (n_items,), logit of an item beside others of its skills.
    """

    prior: Floats
    learn: Floats
    ease: Floats


def with_simulated(log: Interactions, learners: int, generator: np.random.Generator) -> Interactions:
    """The log, and behind it that of so many simulated learners.

    Args:
        log: of the training part; all that the simulation knows comes from it.
        learners: how many.
        generator: draws them.
    """
    donors = generator.integers(0, len(log.present), learners)
    rows, start = pick(log.learner_start, donors)
    code = (len(log.learners) + np.repeat(np.arange(learners), np.diff(start))).astype(np.int32)
    places, skill_start = pick(log.skill_start, rows)
    skill, n_skills = log.skill[places], len(log.skills)
    laws, chance = laws_of(log), generator.random((2, len(skill)))
    base = np.log([GUESS / (1 - GUESS), (1 - SLIP) / SLIP])
    coins = generator.random(len(rows))
    correct = _answers(code, skill, skill_start, laws.prior, laws.learn, laws.ease[log.item[rows]], base, coins, chance)
    names = [f"simulated learner {number}" for number in range(1, learners + 1)]
    assert n_skills == len(laws.prior)
    return replace(
        log,
        learner=np.concatenate([log.learner, code]),
        item=np.concatenate([log.item, log.item[rows]]),
        correct=np.concatenate([log.correct, correct]),
        skill=np.concatenate([log.skill, skill]),
        skill_start=np.concatenate([log.skill_start, log.skill_start[-1] + skill_start[1:]]),
        row=np.concatenate([log.row, -1 - np.arange(len(rows))]),
        learners=np.concatenate([log.learners, np.array(names, dtype=object)]),
        time_s=None if log.time_s is None else np.concatenate([log.time_s, log.time_s[rows]]),
        duration_s=None if log.duration_s is None else np.concatenate([log.duration_s, log.duration_s[rows]]),
    )


def laws_of(log: Interactions) -> Laws:
    """The laws under which the log's learning curves come out on average."""
    row = np.repeat(np.arange(len(log)), np.diff(log.skill_start))
    pairs = pd.DataFrame({"learner": log.learner[row], "skill": log.skill})
    place = np.asarray(pairs.groupby(["learner", "skill"]).cumcount())
    early = place < CURVE
    at = log.skill[early].astype(np.int64) * CURVE + place[early]
    shape = (len(log.skills), CURVE)
    count = np.bincount(at, minlength=shape[0] * CURVE).reshape(shape).astype(np.float64)
    right = np.bincount(at, log.correct[row][early], shape[0] * CURVE).reshape(shape)
    overall = float(log.correct.mean())
    first = (right[:, 0] + SHRINK * overall) / (count[:, 0] + SHRINK)
    prior = np.clip((first - GUESS) / (1 - SLIP - GUESS), 0.02, 0.98)
    known = 1 - (1 - prior)[:, None, None] * (1 - LEARN)[:, None] ** np.arange(CURVE)
    expected = GUESS + (1 - SLIP - GUESS) * known
    share = np.divide(right, count, out=np.zeros(shape), where=count > 0)
    misfit = (count[:, None, :] * (share[:, None, :] - expected) ** 2).sum(axis=2)
    return Laws(prior, LEARN[misfit.argmin(axis=1)], _ease(log, row, overall))


def _ease(log: Interactions, row: NDArray[np.int64], overall: float) -> Floats:
    """Logit of each item's share right, beside the mean share of its skills."""
    answers = np.bincount(log.skill, minlength=len(log.skills))
    of_skill = (np.bincount(log.skill, log.correct[row], len(log.skills)) + SHRINK * overall) / (answers + SHRINK)
    skills = np.diff(log.skill_start)
    mean = np.bincount(row, of_skill[log.skill], len(log))
    mean = np.where(skills > 0, mean / np.maximum(skills, 1), overall)
    count = np.bincount(log.item, minlength=len(log.items))
    usual = np.bincount(log.item, mean, len(log.items)) / np.maximum(count, 1)
    usual = np.where(count > 0, usual, overall)
    own = (np.bincount(log.item, log.correct, len(log.items)) + SHRINK * usual) / (count + SHRINK)
    return _logit(own) - _logit(usual)


def _logit(share: Floats) -> Floats:
    share = share.clip(0.01, 0.99)
    return np.asarray(np.log(share / (1 - share)))


@compiled
def _answers(
    learner: NDArray[np.int32],
    skill: NDArray[np.int32],
    skill_start: NDArray[np.int64],
    prior: Floats,
    learn: Floats,
    ease: Floats,
    base: Floats,
    coins: Floats,
    chance: Floats,
) -> NDArray[np.int8]:
    """Answers row by row; an item is answered from knowledge where all its skills are known."""
    correct = np.empty(len(learner), dtype=np.int8)
    known = np.zeros(len(prior), dtype=np.bool_)
    met_by = np.full(len(prior), -1, dtype=np.int64)
    for i in range(len(learner)):
        knows = True
        for k in range(skill_start[i], skill_start[i + 1]):
            s = skill[k]
            if met_by[s] != learner[i]:
                met_by[s] = learner[i]
                known[s] = chance[0, k] < prior[s]
            knows = knows and known[s]
        logit = (base[1] if knows else base[0]) + ease[i]
        correct[i] = coins[i] < 1 / (1 + np.exp(-logit))
        for k in range(skill_start[i], skill_start[i + 1]):
            if chance[1, k] < learn[skill[k]]:
                known[skill[k]] = True
    return correct
