import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate

from .conftest import Pieces, ValueOf

METRICS = [
    "duplicate_options_share", "catch_all_options_share", "right_option_longest_excess", "answer_position_imbalance",
]  # fmt: skip


def test_options_that_differ_in_case_or_spaces_are_the_same_and_those_of_signs_alone_are_not(
    pieces: Pieces, value_of: ValueOf
) -> None:
    table = pieces(["a", "b", "c", None], options=[["Cell", " cell.", "x"], ["+", "-"], ["3 - 1", "3 + 1"], ["a", "a"]])
    assert value_of("duplicate_options_share", table) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("option", "flaw"),
    [
        ("All of the above", True),
        ("none of these.", True),
        ("Both of them", True),
        ("all plants", False),
        ("the overall view", False),
        ("ни один из них", False),
    ],
)
def test_options_that_speak_of_the_others_are_found(pieces: Pieces, value_of: ValueOf, option: str, flaw: bool) -> None:
    assert value_of("catch_all_options_share", pieces(["a"], options=[["cell", option]])) == flaw


def test_the_longest_option_is_the_right_one_more_often_than_by_chance(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["a", "b"], options=[["a long one", "x", "y", "z"], ["xx", "yy"]])
    assert value_of("right_option_longest_excess", table) == pytest.approx(((1 - 1 / 4) + (1 / 2 - 1 / 2)) / 2)
    assert value_of("right_option_longest_excess", pieces(["a"], options=[["x", "yy", "z"]])) == pytest.approx(-1 / 3)


def test_right_options_that_always_come_first_are_out_of_balance(pieces: Pieces, value_of: ValueOf) -> None:
    texts = ["Why? A) cat B) dog", "Why? (1) Cat (2) dog", "Why? dog, cat", "cat or dog or cats"]
    table = pieces(texts, options=[["cat", "dog"]] * 4)
    assert value_of("answer_position_imbalance", table) == pytest.approx(3 / 4 - 1 / 2)
    assert value_of("answer_position_imbalance", pieces(texts[:2], options=[["cat", "dog"]] * 2)) == pytest.approx(
        1 / 2
    )


@given(st.lists(st.tuples(st.integers(2, 4), st.integers(0, 3)), min_size=1, max_size=8))
def test_the_imbalance_is_what_would_have_to_move(
    pieces: Pieces, value_of: ValueOf, many: list[tuple[int, int]]
) -> None:
    names = ["north", "south", "east", "west"]
    texts, options, found, even = [], [], np.zeros(4), np.zeros(4)
    for size, place in many:
        order = [*names[1:size]]
        order.insert(place % size, names[0])
        texts.append(" ".join(order))
        options.append(names[:size])
        found[place % size] += 1
        even[:size] += 1 / size
    expected = np.abs(found - even).sum() / 2 / len(many)
    assert value_of("answer_position_imbalance", pieces(texts, options=options)) == pytest.approx(expected)


def test_a_text_without_its_options_is_left_out_and_counted(pieces: Pieces) -> None:
    table = pieces(["cat dog", "cat", "cat dog dog"], options=[["cat", "dog"]] * 3)
    (value,) = evaluate(table, [find("answer_position_imbalance")], replicates=0)
    assert value.n == 1
    assert "2 of 3 pieces left out: their text lacks an option" in value.note


@pytest.mark.parametrize("identity", METRICS)
def test_without_options_or_pieces_there_is_no_value(pieces: Pieces, value_of: ValueOf, identity: str) -> None:
    (value,) = evaluate(pieces(["a", "b"], options=[[], ["a"]]), [find(identity)], replicates=0)
    assert value.value is None
    assert value.reason in ("they have fewer than two options", "no text has all of its options")
    assert np.isnan(value_of(identity, pieces([None], options=[["a", "b"]])))
