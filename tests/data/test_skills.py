from collections.abc import Callable

import numpy as np
import pytest

from attain.data.formats.columns import Column, RawTable
from attain.data.merge import Group
from attain.data.skills import SkillSets, in_cells, of_cells, of_items
from attain.data.source import ItemSkill


def named(sets: SkillSets) -> list[list[str]]:
    return [[str(sets.names[c]) for c in sets.code[a:b]] for a, b in zip(sets.start[:-1], sets.start[1:], strict=True)]


def column(*texts: str) -> Column:
    names, code = np.unique(np.array(texts, dtype=object), return_inverse=True)
    return Column(code.astype(np.int32), names)


def cut(cells: Column, group: Group, separator: str) -> SkillSets:
    return of_cells(in_cells(cells.texts, separator), cells.code, group)


def test_a_cell_with_several_skills_is_parted_and_trimmed() -> None:
    alone = Group(np.arange(4), np.arange(5))
    assert named(cut(column("x~~ y", "", "y~~x~~y", "~~z"), alone, "~~")) == [["x", "y"], [], ["y", "x"], ["z"]]


def test_an_answer_has_the_skills_of_all_its_rows_each_once_in_file_order() -> None:
    group = Group(np.array([0, 2, 1, 3]), np.array([0, 2, 4]))
    assert named(cut(column("b", "c", "a;b", "c"), group, ";")) == [["b", "a"], ["c"]]


def test_items_have_the_skills_of_the_q_matrix(table: Callable[[str], RawTable]) -> None:
    matrix = table("item_id,skill_id\n7,s1\n8,s2\n7,s3\n7,s1\n9,s9\n8,\n")
    items = column("8", "7", "5", "7")
    sets = of_items(items.texts, matrix, ItemSkill(file="q.csv"))
    assert named(sets.take(items.code)) == [["s2"], ["s1", "s3"], [], ["s1", "s3"]]


@pytest.mark.parametrize("rows", [np.array([2, 0]), np.array([True, False, True])])
def test_the_sets_of_some_rows_can_be_taken(rows: np.ndarray) -> None:
    sets = SkillSets(np.array([0, 1, 1], np.int32), np.array([0, 2, 2, 3]), np.array(["a", "b"], dtype=object))
    assert named(sets.take(rows)) == ([["b"], ["a", "b"]] if rows.dtype != bool else [["a", "b"], ["b"]])
