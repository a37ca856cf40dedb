import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.data.merge import Group, by_id, side_by_side


def parts(group: Group) -> list[list[int]]:
    return [group.order[a:b].tolist() for a, b in zip(group.start[:-1], group.start[1:], strict=True)]


@pytest.mark.parametrize(
    ("stretches", "skills", "expected"),
    [
        ("aab", "xyx", [[0, 1], [2]]),
        ("aaaa", "xyxy", [[0, 1], [2, 3]]),  # the second answer begins where a skill comes again
        ("aa", "xx", [[0], [1]]),  # the same skill again is another answer
        ("aaa", "xyx", [[0, 1], [2]]),
        ("", "", []),
    ],
)
def test_rows_side_by_side_are_one_answer_until_a_skill_comes_again(
    stretches: str, skills: str, expected: list[list[int]]
) -> None:
    same = np.array([i > 0 and stretches[i] == stretches[i - 1] for i in range(len(stretches))], dtype=bool)
    assert parts(side_by_side(same, np.array([ord(s) for s in skills], dtype=int))) == expected


def test_rows_with_one_id_are_one_answer_where_the_first_of_them_stands() -> None:
    learner = np.array([0, 0, 0, 1, 1])
    answer = np.array([5, 6, 5, 5, 5])
    item = np.array([1, 2, 1, 1, 1])
    assert parts(by_id(learner, answer, item, np.array([1, 0, 1, 0, 0]))) == [[0, 2], [1], [3, 4]]


def test_one_id_with_two_outcomes_is_two_answers() -> None:
    one = np.zeros(2, dtype=int)
    assert parts(by_id(one, one, one, np.array([0, 1]))) == [[0], [1]]


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=15))
def test_an_answer_never_has_a_skill_twice_and_no_row_is_lost(rows: list[tuple[bool, int]]) -> None:
    same = np.array([i > 0 and rows[i][0] for i in range(len(rows))], dtype=bool)
    skill = np.array([s for _, s in rows], dtype=int)
    found = parts(side_by_side(same, skill))
    assert sorted(row for part in found for row in part) == list(range(len(rows)))
    stretch = np.cumsum(~same)
    for part in found:
        assert len(set(skill[part])) == len(part)
        assert len(set(stretch[part])) == 1
