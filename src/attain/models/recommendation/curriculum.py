"""The items in the order in which they are usually taken, each until it is mastered: what a good syllabus does."""

from graphlib import TopologicalSorter

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.data.choices import Choices
from attain.models._saved import Learned, Saved
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender


class CurriculumParams(Params):
    """Parameters of `curriculum`."""

    in_a_row: int = Field(default=3, ge=1)
    """A skill is mastered after so many right answers in a row; without answers, an item is once it was taken."""


class Curriculum(Saved, Recommender):
    """The first item, in order, of which not every skill is mastered; the baseline that teaching has to beat.

    The order is that of prerequisites; among items that may come next, the one first that learners took earlier, by
    their mean place in the histories of the training part (from 0, the first event, to 1, the last), or, where
    the order of events is not known, the one that more learners took.
    """

    name = "curriculum"
    params: CurriculumParams
    learned: Learned
    """Array `place`, shape (n_items,): the place of each item in the order, from 0."""

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        events = np.bincount(log.item, minlength=len(log.items))
        if log.ordered:
            length = np.repeat(np.diff(log.learner_start), np.diff(log.learner_start))
            along = np.bincount(log.item, log.step / np.maximum(length - 1, 1), len(log.items))
            early = np.where(events > 0, along / np.maximum(events, 1), 2.0)  # what nobody took comes last
        else:
            early = -events.astype(float)
        self.learned = Learned({"place": _in_order(log, early)}, {"items": log.items})

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        place = self.learned.arrays["place"].astype(np.float32)
        scores = np.tile(-place, (len(learners), 1))
        scores[self._mastered(history, learners)] -= len(place)
        return scores

    def _mastered(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Of which items each learner has mastered every skill; shape (n_learners, n_items)."""
        row = np.searchsorted(learners, history.learner)
        done = np.zeros((len(learners), len(history.items)), dtype=bool)
        if history.correct is None or not len(history.skills):
            done[row, history.item] = True
            return done
        known = self._known_skills(history, row, len(learners))
        counts = np.diff(history.skill_start)
        owner = np.repeat(np.arange(len(counts)), counts)
        lacking = np.zeros((len(learners), len(counts)), dtype=np.int32)
        np.add.at(lacking.T, owner, ~known[:, history.skill].T)
        mastered: NDArray[np.bool_] = (lacking == 0) & (counts > 0)
        return mastered

    def _known_skills(self, history: Choices, row: NDArray[np.int64], n_learners: int) -> NDArray[np.bool_]:
        """Which skills each learner ever had so many right answers to in a row; shape (n_learners, n_skills)."""
        log = history.interactions
        answer = np.repeat(np.arange(len(log)), np.diff(log.skill_start))
        rows = row if history.correct is None else row[history.correct >= 0]
        pair = rows[answer] * max(len(history.skills), 1) + log.skill
        order = np.argsort(pair, kind="stable")
        right = pd.Series(log.correct[answer][order].astype(bool))
        streak = (pd.Series(pair[order]).diff() != 0).cumsum() + 0 * right.astype(int)
        broken = (~right).groupby(streak).cumsum()
        run = right.groupby([streak, broken]).cumsum()
        known = np.zeros(n_learners * max(len(history.skills), 1), dtype=bool)
        known[pair[order][(run >= self.params.in_a_row).to_numpy()]] = True
        return known.reshape(n_learners, -1)


def _in_order(log: Choices, early: NDArray[np.float64]) -> NDArray[np.int32]:
    """The place of each item: prerequisites first, and among those that are ready the earliest."""
    sorter: TopologicalSorter[int] = TopologicalSorter({i: set() for i in range(len(log.items))})
    for before, after in zip(log.before.tolist(), log.after.tolist(), strict=True):
        sorter.add(after, before)
    sorter.prepare()
    place, ready, count = np.empty(len(log.items), dtype=np.int32), set[int](), 0
    while sorter.is_active():
        ready |= set(sorter.get_ready())
        first = min(ready, key=lambda item: (early[item], item))
        ready.remove(first)
        place[first] = count
        count += 1
        sorter.done(first)
    return place
