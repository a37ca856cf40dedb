import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sacrebleu.metrics import BLEU, CHRF

from attain.core.metric import Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics.compare import compare
from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate

from .conftest import Pieces, ValueOf

TEXT = st.lists(st.sampled_from(["the", "cat", "sat", "on", "a", "mat.", "Ünder", "кот", "3-4", "?"]), max_size=12).map(
    " ".join
)
REFERENCES = st.lists(TEXT.filter(str.strip), min_size=1, max_size=3)
CORPUS = st.lists(st.tuples(TEXT, REFERENCES), min_size=1, max_size=6).filter(lambda many: any(own for own, _ in many))
"""Some pieces are empty, but never all: attain has no score of those."""
SETTINGS = {
    "bleu": BLEU(),
    "bleu[13a,4,effective]": BLEU(effective_order=True),
    "bleu[intl,2]": BLEU(tokenize="intl", max_ngram_order=2),
    "bleu[char,4]": BLEU(tokenize="char"),
    "chrf": CHRF(),
    "chrf[2]": CHRF(word_order=2),
}


def streams(references: list[list[str]]) -> list[list[str | None]]:
    return [[some[k] if k < len(some) else None for some in references] for k in range(max(map(len, references)))]


@pytest.mark.parametrize("identity", SETTINGS)
@settings(max_examples=25)
@given(many=CORPUS)
def test_the_score_is_that_of_sacrebleu(
    pieces: Pieces, value_of: ValueOf, identity: str, many: list[tuple[str, list[str]]]
) -> None:
    texts, references = [text for text, _ in many], [some for _, some in many]
    expected = SETTINGS[identity].corpus_score(texts, streams(references)).score
    assert value_of(identity, pieces(texts, references=references)) == pytest.approx(expected, abs=1e-12, rel=1e-12)


@settings(max_examples=25)
@given(many=CORPUS, smoothing=st.sampled_from(["exp", "floor", "add-k", "none"]))
def test_the_score_of_each_piece_is_that_of_sacrebleu(
    pieces: Pieces, value_of: ValueOf, many: list[tuple[str, list[str]]], smoothing: str
) -> None:
    texts, references = [text for text, _ in many], [some for _, some in many]
    peer = BLEU(smooth_method=smoothing, effective_order=True)
    expected = [peer.sentence_score(text, some).score for text, some in many]
    found = value_of(f"sentence_bleu[13a,{smoothing}]", pieces(texts, references=references))
    assert found == pytest.approx(np.mean(expected), abs=1e-12)


def test_a_table_by_hand(pieces: Pieces, value_of: ValueOf) -> None:
    """7 of 8 words, 5 of 6 pairs, 3 of 4 triples, 1 of 2 fours are right; 8 words against 9."""
    table = pieces(["a b c d", "a b c x"], references=[["a b c d"], ["a b c d e"]])
    expected = 100 * np.exp(1 - 9 / 8) * (7 / 8 * 5 / 6 * 3 / 4 * 1 / 2) ** (1 / 4)
    assert value_of("bleu", table) == pytest.approx(expected)


def test_a_replicate_is_the_score_of_the_pieces_drawn(pieces: Pieces) -> None:
    texts = ["the cat sat on the mat", "a dog ran off to the river", "", "one two three four"]
    references = [["the cat sat on a mat"], ["the dog ran to the river"], ["a b"], ["one two three four five"]]
    drawn = [0, 0, 1, 3]
    for identity in ("bleu", "chrf[2]"):
        statistic = find(identity).statistic(pieces(texts, references=references))
        expected = SETTINGS[identity].corpus_score([texts[k] for k in drawn], streams([references[k] for k in drawn]))
        assert statistic.at(np.array([[2.0, 1, 0, 1]]))[0] == pytest.approx(expected.score, abs=1e-12)


def test_identical_texts_of_three_words_score_0_and_it_is_said_why(pieces: Pieces) -> None:
    table = pieces(["what is it"] * 3, references=[["what is it"]] * 3)
    plain, effective, characters = evaluate(
        table, [find("bleu"), find("bleu[13a,4,effective]"), find("chrf")], replicates=0
    )
    assert plain.value == 0
    assert "no piece has 4 words, so it is 0 by its definition even for identical texts" in plain.note
    assert effective.value == pytest.approx(100)
    assert characters.value == pytest.approx(100)
    assert "by its definition" not in effective.note + characters.note


def test_fewer_references_than_pieces_leave_pieces_out_and_do_not_cut_the_corpus(pieces: Pieces) -> None:
    table = pieces(["a b c d", "x y z w"], references=[["a b c d"], []])
    (value,) = evaluate(table, [find("bleu")], replicates=0)
    assert value.value == pytest.approx(100)
    assert value.n == 1
    assert "1 of 2 pieces left out: they have no reference" in value.note


def test_references_belong_to_their_piece(pieces: Pieces, value_of: ValueOf) -> None:
    """Transposed, as many references as pieces would give a plausible wrong number."""
    texts = ["one two three four five", "six seven eight nine ten"]
    references = [[texts[0], "a b c d e"], [texts[1], "f g h i j"]]
    assert value_of("bleu", pieces(texts, references=references)) == pytest.approx(100)


@pytest.mark.parametrize("identity", ["bleu", "chrf"])
def test_empty_pieces_stay_in_the_corpus(pieces: Pieces, value_of: ValueOf, identity: str) -> None:
    one = pieces(["one two three four five"], references=[["one two three four five"]])
    two = pieces(["one two three four five", None], references=[["one two three four five"]] * 2)
    assert value_of(identity, two) < value_of(identity, one) == pytest.approx(100)


@pytest.mark.parametrize("identity", ["bleu", "chrf"])
def test_without_references_or_pieces_there_is_no_value(pieces: Pieces, identity: str) -> None:
    (value,) = evaluate(pieces(["a"], references=[[]]), [find(identity)], replicates=10)
    assert (value.value, value.reason, value.signature) == (None, "no piece has a reference", "")


def test_the_signature_stands_beside_the_value(pieces: Pieces) -> None:
    table = pieces(["a b", "c d"], references=[["a b"], ["c d"]])
    (value,) = evaluate(table, [find("bleu[intl,4,effective]")], replicates=0)
    assert value.signature.startswith("nrefs:1|case:mixed|eff:yes|tok:intl|smooth:exp|version:")
    assert value.signature in value.note


@metric(direction="max", unit="score", needs="text")
def signed(rows: Rows) -> Statistic:
    """A number whose making its id does not say."""
    return Sums(np.ones((rows.n_units, 1)), lambda sums: sums[:, 0], "", signature=rows.text("text")[0])


def test_values_of_different_signatures_are_not_compared(pieces: Pieces) -> None:
    a, b, again = (pieces([text] * 30) for text in ("version:1", "version:2", "version:1"))
    assert compare(a, again, [signed()], replicates=100)[0].difference == 0
    (found,) = compare(a, b, [signed()], replicates=100)
    assert found.difference is None
    assert found.reason == "made with different signatures: version:1 and version:2"


def test_the_sums_are_of_whole_numbers_so_that_intervals_are_exact(pieces: Pieces) -> None:
    statistic = find("chrf").statistic(pieces(["ab cd"], references=[["ab ce"]]))
    assert isinstance(statistic, Sums)
    assert (statistic.by_unit == statistic.by_unit.round()).all()
