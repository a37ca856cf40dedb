"""Learners work through the skills in order, as a simple tutor leads them, and answer as their knowledge lets them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.data.simulate.knowledge import Ints, Knowledge
from attain.data.simulate.options import SimulateOptions
from attain.data.simulate.world import World

STREAK, MOST = 3, 12
"""The tutor moves on after so many right answers in a row, or after so many opportunities."""
REVIEW = 0.15
"""Chance that the tutor asks an earlier skill."""


@dataclass(frozen=True, eq=False)
class Answers:
    """All answers, sorted by learner and then by order; each array has shape (n,).

    Attributes:
        knew: whether all skills of the item were known before the answer.
        known_at: shape (n_learners, n_skills): opportunities on the skill after which it was known, 0 if from the
            start, -1 where it was not known at the end.
        opportunities: shape (n_learners, n_skills).
    """

    learner: NDArray[np.int64]
    item: NDArray[np.int64]
    correct: NDArray[np.bool_]
    knew: NDArray[np.bool_]
    known_at: NDArray[np.int64]
    opportunities: NDArray[np.int64]


def practise(world: World, knowledge: Knowledge, options: SimulateOptions, rng: np.random.Generator) -> Answers:
    """Let all learners practise, one answer each at a time, until their length is reached or they drop out."""
    n, n_skills = options.learners, options.skills
    by_skill = [np.flatnonzero(world.item_skill[:, 0] == skill) for skill in range(n_skills)]
    n_items, items = np.array([len(i) for i in by_skill]), np.concatenate(by_skill)
    first_item = np.cumsum(n_items) - n_items
    tutor = _Tutor(n, n_skills)
    opportunities = np.zeros((n, n_skills), dtype=np.int64)
    known_at = np.where(knowledge.known(), 0, -1)
    here, rows = np.arange(n), []
    for step in range(int(world.length.max())):
        here = here[world.length[here] > step]
        skill = tutor.next_skill(here, rng)
        item = items[first_item[skill] + rng.integers(n_items[skill])]
        second = world.item_skill[item, 1]
        two = second >= 0
        known = knowledge.known()
        knew = known[here, skill] & np.where(two, known[here, second], True)
        correct = rng.random(len(here)) < knowledge.chance(here, item)
        rows.append((here, item, correct, knew))
        for who, what in ((here, skill), (here[two], second[two])):
            knowledge.practise(who, what, rng)
            opportunities[who, what] += 1
        known_at = np.where((known_at < 0) & knowledge.known(), opportunities, known_at)
        tutor.note(here, skill, correct)
        here = here[rng.random(len(here)) >= options.dropout * np.where(correct, 1, 2)]
    learner, item, correct, knew = (np.concatenate(column) for column in zip(*rows, strict=True))
    order = np.argsort(learner, kind="stable")
    return Answers(learner[order], item[order], correct[order], knew[order], known_at, opportunities)


class _Tutor:
    """Where each learner is in the order of skills; after the last skill all skills are reviewed."""

    def __init__(self, n_learners: int, n_skills: int) -> None:
        self.last = n_skills - 1
        self.place, self.streak, self.seen = (np.zeros(n_learners, dtype=np.int64) for _ in range(3))

    def next_skill(self, learner: Ints, rng: np.random.Generator) -> Ints:
        place = self.place[learner]
        review = (rng.random(len(learner)) < REVIEW) | (place > self.last)
        return np.where(review, rng.integers(np.minimum(place, self.last) + 1), place)

    def note(self, learner: Ints, skill: Ints, correct: NDArray[np.bool_]) -> None:
        on_place = skill == self.place[learner]
        learner, correct = learner[on_place], correct[on_place]
        self.streak[learner] = np.where(correct, self.streak[learner] + 1, 0)
        self.seen[learner] += 1
        done = learner[(self.streak[learner] >= STREAK) | (self.seen[learner] >= MOST)]
        self.place[done] += 1
        self.streak[done] = self.seen[done] = 0
