import numpy as np

from attain.models.knowledge_tracing._design import FREE, Block, design


def names(*of: str) -> np.ndarray:
    return np.array(of, dtype=object)


def blocks() -> list[Block]:
    """Three answers: skills b; a and c; none. Items x, y, x. One feature that all share."""
    each = np.arange(3)
    skill = np.array([[1, 2], [1, 3], [1, 0]], dtype=float)
    return [
        Block("skill", names("a", "b", "c"), np.array([0, 1, 1]), np.array([1, 0, 2], np.int32), skill, (False, True)),
        Block("item", names("x", "y"), each, np.array([0, 1, 0], np.int32), np.ones((3, 1)), (True,), 3),
        Block("all", names(), each, np.zeros(3, np.int32), np.array([[5.0], [6], [7]]), (True,)),
        Block("learner", names("l"), each, np.zeros(3, np.int32), np.ones((3, 1)), (False,), 2, stored=False),
    ]


def test_the_largest_one_hot_block_stands_first_then_what_is_shared_then_the_rest() -> None:
    made = design(blocks(), 3)
    own_items, shared = [[1, 0], [0, 1], [1, 0]], [[2, 1, 5], [3, 1, 6], [0, 1, 7]]
    own_skills, learner = [[0, 0, 1, 2, 0, 0], [1, 3, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0]], [[1], [1], [1]]
    np.testing.assert_array_equal(made.columns.toarray(), np.hstack([own_items, shared, own_skills, learner]))
    np.testing.assert_array_equal(made.penalty, [3, 3, FREE, FREE, FREE, 1, 1, 1, 1, 1, 1, 2])
    assert (made.single, made.loose) == (2, 1)


def test_weights_are_handed_back_to_their_blocks() -> None:
    skill, item, shared, learner = design(blocks(), 3).unpack(np.arange(12.0), blocks())
    np.testing.assert_array_equal(skill, [[5, 6], [7, 8], [9, 10], [0, 2]])
    np.testing.assert_array_equal(item, [[0], [1], [3]])
    np.testing.assert_array_equal(shared, [[4]])
    np.testing.assert_array_equal(learner, [[11], [0]])


def test_names_without_a_row_are_left_out() -> None:
    block = Block("item", names("x", "y", "z"), np.arange(2), np.array([2, 0], np.int32), np.ones((2, 1)), (True,))
    assert block.seen().names.tolist() == ["x", "z"]
    assert block.seen().code.tolist() == [1, 0]


def test_an_answer_with_two_rows_is_not_one_hot() -> None:
    skill, item, *_ = blocks()
    assert item.one_hot
    assert not skill.one_hot
    twice = Block("skill", names("a"), np.array([0, 0]), np.zeros(2, np.int32), np.ones((2, 1)), (True,))
    assert not twice.one_hot
