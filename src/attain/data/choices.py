"""Choices: which learner took which item, in order; what recommending is learned from and judged on."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.ragged import pick
from attain.core.table import SKILL_SEPARATOR
from attain.data.interactions import Interactions, Names


@dataclass(frozen=True, eq=False)
class Choices:
    """Items that learners took; n events, sorted by `learner`, then by order where there is one.

    Codes (`learner`, `item`, `skill`) point into the name arrays; the catalogue, `items`, is the same in every part of
    a split, items that nobody took in it included.

    Attributes:
        learner: shape (n,), codes into `learners`, ascending.
        item: shape (n,), codes into `items`.
        row: shape (n,), the event's number in the whole prepared data set.
        skill: shape (n_pairs,), codes into `skills`: those of item i are `skill[skill_start[i]:skill_start[i + 1]]`.
        skill_start: shape (n_items + 1,).
        before: shape (n_edges,), codes of items; `before[e]` is a direct prerequisite of `after[e]`. No cycles.
        after: shape (n_edges,), codes of items.
        ordered: whether the order of a learner's events means anything.
        time_s: shape (n,), seconds since some fixed moment, NaN where unknown; None where the set has no times.
        correct: shape (n,), 1 right, 0 wrong, -1 no answer; None where the set has no answers.
        duration_s: shape (n,), seconds that it took, NaN where unknown; None where the set has none.
        amount: shape (n,), how much of it, such as clicks; None where the set does not say.
    """

    learner: NDArray[np.int32]
    item: NDArray[np.int32]
    row: NDArray[np.int64]
    skill: NDArray[np.int32]
    skill_start: NDArray[np.int64]
    before: NDArray[np.int32]
    after: NDArray[np.int32]
    learners: Names
    items: Names
    skills: Names
    ordered: bool = True
    time_s: NDArray[np.float64] | None = None
    correct: NDArray[np.int8] | None = None
    duration_s: NDArray[np.float32] | None = None
    amount: NDArray[np.float32] | None = None

    def __len__(self) -> int:
        return len(self.learner)

    @cached_property
    def learner_start(self) -> NDArray[np.int64]:
        """Where each learner's events begin; shape (n_present + 1,), for the learners that have events."""
        change = np.flatnonzero(np.diff(self.learner)) + 1
        ends = [0, *change, len(self)] if len(self) else [0]
        return np.asarray(ends, dtype=np.int64)

    @property
    def present(self) -> NDArray[np.int32]:
        """Codes of the learners that have events, ascending."""
        return self.learner[self.learner_start[:-1]]

    @cached_property
    def step(self) -> NDArray[np.int32]:
        """The event's position among its learner's, from 0; shape (n,)."""
        lengths = np.diff(self.learner_start)
        return (np.arange(len(self)) - np.repeat(self.learner_start[:-1], lengths)).astype(np.int32)

    @cached_property
    def repeated(self) -> NDArray[np.bool_]:
        """Which events take an item that the learner took before; shape (n,)."""
        return pd.Series(self.learner.astype(np.int64) * len(self.items) + self.item).duplicated().to_numpy()

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "Choices":
        """Some events (a mask, or ascending numbers), with the same codes, names and catalogue."""
        at = np.flatnonzero(rows) if rows.dtype == bool else np.asarray(rows)
        own = {name: value[at] for name in _OF_EVENTS if (value := getattr(self, name)) is not None}
        return replace(self, **own)

    def of_learners(self, codes: NDArray[np.integer]) -> "Choices":
        """The events of the learners with these codes."""
        wanted = np.zeros(len(self.learners), dtype=bool)
        wanted[codes] = True
        return self.take(wanted[self.learner])

    @cached_property
    def skill_text(self) -> NDArray[np.object_]:
        """The skills of each item joined by `~~`; shape (n_items,), "" where there is none."""
        ends = zip(self.skill_start[:-1], self.skill_start[1:], strict=True)
        names = self.skills.astype(str)
        joined = [SKILL_SEPARATOR.join(sorted(set(names[self.skill[a:b]]))) for a, b in ends]
        return np.array(joined, dtype=object)

    @property
    def interactions(self) -> Interactions:
        """The events that are answers, for a knowledge tracer; of the same learners, items and skills.

        An item's skills are those of the catalogue.
        """
        assert self.correct is not None
        answers = self.take(self.correct >= 0)
        assert answers.correct is not None
        places, start = pick(self.skill_start, answers.item)
        return Interactions(
            learner=answers.learner,
            item=answers.item,
            correct=answers.correct,
            skill=self.skill[places],
            skill_start=start,
            row=answers.row,
            learners=self.learners,
            items=self.items,
            skills=self.skills,
            time_s=answers.time_s,
            duration_s=answers.duration_s,
        )

    def arrays(self) -> dict[str, NDArray[np.generic]]:
        """Everything numeric, by name: what the cache keeps as columns."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {name: value for name, value in values.items() if name not in _TEXTS and value is not None}

    def texts(self) -> dict[str, Any]:
        """Everything else, as JSON can hold it."""
        return {name: list(map(str, getattr(self, name))) for name in _NAMES} | {"ordered": self.ordered}

    @classmethod
    def of(cls, arrays: Mapping[str, NDArray[Any]], texts: Mapping[str, Any]) -> "Choices":
        """From what `arrays` and `texts` gave: columns of the types they were written with, and JSON."""
        names = {name: np.array(texts[name], dtype=object) for name in _NAMES}
        return cls(**arrays, **names, ordered=bool(texts["ordered"]))


_NAMES = ("learners", "items", "skills")
_TEXTS = (*_NAMES, "ordered")
_OF_EVENTS = ("learner", "item", "row", "time_s", "correct", "duration_s", "amount")


def choices_of(log: Interactions) -> Choices:
    """Answers as choices: each answer is an item that the learner took.

    An item has the skills that its answers have, over all of them.
    """
    pair_item = log.item[np.repeat(np.arange(len(log)), np.diff(log.skill_start))].astype(np.int64)
    distinct = np.unique(pair_item * max(len(log.skills), 1) + log.skill)
    item, skill = np.divmod(distinct, max(len(log.skills), 1))
    none = np.empty(0, dtype=np.int32)
    return Choices(
        learner=log.learner,
        item=log.item,
        row=log.row,
        skill=skill.astype(np.int32),
        skill_start=np.searchsorted(item, np.arange(len(log.items) + 1)).astype(np.int64),
        before=none,
        after=none,
        learners=log.learners,
        items=log.items,
        skills=log.skills,
        time_s=log.time_s,
        correct=log.correct,
        duration_s=log.duration_s,
    )
