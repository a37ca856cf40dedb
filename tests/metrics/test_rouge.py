import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer

from attain.core.errors import UserError
from attain.core.metric import Sums
from attain.core.table import Predictions
from attain.metrics.compare import compare
from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate

from .conftest import Pieces, ValueOf

PEERS = {"rouge_1": "rouge1", "rouge_2": "rouge2", "rouge_l": "rougeL", "rouge_lsum": "rougeLsum"}
FEW_WORDS = st.lists(
    st.sampled_from(["the", "cats", "SAT", "sitting", "sits", "a", "mat.", "\n", "x+y", "кот"]), max_size=25
)
TEXT = FEW_WORDS.map(" ".join)
"""Of few words, so that they meet often and out of order."""


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        ("rouge_1", 5 / 6),  # the, cat, on, the, mat of 6 and 6
        ("rouge_2", 3 / 5),  # the cat, on the, the mat of 5 and 5
        ("rouge_l", 5 / 6),
        ("rouge_lsum", 5 / 6),
    ],
)
def test_a_table_by_hand(pieces: Pieces, value_of: ValueOf, identity: str, expected: float) -> None:
    table = pieces(["The cat sat on the mat.", ""], references=[["the cat is on the mat"], ["a dog"]])
    assert value_of(identity, table) == pytest.approx(expected / 2)


def test_precision_is_of_the_pieces_words_and_recall_of_the_references(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["a b c d"], references=[["a b"]])
    assert value_of("rouge_1[unicode,precision]", table) == pytest.approx(2 / 4)
    assert value_of("rouge_1[unicode,recall]", table) == pytest.approx(2 / 2)
    assert value_of("rouge_1", table) == pytest.approx(2 / 3)


@pytest.mark.parametrize("tokeniser", ["google", "google_stemmed"])
@settings(max_examples=30)
@given(many=st.lists(st.tuples(TEXT, st.lists(TEXT.filter(str.strip), min_size=1, max_size=3)), min_size=1, max_size=4))
def test_scores_are_those_of_rouge_score(pieces: Pieces, tokeniser: str, many: list[tuple[str, list[str]]]) -> None:
    table = pieces([text for text, _ in many], references=[some for _, some in many])
    scorer = RougeScorer(list(PEERS.values()), use_stemmer=tokeniser.endswith("stemmed"))
    theirs = [scorer.score_multi(some, text) for text, some in many]
    for name, peer in PEERS.items():
        for of, field in (("", "fmeasure"), (",precision", "precision"), (",recall", "recall")):
            statistic = find(f"{name}[{tokeniser}{of}]").statistic(table)
            assert isinstance(statistic, Sums)
            expected = [getattr(one[peer], field) for one in theirs]
            assert statistic.by_unit[:, 0].tolist() == pytest.approx(expected, abs=1e-12)


def test_other_scripts_have_words_but_for_google(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["Что такое дробь?"], references=[["Что такое дробь?"]])
    assert value_of("rouge_l", table) == 1
    assert value_of("rouge_l[google]", table) == 0


def test_maths_tells_plus_from_minus(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["3 + 4"], references=[["3 - 4"]])
    assert value_of("rouge_1[unicode]", table) == 1
    assert value_of("rouge_1[maths]", table) == pytest.approx(2 / 3)


def test_lsum_reads_lines(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["c d\na b"], references=[["a b\nc d"]])
    assert value_of("rouge_lsum", table) == 1
    assert value_of("rouge_l", table) == pytest.approx(1 / 2)


def test_undelivered_pieces_score_0_and_those_without_reference_are_left_out_and_both_are_said(pieces: Pieces) -> None:
    table = pieces(
        ["a b", None, None, "c"], references=[["a b"], ["c"], ["d"], []], state=["ok", "failed", "empty", "ok"]
    )
    (value,) = evaluate(table, [find("rouge_l")], replicates=0)
    assert value.value == pytest.approx(1 / 3)
    assert (value.n, value.n_units) == (3, 3)
    assert "not delivered: 1 empty, 1 failed of 3 pieces; they score 0" in value.note
    assert "1 of 4 pieces left out: they have no reference" in value.note


@pytest.mark.parametrize("identity", PEERS)
def test_without_any_reference_there_is_no_value(pieces: Pieces, identity: str) -> None:
    (value,) = evaluate(pieces(["a", "b"], references=[[], [" "]]), [find(identity)], replicates=0)
    assert value.value is None
    assert value.reason == "no piece has a reference"


@pytest.mark.parametrize("identity", PEERS)
def test_a_run_of_which_nothing_can_be_compared_has_no_score(pieces: Pieces, identity: str) -> None:
    table = pieces([None, " ", "c"], references=[["a"], ["b"], []])
    (value,) = evaluate(table, [find(identity)], replicates=20)
    assert (value.value, value.low) == (None, None)
    assert value.reason == "no piece that has a reference was delivered"
    assert "not delivered: 2 empty of 2 pieces" in value.note


@pytest.mark.parametrize("identity", PEERS)
def test_an_empty_piece_is_0_in_every_draw_even_where_only_one_was_delivered(pieces: Pieces, identity: str) -> None:
    """Or whoever fails on nearly all prompts would be judged by the few that it answers."""
    texts, references = ["a b", *[None] * 9], [["a b"]] * 10
    statistic = find(identity).statistic(pieces(texts, references=references))
    assert statistic.at(np.eye(10)).tolist() == [1, *[0] * 9]


def test_references_that_are_no_list_are_named(pieces: Pieces) -> None:
    frame = pieces(["a"]).frame.assign(references=["What is it?"])
    with pytest.raises(UserError, match=r"Column 'references': 'What is it\?' is not a JSON list of texts"):
        find("rouge_l").statistic(Predictions(frame))


def test_the_same_prompts_are_compared_pair_by_pair(pieces: Pieces) -> None:
    rng = np.random.default_rng(0)
    words = np.array(list("abcdefghij"))
    wanted = [" ".join(rng.choice(words, 8)) for _ in range(60)]
    near = [f"{text} x" for text in wanted]
    far = [" ".join(rng.choice(words, 8)) for _ in wanted]
    a, b = (pieces(texts, references=[[text] for text in wanted]) for texts in (near, far))
    (found,) = compare(a, b, [find("rouge_l")], replicates=200)
    assert found.clear
    assert found.difference == pytest.approx(found.a - found.b)  # type: ignore[operator]
    assert found.low is not None
    assert found.low > 0.2


def test_the_mean_weighs_units_by_their_pieces(pieces: Pieces) -> None:
    table = pieces(["a", "b", "c"], unit=["p", "p", "q"], references=[["a"], ["x"], ["c"]])
    statistic = find("rouge_1").statistic(table)
    assert statistic.at(np.array([[1.0, 1], [1, 0], [2, 1]])).tolist() == pytest.approx([2 / 3, 1 / 2, 3 / 5])
    assert pd.Series(table.units).tolist() == ["p", "q"]
