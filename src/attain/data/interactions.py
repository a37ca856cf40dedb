"""The interaction log: one row an answer, sorted by learner and then by order, as columns and offsets."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.ragged import pick
from attain.core.table import SKILL_SEPARATOR

Names = NDArray[np.object_]


@dataclass(frozen=True, eq=False)
class Interactions:
    """Answers of learners to items; n rows, sorted by `learner`, then by order in time.

    Skills stand in a flat array with offsets, because an answer may practise several skills (or none):
    those of row i are `skill[skill_start[i]:skill_start[i + 1]]`. An answer is never repeated for a second skill.

    Codes (`learner`, `item`, `skill`) point into the name arrays. They are names, not features: a model remembers
    which of them it saw in `fit` and must accept others in `predict`.

    Attributes:
        learner: shape (n,), codes into `learners`, ascending.
        item: shape (n,), codes into `items`.
        correct: shape (n,), 0 or 1.
        skill: shape (n_pairs,), codes into `skills`.
        skill_start: shape (n + 1,).
        row: shape (n,), the row's number in the whole prepared data set (`example` of the predictions table).
        time_s: shape (n,), seconds since some fixed moment, NaN where unknown; None where the set has no times.
        duration_s: shape (n,), seconds that the answer took, NaN where unknown; None where the set has none.
    """

    learner: NDArray[np.int32]
    item: NDArray[np.int32]
    correct: NDArray[np.int8]
    skill: NDArray[np.int32]
    skill_start: NDArray[np.int64]
    row: NDArray[np.int64]
    learners: Names
    items: Names
    skills: Names
    time_s: NDArray[np.float64] | None = None
    duration_s: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.learner)

    @cached_property
    def learner_start(self) -> NDArray[np.int64]:
        """Where each learner's rows begin; shape (n_present + 1,), for the learners that have rows."""
        change = np.flatnonzero(np.diff(self.learner)) + 1
        ends = [0, *change, len(self)] if len(self) else [0]
        return np.asarray(ends, dtype=np.int64)

    @cached_property
    def step(self) -> NDArray[np.int32]:
        """The row's position in its learner's history, from 0; shape (n,)."""
        lengths = np.diff(self.learner_start)
        return (np.arange(len(self)) - np.repeat(self.learner_start[:-1], lengths)).astype(np.int32)

    @property
    def present(self) -> NDArray[np.int32]:
        """Codes of the learners that have rows, ascending."""
        return self.learner[self.learner_start[:-1]]

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "Interactions":
        """The log of some rows (a mask, or ascending numbers), with the same codes and names."""
        at = np.flatnonzero(rows) if rows.dtype == bool else np.asarray(rows)
        places, start = pick(self.skill_start, at)
        return replace(
            self,
            learner=self.learner[at],
            item=self.item[at],
            correct=self.correct[at],
            skill=self.skill[places],
            skill_start=start,
            row=self.row[at],
            time_s=None if self.time_s is None else self.time_s[at],
            duration_s=None if self.duration_s is None else self.duration_s[at],
        )

    def of_learners(self, codes: NDArray[np.integer]) -> "Interactions":
        """The log of the learners with these codes."""
        wanted = np.zeros(len(self.learners), dtype=bool)
        wanted[codes] = True
        return self.take(wanted[self.learner])

    def with_correct(self, correct: NDArray[np.integer]) -> "Interactions":
        """The same log with other answers; shape (n,)."""
        return replace(self, correct=np.asarray(correct, dtype=np.int8))

    @cached_property
    def skill_text(self) -> "pd.Categorical":
        """The skills of each row joined by `~~` (empty where there is none); a categorical of length n."""
        joint, code = joint_skills(self)
        return pd.Categorical.from_codes(code, categories=pd.Index(joint, dtype="str"))

    def frame(self) -> pd.DataFrame:
        """The log as a pandas frame: `learner`, `step`, `item`, `skill`, `correct`, `time_s`, `duration_s`.

        `skill` holds all skills of the answer joined by `~~`; times are there where the set has them.
        """
        out = pd.DataFrame(
            {
                "learner": self.learners[self.learner],
                "step": self.step,
                "item": self.items[self.item],
                "skill": self.skill_text.astype(object),
                "correct": self.correct,
            }
        )
        for name in ("time_s", "duration_s"):
            if (values := getattr(self, name)) is not None:
                out[name] = values
        return out

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything numeric, by name: what the cache keeps as columns."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if name not in _NAMES and value is not None}

    def texts(self) -> dict[str, Any]:
        """Everything else, as JSON can hold it."""
        return {name: list(map(str, getattr(self, name))) for name in _NAMES}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, Any]) -> "Interactions":
        """From what `arrays` and `texts` gave: columns of the types they were written with, and JSON."""
        return cls(**arrays, **{name: np.array(texts[name], dtype=object) for name in _NAMES})


_NAMES = ("learners", "items", "skills")


def joint_skills(log: Interactions) -> tuple[Names, NDArray[np.int32]]:
    """One joint skill for each combination of skills that occurs.

    Returns:
        The joint names, sorted (skills joined by `~~` in the order of their names; "" for no skill), and the code
        of each row, shape (n,).
    """
    counts = np.diff(log.skill_start)
    code = np.zeros(len(log), dtype=np.int64)  # 0: no skill; 1 + s: skill s alone; above: a combination
    single = counts == 1
    code[single] = 1 + log.skill[log.skill_start[:-1][single]]
    several = np.flatnonzero(counts > 1)
    sets = _skill_sets(log, several, counts[several])
    code[several], combinations = _set_codes(sets, len(log.skills))
    present, inverse = _compact(code, 1 + len(log.skills) + len(combinations))
    single_names = ["", *map(str, log.skills)]
    names = []
    for number in present:
        members = combinations[number - len(single_names)] if number >= len(single_names) else []
        joined = SKILL_SEPARATOR.join(sorted(str(log.skills[m]) for m in members if m >= 0))
        names.append(joined or single_names[number])
    order = np.argsort(np.array(names, dtype=object), kind="stable")
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    return np.array(names, dtype=object)[order], place[inverse]


def _skill_sets(log: Interactions, rows: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """The skills of some rows, each once and descending; shape (len(rows), the most there are), -1 where fewer."""
    width = int(counts.max(initial=0))
    at = log.skill_start[rows][:, None] + np.arange(width)
    sets = np.where(np.arange(width) < counts[:, None], log.skill[at.clip(max=max(len(log.skill) - 1, 0))], -1)
    sets.sort(axis=1)
    sets = sets[:, ::-1]
    if (double := (sets[:, 1:] == sets[:, :-1]) & (sets[:, 1:] >= 0)).any():
        sets[:, 1:][double] = -1
        sets = np.sort(sets, axis=1)[:, ::-1]
    return sets


def _set_codes(sets: NDArray[np.int64], n_skills: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """A code for each set as `joint_skills` counts them, and the combinations in the order of their codes."""
    if not len(sets):
        return np.empty(0, dtype=np.int64), sets
    key = sets[:, 0].astype(np.int64)
    for column in sets.T[1:]:
        key = pd.factorize(key * (n_skills + 1) + column + 1)[0]
    number, first = pd.factorize(key)[0], np.flatnonzero(~pd.Series(key).duplicated().to_numpy())
    alone = sets[:, 1] < 0
    return np.where(alone, 1 + sets[:, 0], 1 + n_skills + number), sets[first]


def _compact(code: NDArray[np.integer], size: int) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """The codes that occur, ascending, and for each cell its place among them; as `np.unique`, without sorting."""
    present = np.flatnonzero(np.bincount(code, minlength=size))
    place = np.zeros(size, dtype=np.int32)
    place[present] = np.arange(len(present), dtype=np.int32)
    return present, place[code]


SkillMode = Literal["combination", "first", "mean"]
"""How a tracer of single skills reads an answer with several: as one joint skill; by the first only; or each skill
sees the answer once and the prediction is the mean over the skills' own predictions."""


@dataclass(frozen=True, eq=False)
class SkillRows:
    """One row for each answer and skill that a single-skill tracer reads.

    Attributes:
        answer: shape (m,), the row of the log, ascending.
        skill: shape (m,), codes into `names`.
        names: the names of the (joint) skills.
    """

    answer: NDArray[np.int64]
    skill: NDArray[np.int32]
    names: Names


def skill_rows(log: Interactions, mode: SkillMode) -> SkillRows:
    """The answers of `log` as single-skill rows.

    Args:
        log: the log.
        mode: how answers with several skills are read.

    An answer without a skill is a row of the skill "" in modes `combination` and `first`, and in `mean` too, so that
    every answer has at least one row.
    """
    counts = np.diff(log.skill_start)
    if mode == "combination":
        own, code = joint_skills(log)
        answer = np.arange(len(log), dtype=np.int64)
    else:
        width = counts.clip(1, 1) if mode == "first" else counts.clip(min=1)
        answer = np.repeat(np.arange(len(log), dtype=np.int64), width)
        within = np.arange(len(answer)) - np.repeat(np.cumsum(width) - width, width)
        bare = counts[answer] == 0
        at = (log.skill_start[answer] + within).clip(max=max(len(log.skill) - 1, 0))
        own = np.append(log.skills, "")
        flat = np.where(bare, len(log.skills), log.skill[at] if len(log.skill) else 0)
        used, code = _compact(flat, len(own))
        own = own[used]
    return SkillRows(answer, code, own)


def recode(names: Names, known: Names) -> NDArray[np.int32]:
    """For each of `names` its place in `known`, or -1; shape (len(names),)."""
    return pd.Index(known).get_indexer(pd.Index(names)).astype(np.int32)
