import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate
from attain.metrics.question_form import asks

from .conftest import Pieces, ValueOf


@pytest.mark.parametrize(
    "text",
    [
        "What is a fraction?",
        "In which year did the war end?",
        "The capital of France is what?",
        "Does light bend?",
        "Isn't it warm?",
        'He said "go". Why did she leave?',
        "WHO WROTE IT？",
        "What did Frederick S. Pierce do in the U.S. in 1986?",
        "Is Dr. No here?",
        "(Which one is it?)",
    ],
)
def test_questions_have_the_form_of_one(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "Name a plant.",
        "What is a fraction",
        "What is it? Why?",
        "The war ended?",
        "What a day: the war ended.\nIt did?",
        "What a day! The war ended?",
        "Is it? Yes.",
        "whatever?",
        "Что это?",
    ],
)
def test_others_have_not(text: str) -> None:
    assert not asks(text)


@given(st.text())
def test_whatever_has_the_form_of_a_question_has_one_mark(text: str) -> None:
    assert not asks(text) or sum(text.count(mark) for mark in "?？؟") == 1


def test_the_share_is_of_delivered_pieces_in_latin_script(pieces: Pieces) -> None:
    table = pieces(["What is it?", "It is.", "Что это?", None])
    (value,) = evaluate(table, [find("question_form_share")], replicates=0)
    assert value.value == pytest.approx(1 / 2)
    assert value.n == 2
    assert "1 of 3 pieces left out: they are not in Latin script" in value.note
    assert "not delivered: 1 empty of 4 pieces" in value.note


def test_an_answer_is_found_by_whole_words_whatever_the_case(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(
        ["a?", "b?", "c?", "d?", "e?", None],
        passage=["The Battle, of Hastings!", "carpet", "x = 3 - 4", "в Москве, зимой", "", "cat"],
        answer=["battle of hastings", "pet", "3 + 4", "Москве", "cat", "cat"],
    )
    assert value_of("answerable_share", table) == pytest.approx(2 / 4)


def test_a_question_that_holds_its_answer_gives_it_away(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["Who was King John?", "Who was king?", "Who?"], answer=["king john", "King John", ""])
    assert value_of("answer_given_away_share", table) == pytest.approx(1 / 2)


@pytest.mark.parametrize(
    ("identity", "reason"),
    [
        ("question_form_share", "they are not in Latin script"),
        ("answerable_share", "they have no passage or no answer"),
        ("answer_given_away_share", "they have no answer"),
    ],
)
def test_where_no_piece_counts_there_is_no_share(pieces: Pieces, identity: str, reason: str) -> None:
    table = pieces(["Что это?"], passage=[""], answer=["?"])
    (value,) = evaluate(table, [find(identity)], replicates=0)
    assert (value.value, value.reason) == (None, reason)
    empty = pieces([None, " "], passage=["a", "a"], answer=["a", "a"])
    assert np.isnan(find(identity).statistic(empty).at(np.ones((1, 2)))[0])
