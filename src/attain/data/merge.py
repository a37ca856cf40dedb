"""Several rows that are one answer under several skills become one answer.

A file that repeats an answer for each of its skills ("expanded") tells a model the answer to the second row with the
first; scored so, random answers look predictable. The log therefore has one row an answer.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.formats.columns import Placed
from attain.data.interactions import Interactions, joint_skills
from attain.data.rows import Notes, Rows, same_as_before, without_duplicates
from attain.data.source import Options

MOST_EXPANDED = 0.005
"""The share of rows that may repeat the row before under another skill in a file that is not expanded."""


@dataclass(frozen=True, eq=False)
class Group:
    """Which rows are one answer.

    Attributes:
        order: shape (n_rows,): the rows, those of an answer side by side.
        start: shape (n_answers + 1,): where each answer begins in `order`.
    """

    order: NDArray[np.int64]
    start: NDArray[np.int64]

    @property
    def first(self) -> NDArray[np.int64]:
        """The first row of each answer; shape (n_answers,)."""
        return self.order[self.start[:-1]]


@dataclass
class Repeats:
    """How many rows repeat the answer before them under another skill.

    Attributes:
        repeats: so many.
        rows: of so many.
        first: the numbers of the first two such rows in the file.
    """

    repeats: int = 0
    rows: int = 0
    first: tuple[int, int] | None = None

    def count(self, at: NDArray[np.integer], other_skill: NDArray[np.bool_]) -> None:
        """Count some rows: their numbers in the file, and which of them repeat the one before."""
        self.repeats, self.rows = self.repeats + int(other_skill.sum()), self.rows + len(at)
        if self.first is None and other_skill.any():
            row = int(other_skill.argmax())
            self.first = int(at[row - 1]), int(at[row])

    def refuse(self, file: Placed) -> None:
        """Refuse a file in which too many do.

        Raises:
            UserError: the file is expanded.
        """
        if self.first is None or (share := self.repeats / self.rows) <= MOST_EXPANDED:
            return
        where = " and ".join(map(file.place, self.first))
        raise UserError(
            f"{file.path}: {share:.1%} of the rows repeat the answer before them under another skill (first: {where}). "
            "A model would be told the answer by the copy. Say `expanded: merge` (`--option expanded=merge`) to make "
            "them one answer each, or name the column with the answer's id (`answer_id`, `--answer-id`); "
            "`expanded: keep` (`--option expanded=keep`) if they are separate answers."
        )


def merged(rows: Rows, options: Options, notes: Notes, repeats: Repeats) -> tuple[Rows, Group]:
    """The rows without exact duplicates, and which of them are one answer.

    Args:
        rows: of whole learners, in order.
        options: what the suite chose.
        notes: hears what is done to how many.
        repeats: hears of rows that repeat the answer before them, where that is to be refused.
    """
    if rows.answer is None:
        rows = without_duplicates(rows, notes)
        skill = np.zeros(len(rows), dtype=np.int32) if rows.skill is None else rows.skill.code
        same = same_as_before(rows)
        if options.expanded == "refuse":
            repeats.count(rows.at, same & (np.diff(skill, prepend=-1) != 0))
        if options.expanded != "merge":
            return rows, Group(np.arange(len(rows)), np.arange(len(rows) + 1))
        group = side_by_side(same, skill)
    else:
        group = by_id(rows.learner.code, rows.answer, rows.item.code, rows.correct)
    notes.note("merged rows that are one answer under several skills", len(rows) - len(group.first))
    return rows, group


def by_id(learner: NDArray[Any], answer: NDArray[Any], item: NDArray[Any], correct: NDArray[Any]) -> Group:
    """Rows of a learner with the same answer id, item and correctness are one answer, where the first of them stands.

    Args: each of shape (n_rows,), codes.
    """
    keys = pd.DataFrame({"learner": learner, "answer": answer, "item": item, "correct": correct})
    return _grouped(np.asarray(keys.groupby(list(keys), sort=False).ngroup(), dtype=np.int64))


def side_by_side(same: NDArray[np.bool_], skill: NDArray[Any]) -> Group:
    """Rows that follow each other with the same learner, item, time and correctness are one answer.

    When a skill comes a second time within them, the second answer begins: A B A B is two answers.

    Args:
        same: shape (n_rows,): whether the row has all of that in common with the row before.
        skill: shape (n_rows,), codes of the skill cells.
    """
    stretch = np.cumsum(~same)
    time = pd.DataFrame({"stretch": stretch, "skill": skill}).groupby(["stretch", "skill"]).cumcount().to_numpy()
    return _grouped(stretch.astype(np.int64) * (int(time.max(initial=0)) + 1) + time)


def answers_of(log: Interactions) -> NDArray[np.int64]:
    """The number of the answer that each row of a log belongs to, ascending; shape (n,).

    A log has a row an answer, unless its file was read with `expanded: keep`: then rows that follow each other with the
    same learner, item, time and correctness are one answer, until a skill comes a second time.
    """
    same = np.zeros(len(log), dtype=bool)
    same[1:] = (log.learner[1:] == log.learner[:-1]) & (log.item[1:] == log.item[:-1])
    same[1:] &= log.correct[1:] == log.correct[:-1]
    if log.time_s is not None:
        same[1:] &= (log.time_s[1:] == log.time_s[:-1]) | (np.isnan(log.time_s[1:]) & np.isnan(log.time_s[:-1]))
    if not same.any():
        return np.arange(len(log))
    rows = pd.DataFrame({"stretch": np.cumsum(~same), "skill": joint_skills(log)[1]})
    rows["time"] = rows.groupby(["stretch", "skill"]).cumcount()
    rows["time"] = rows.groupby("stretch")["time"].cummax()
    return np.asarray(rows.groupby(["stretch", "time"]).ngroup(), dtype=np.int64)


def _grouped(group: NDArray[np.int64]) -> Group:
    """Rows gathered by group, in the order of the groups' numbers."""
    order = np.argsort(group, kind="stable")
    start = np.flatnonzero(np.diff(group[order], prepend=-1))
    return Group(order, np.append(start, len(group)))
