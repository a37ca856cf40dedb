import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.simulate.curriculum import Curriculum


def test_edges_become_what_each_skill_needs_and_what_follows_it() -> None:
    made = Curriculum.of(["a", "b", "c"], [(0, 2), (1, 2), (0, 1)], items_per_skill=2)
    assert made.needs.tolist() == [0, 1, 2]
    assert [made.next[made.next_start[s] : made.next_start[s + 1]].tolist() for s in range(3)] == [[1, 2], [2], []]
    assert made.item_skill.tolist() == [0, 0, 1, 1, 2, 2]
    assert made.first_item.tolist() == [0, 2, 4, 6]


@pytest.mark.parametrize("edge", [(2, 1), (1, 1)])
def test_a_prerequisite_comes_before_what_builds_on_it(edge: tuple[int, int]) -> None:
    with pytest.raises(UserError, match="cannot be a prerequisite"):
        Curriculum.of(["a", "b", "c"], [edge])


def test_an_unknown_skill_and_no_skill_are_refused() -> None:
    with pytest.raises(UserError, match="not there; there are 2"):
        Curriculum.of(["a", "b"], [(0, 5)])
    with pytest.raises(UserError, match="at least one skill"):
        Curriculum.of([])


def test_a_random_curriculum_is_that_of_its_seed_and_goes_forward() -> None:
    a, b, other = (Curriculum.random(30, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(a.next, b.next)
    assert a.next.tolist() != other.next.tolist()
    owner = np.repeat(np.arange(30), np.diff(a.next_start))
    assert (owner < a.next).all()
    assert a.needs.max() <= 3
