import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU

from attain.core.metric import Sums
from attain.metrics._text import tokens
from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate

from .conftest import Pieces, ValueOf

TEXT = st.lists(st.sampled_from(["a", "b", "c", "кот", "汉"]), max_size=9).map(" ".join)
PLAIN = BLEU(tokenize="none", effective_order=True)


def test_distinct_by_hand(pieces: Pieces, value_of: ValueOf) -> None:
    table = pieces(["the cat, the cat", "The dog", None])
    assert value_of("distinct@1", table) == pytest.approx(3 / 6)  # the, cat, dog
    assert value_of("distinct@2", table) == pytest.approx(3 / 4)  # the cat twice, cat the, the dog


@given(st.lists(TEXT, min_size=1, max_size=6), st.integers(1, 3))
def test_distinct_is_a_plain_count(pieces: Pieces, value_of: ValueOf, texts: list[str], n: int) -> None:
    grams = [tuple(words[k : k + n]) for words in map(tokens, texts) for k in range(len(words) - n + 1)]
    expected = len(set(grams)) / len(grams) if grams else np.nan
    assert value_of(f"distinct@{n}", pieces(texts)) == pytest.approx(expected, nan_ok=True)


def test_a_part_is_as_distinct_as_it_is_in_the_whole_run(pieces: Pieces) -> None:
    statistic = find("distinct@1").statistic(pieces(["a b", "a c", "d"]))
    assert statistic.at(np.eye(3)).tolist() == pytest.approx([(1 / 2 + 1) / 2, (1 / 2 + 1) / 2, 1])


def test_the_interval_of_distinct_holds_it(pieces: Pieces) -> None:
    rng = np.random.default_rng(0)
    texts = [" ".join(rng.choice(list("abcdefghij"), 6)) for _ in range(60)]
    (value,) = evaluate(pieces(texts), [find("distinct@2")], replicates=200)
    assert value.low is not None
    assert value.low < value.value < value.high  # type: ignore[operator]


def test_of_texts_that_are_too_short_nothing_is_distinct(pieces: Pieces) -> None:
    (short, none) = (evaluate(pieces([text]), [find("distinct@2")], replicates=0)[0] for text in ("one", None))
    assert (short.value, short.reason) == (None, "no piece has 2 words")
    assert (none.value, none.reason) == (None, "no piece was delivered")


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("pq"), TEXT.filter(str.strip)), min_size=2, max_size=6))
def test_self_bleu_is_that_of_sacrebleu_against_all_others(pieces: Pieces, many: list[tuple[str, str]]) -> None:
    units, texts = [unit for unit, _ in many], [" ".join(tokens(text)) for _, text in many]
    table = pieces(texts, unit=units)
    for among in ("run", "prompt"):
        others = [
            [o for j, o in enumerate(texts) if j != k and (among == "run" or units[j] == units[k])]
            for k in range(len(texts))
        ]
        expected = [PLAIN.sentence_score(text, some).score for text, some in zip(texts, others, strict=True) if some]
        statistic = find(f"self_bleu[{among}]").statistic(table)
        assert isinstance(statistic, Sums)
        assert statistic.by_unit.sum(axis=0).tolist() == pytest.approx([sum(expected), len(expected)])


def test_pieces_that_are_all_alike_are_each_others_like(pieces: Pieces, value_of: ValueOf) -> None:
    assert value_of("self_bleu", pieces(["what is a fraction"] * 3)) == pytest.approx(100)
    assert value_of("self_bleu", pieces(["one two", "three four"])) == 0


@pytest.mark.parametrize(
    ("identity", "units", "reason"),
    [
        ("self_bleu[run]", ["p"], "the run has fewer than two pieces"),
        ("self_bleu[prompt]", ["p", "q"], "no prompt has two pieces"),
    ],
)
def test_a_piece_alone_is_like_no_other(pieces: Pieces, identity: str, units: list[str], reason: str) -> None:
    (value,) = evaluate(pieces(["a b"] * len(units), unit=units), [find(identity)], replicates=0)
    assert (value.value, value.reason) == (None, reason)


@pytest.mark.parametrize("identity", ["distinct@1", "self_bleu"])
def test_a_run_in_which_all_is_empty_has_no_variety(pieces: Pieces, value_of: ValueOf, identity: str) -> None:
    assert np.isnan(value_of(identity, pieces([None, " ", ""])))
