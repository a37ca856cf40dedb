"""The skills that each answer practises, as a flat array with offsets."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.data.formats.columns import RawTable
from attain.data.merge import Group
from attain.data.rows import Rows
from attain.data.source import ItemSkill


@dataclass(frozen=True, eq=False)
class SkillSets:
    """Sets of skills: those of row i are `code[start[i]:start[i + 1]]`, codes into `names`."""

    code: NDArray[np.int32]
    start: NDArray[np.int64]
    names: NDArray[np.object_]

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "SkillSets":
        """The sets of some rows."""
        at = np.flatnonzero(rows) if rows.dtype == bool else np.asarray(rows)
        return SkillSets(*_taken(self.code, self.start, at), self.names)


@dataclass(frozen=True, eq=False)
class SkillTable:
    """The skills of each cell of the skill column, or of each item; worked out once for any number of rows.

    Attributes:
        sets: by the code of the cell or item.
        by: what the sets are of; `none` where the file tells no skills.
    """

    sets: SkillSets
    by: Literal["cell", "item", "none"]

    def of(self, rows: Rows, group: Group) -> SkillSets:
        """The skills of each answer."""
        if self.by == "item":
            return self.sets.take(rows.item.code[group.first])
        if rows.skill is None:
            n = len(group.start) - 1
            return SkillSets(np.zeros(0, np.int32), np.zeros(n + 1, np.int64), np.zeros(0, dtype=object))
        return of_cells(self.sets, rows.skill.code, group)


def of_cells(cells: SkillSets, code: NDArray[np.integer], group: Group) -> SkillSets:
    """The skills that stand in an answer's own rows; each once, in the order of the file.

    Args:
        cells: the skills of each distinct cell.
        code: shape (n_rows,), the cell of each row.
        group: which rows are one answer.
    """
    n, cells = len(group.start) - 1, cells.take(code[group.order])
    if n == len(group.order):
        return cells
    answer = np.repeat(np.arange(n), np.diff(group.start))
    pairs = np.repeat(answer, np.diff(cells.start))
    _, first = np.unique(pairs * max(len(cells.names), 1) + cells.code, return_index=True)
    first.sort()
    start = np.concatenate([[0], np.cumsum(np.bincount(pairs[first], minlength=n))]).astype(np.int64)
    return SkillSets(cells.code[first], start, cells.names)


def of_items(items: NDArray[np.object_], table: RawTable, columns: ItemSkill) -> SkillSets:
    """The skills that the Q-matrix gives to each item; none for an item that is not in it."""
    item, skill = table.columns[columns.item], table.columns[columns.skill]
    full = ~item.empty & ~skill.empty
    place = pd.Index(items).get_indexer(pd.Index(item.texts))[item.code]
    pairs = pd.DataFrame({"item": place, "skill": skill.code})[full & (place >= 0)]
    pairs = pairs.drop_duplicates().sort_values("item", kind="stable")
    sizes = np.bincount(pairs["item"].to_numpy(), minlength=len(items))
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return SkillSets(pairs["skill"].to_numpy(np.int32), start, skill.texts)


def in_cells(texts: NDArray[np.object_], separator: str) -> SkillSets:
    """The skills named by each distinct cell."""
    parts = [[part.strip() for part in str(text).split(separator)] for text in texts]
    named = [list(dict.fromkeys(p for p in many if p)) for many in parts]
    code, names = pd.factorize(np.array([p for many in named for p in many], dtype=object))
    start = np.concatenate([[0], np.cumsum([len(many) for many in named])]).astype(np.int64)
    return SkillSets(code.astype(np.int32), start, np.asarray(names, dtype=object))


@compiled
def _taken(
    code: NDArray[np.int32], start: NDArray[np.int64], rows: NDArray[np.integer]
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """The codes and offsets of the sets of some rows."""
    begins = np.empty(len(rows) + 1, dtype=np.int64)
    begins[0] = 0
    for place in range(len(rows)):
        begins[place + 1] = begins[place] + start[rows[place] + 1] - start[rows[place]]
    out = np.empty(begins[-1], dtype=np.int32)
    for place in range(len(rows)):
        first = start[rows[place]]
        for at in range(begins[place], begins[place + 1]):
            out[at] = code[first + at - begins[place]]
    return out, begins
