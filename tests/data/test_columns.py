from attain.data.columns import change_in, columns_of
from attain.data.load import load

SMALL = {"learners": 10, "skills": 2, "items": 4, "answers": 5}


def test_equal_data_have_equal_columns(home: object) -> None:
    now = columns_of(load("simulated", SMALL))
    assert change_in(now, columns_of(load("simulated", SMALL))) == ""


def test_a_changed_answer_is_named_with_its_row(home: object) -> None:
    then = columns_of(load("simulated", SMALL))
    now = then | {"correct": [*then["correct"][:17], "another", *then["correct"][18:]]}
    assert change_in(then, now) == f"'correct' is another in row 17 of {then['correct'][0]} (as prepared)"


def test_lost_rows_and_columns_are_named(home: object) -> None:
    then = columns_of(load("simulated", SMALL))
    assert "'correct' has 9 rows, and had" in change_in(then, then | {"correct": [9, *then["correct"][1:10]]})
    assert change_in(then, {k: v for k, v in then.items() if k != "item"}) == "the column 'item' is gone"
