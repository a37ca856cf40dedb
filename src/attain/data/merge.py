"""Several rows that are one answer under several skills become one answer.

A file that repeats an answer for each of its skills ("expanded") tells a model the answer to the second row with the
first; scored so, random answers look predictable. The log therefore has one row an answer.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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


def each_alone(n_rows: int) -> Group:
    """Every row is an answer."""
    return Group(np.arange(n_rows), np.arange(n_rows + 1))


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


def _grouped(group: NDArray[np.int64]) -> Group:
    """Rows gathered by group; groups stand where their first row stands, or in the order of their numbers."""
    order = np.argsort(group, kind="stable")
    start = np.flatnonzero(np.diff(group[order], prepend=-1))
    return Group(order, np.append(start, len(group)))
