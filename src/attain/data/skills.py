"""The skills that each answer practises, as a flat array with offsets."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.ragged import pick
from attain.data.formats.columns import Column, RawTable
from attain.data.merge import Group
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
        places, start = pick(self.start, at)
        return SkillSets(self.code[places], start, self.names)


def of_rows(skill: Column | None, group: Group, separator: str) -> SkillSets:
    """The skills that stand in an answer's own rows; each once, in the order of the file.

    Args:
        skill: the skill cells, or None where the file has none.
        group: which rows are one answer.
        separator: joins several skills in one cell.
    """
    n = len(group.start) - 1
    if skill is None:
        return SkillSets(np.zeros(0, np.int32), np.zeros(n + 1, np.int64), np.zeros(0, dtype=object))
    cells = _cells(skill.texts, separator).take(skill.code[group.order])
    answer = np.repeat(np.arange(n), np.diff(group.start))
    pairs = np.repeat(answer, np.diff(cells.start))
    _, first = np.unique(pairs * max(len(cells.names), 1) + cells.code, return_index=True)
    first.sort()
    start = np.concatenate([[0], np.cumsum(np.bincount(pairs[first], minlength=n))]).astype(np.int64)
    return SkillSets(cells.code[first], start, cells.names)


def of_items(items: Column, table: RawTable, columns: ItemSkill) -> SkillSets:
    """The skills that the Q-matrix gives to each answer's item; none for an item that is not in it."""
    item, skill = table.columns[columns.item], table.columns[columns.skill]
    full = ~item.empty & ~skill.empty
    place = pd.Index(items.texts).get_indexer(pd.Index(item.texts))[item.code]
    pairs = pd.DataFrame({"item": place, "skill": skill.code})[full & (place >= 0)]
    pairs = pairs.drop_duplicates().sort_values("item", kind="stable")
    sizes = np.bincount(pairs["item"].to_numpy(), minlength=len(items.texts))
    start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return SkillSets(pairs["skill"].to_numpy(np.int32), start, skill.texts).take(items.code)


def _cells(texts: NDArray[np.object_], separator: str) -> SkillSets:
    """The skills named by each distinct cell."""
    parts = [[part.strip() for part in str(text).split(separator)] for text in texts]
    named = [list(dict.fromkeys(p for p in many if p)) for many in parts]
    code, names = pd.factorize(np.array([p for many in named for p in many], dtype=object))
    start = np.concatenate([[0], np.cumsum([len(many) for many in named])]).astype(np.int64)
    return SkillSets(code.astype(np.int32), start, np.asarray(names, dtype=object))
