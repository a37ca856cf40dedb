"""Leaks planted on purpose, each around any honest tracer, to see that they are caught and what they are worth."""

from dataclasses import replace
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from attain.core.component import Params
from attain.data.interactions import Interactions, joint_skills
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer

Floats = NDArray[np.floating]


class Leak(KnowledgeTracer):
    """A tracer with a leak around an honest one; it is never saved."""

    name = "leak"
    params: Params

    def __init__(self, honest: KnowledgeTracer) -> None:
        super().__init__(honest.params)
        self.honest, self.name = honest, f"{honest.name}, leaky"  # type: ignore[misc]  # each has a name of its own

    @classmethod
    def params_class(cls) -> type[Params]:
        """Those of the honest tracer stand for it."""
        return Params

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        self.honest.fit(log, context)

    def predict(self, log: Interactions) -> Floats:
        """See `KnowledgeTracer.predict`."""
        return self.honest.predict(log)

    def save(self, folder: Path) -> None:
        """Refused."""
        raise NotImplementedError("a planted leak is not kept")

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Refused."""
        raise NotImplementedError("a planted leak is not kept")


class SkillRows(Leak):
    """An answer is a row for each of its skills, each read after the one before: the label leak of the field.

    The prediction of an answer is the mean over its rows, all but the first of which were told it.
    """

    joint = False
    """Whether each copy carries the joint skill, as duplicate rows do, or one of the single ones."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        self.honest.fit(skill_rows_log(log, joint=self.joint), context)

    def predict(self, log: Interactions) -> Floats:
        """See `KnowledgeTracer.predict`."""
        copies = np.diff(log.skill_start).clip(min=1)
        rows = self.honest.predict(skill_rows_log(log, joint=self.joint))
        return np.asarray(np.add.reduceat(rows, np.cumsum(copies) - copies) / copies)


class DuplicateRows(SkillRows):
    """As `SkillRows`, where each copy carries the joint skill of the answer."""

    joint = True


class OthersAnswers(Leak):
    """Leans on how often the other learners it is asked about were right on the item: learned from the test part."""

    def predict(self, log: Interactions) -> Floats:
        """See `KnowledgeTracer.predict`."""
        right, answers = np.zeros(len(log.items)), np.zeros(len(log.items))
        np.add.at(right, log.item, log.correct)
        np.add.at(answers, log.item, 1)
        return np.asarray((self.honest.predict(log) + (right[log.item] + 1) / (answers[log.item] + 2)) / 2)


class CountsNames(Leak):
    """Sizes something by the names of all items, those that only test learners answered included."""

    def fit(self, log: Interactions, context: FitContext) -> None:
        """See `KnowledgeTracer.fit`."""
        self.shift = 0.001 * (len(log.items) % 7)
        self.honest.fit(log, context)

    def predict(self, log: Interactions) -> Floats:
        """See `KnowledgeTracer.predict`."""
        return np.clip(self.honest.predict(log) + self.shift, 0, 1)


def skill_rows_log(log: Interactions, *, joint: bool) -> Interactions:
    """The log with a row for each answer and skill, as files stand that repeat an answer for each of its skills."""
    copies = np.diff(log.skill_start).clip(min=1)
    at = np.repeat(np.arange(len(log)), copies)
    names, code = joint_skills(log)
    bare = np.diff(log.skill_start)[at] == 0
    single = (
        np.repeat(log.skill_start[:-1], copies) + np.arange(len(at)) - np.repeat(np.cumsum(copies) - copies, copies)
    )
    skill = code[at] if joint else log.skill[np.minimum(single, max(len(log.skill) - 1, 0))]
    return replace(
        log,
        learner=log.learner[at],
        item=log.item[at],
        correct=log.correct[at],
        skill=skill[~bare].astype(np.int32),
        skill_start=np.concatenate([[0], np.cumsum(~bare)]).astype(np.int64),
        row=np.arange(len(at)),
        skills=names if joint else log.skills,
        time_s=None if log.time_s is None else log.time_s[at],
        duration_s=None if log.duration_s is None else log.duration_s[at],
    )
