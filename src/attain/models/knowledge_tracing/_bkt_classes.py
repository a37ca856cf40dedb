"""Which answers share their guess and slip, their learn and forget, or their prior."""

from dataclasses import dataclass
from typing import Literal, Self

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.data.interactions import Interactions, Names, SkillRows, recode
from attain.models.knowledge_tracing._bkt_climb import Ranges
from attain.models.knowledge_tracing._bkt_tables import Histories, Offsets

Ints = NDArray[np.int32]

By = Literal["skill", "item", "pair"]
"""Classes within a skill: one for all its answers; one an item; or one an item and the learner's item before it in the
skill, and one for all first items."""


@dataclass(frozen=True)
class Classes:
    """Classes of answers, those of a skill side by side.

    Attributes:
        key: shape (n_classes,), ascending; see `keys_of_rows`.
        of_row: shape (n_rows,), the class of each row.
        start: shape (n_skills + 1,), where each skill's classes begin.
    """

    key: Offsets
    of_row: Ints
    start: Offsets

    @classmethod
    def of(cls, key: Offsets, skill: Ints, n_skills: int) -> Self:
        """The classes of rows with these keys, which are ascending in `skill`; each skill has a row."""
        distinct, first, of_row = np.unique(key, return_index=True, return_inverse=True)
        start = np.searchsorted(skill[first], np.arange(n_skills + 1)).astype(np.int64)
        return cls(distinct, of_row.astype(np.int32), start)


def keys_of_rows(by: By, rows: SkillRows, log: Interactions, skills: Names, items: Names) -> Offsets:
    """A number for the class of each row, -1 where a name is not known.

    Those of a skill are above those of the skills that stand before it in `skills`.

    Args:
        by: which rows are of one class.
        rows: rows of `log`.
        log: the answers.
        skills: known names.
        items: known names.
    """
    skill = recode(rows.names, skills)[rows.skill].astype(np.int64)
    if by == "skill":
        return skill
    item = recode(log.items, items)[log.item[rows.answer]].astype(np.int64)
    known, key = (skill >= 0) & (item >= 0), skill * len(items) + item
    if by == "pair":
        last = _row_before(rows.skill, log.learner[rows.answer], len(rows.names))
        key = np.where(last >= 0, key * (len(items) + 1) + item[last], (skill * len(items) + 1) * (len(items) + 1) - 1)
        known = (skill >= 0) & ((last < 0) | (known & (item[last] >= 0)))
    return np.where(known, key, -1)


@compiled
def _row_before(skill: Ints, learner: Ints, n_skills: int) -> Offsets:
    """The learner's last row of the same skill before each row, or -1."""
    before = np.full(len(skill), -1, dtype=np.int64)
    last = np.full(n_skills, -1, dtype=np.int64)
    for row in range(len(skill)):
        s = skill[row]
        if last[s] >= 0 and learner[last[s]] == learner[row]:
            before[row] = last[s]
        last[s] = row
    return before


def histories(
    rows: SkillRows, log: Interactions, move: Classes, answer: Classes, *, by_first_answer: bool
) -> tuple[Histories, Ranges]:
    """The rows as histories, and which classes are each skill's.

    Args:
        rows: rows of `log`, whose names are the skills.
        log: the answers.
        move: classes of learn and forget.
        answer: classes of guess and slip.
        by_first_answer: whether each skill has two priors: place 2 s for histories that begin wrong, 2 s + 1 for the
            others. A first answer then says nothing more: it points behind all classes.
    """
    n_skills = len(rows.names)
    order, skill_begins = _by_skill(rows.skill, n_skills)
    skill, learner, right = rows.skill[order], log.learner[rows.answer][order], log.correct[rows.answer][order]
    begins = np.ones(len(order), dtype=bool)
    begins[1:] = (np.diff(skill) != 0) | (np.diff(learner) != 0)
    first = np.flatnonzero(begins)
    symbol = 2 * answer.of_row[order] + right
    prior, prior_start = skill[first], np.arange(n_skills + 1)
    if by_first_answer:
        prior, prior_start = 2 * prior + right[first], 2 * prior_start
        symbol[first] = 2 * len(answer.key)
    skill_start = np.searchsorted(first, skill_begins).astype(np.int64)
    start = np.append(first, len(order)).astype(np.int64)
    flat = Histories(
        skill_start,
        start,
        symbol.astype(np.uint32),
        move.of_row[order].astype(np.uint32),
        prior.astype(np.uint32),
        learner[first],
    )
    return flat, Ranges(prior_start.astype(np.int64), move.start, answer.start)


@compiled
def _by_skill(skill: Ints, n_skills: int) -> tuple[Offsets, Offsets]:
    """The rows in the order of their skills, otherwise as they were, and where each skill begins."""
    start = np.zeros(n_skills + 1, dtype=np.int64)
    for s in skill:
        start[s + 1] += 1
    start = np.cumsum(start)
    place, order = start[:-1].copy(), np.empty(len(skill), dtype=np.int64)
    for row in range(len(skill)):
        order[place[skill[row]]] = row
        place[skill[row]] += 1
    return order, start
