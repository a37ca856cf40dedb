import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.metrics._syllables import syllables
from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate

from .conftest import Pieces, ValueOf

KNOWN = {
    1: "cat the school through strength asked make makes whole league jumped tune quick noise friend years light "
    "played starred called voice freeze",
    2: "table science waited boxes tables being going safely careful hundred quiet rhythm prism client fluent "
    "player royal question nation people statement useless",
    3: "radio media video medium actual studying beautiful example energy triangle computer continent "
    "gravity influence library",
    4: "information education geography material experience population technology",
    5: "photosynthesis university opportunity mathematician multiplication individual",
}
WORDS = [(word, count) for count, words in KNOWN.items() for word in words.split()]


@pytest.mark.parametrize(("word", "count"), WORDS)
def test_syllables_are_those_that_one_hears(word: str, count: int) -> None:
    assert syllables(word) == count


@given(st.text())
def test_whatever_a_word_is_it_has_a_syllable(word: str) -> None:
    assert syllables(word) >= 1


def test_accents_and_case_change_no_syllable() -> None:
    assert syllables("Naïvely") == syllables("naively")
    assert syllables("ENERGY") == 3


TEXT = 'The cat sat on the mat. Dr. Smith asked: "Who called?"\nIt weighs 3.5 kilograms!'


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("flesch_kincaid", 0.39 * 15 / 3 + 11.8 * 17 / 15 - 15.59),
        ("ari", 4.71 * 57 / 15 + 0.5 * 15 / 3 - 21.43),
        ("coleman_liau", 5.88 * 57 / 15 - 29.6 * 3 / 15 - 15.8),
    ],
)
def test_a_grade_by_hand(pieces: Pieces, value_of: ValueOf, formula: str, expected: float) -> None:
    """In three sentences 6 + 5 + 4 words, 17 + 21 + 19 letters and digits, 6 + 5 + 6 syllables."""
    assert value_of(f"grade_level[{formula}]", pieces([TEXT])) == pytest.approx(expected)


def test_pieces_are_graded_as_one_text(pieces: Pieces, value_of: ValueOf) -> None:
    parts = ["The cat sat on the mat.", "Photosynthesis transforms energy!", None]
    together = pieces(["The cat sat on the mat. Photosynthesis transforms energy!"])
    for formula in ("flesch_kincaid", "ari", "coleman_liau"):
        identity = f"grade_level[{formula}]"
        assert value_of(identity, pieces(parts)) == pytest.approx(value_of(identity, together))


def test_longer_words_and_sentences_are_harder(pieces: Pieces, value_of: ValueOf) -> None:
    easy = pieces(["The cat sat. The dog ran. We go home."])
    hard = pieces(["Photosynthesis transforms electromagnetic radiation into biochemical energy within chloroplasts."])
    for formula in ("flesch_kincaid", "ari", "coleman_liau"):
        assert value_of(f"grade_level[{formula}]", hard) > value_of(f"grade_level[{formula}]", easy) + 5


def test_a_short_text_has_no_meaningful_grade_and_other_scripts_do_not_count(pieces: Pieces) -> None:
    (value,) = evaluate(pieces(["The cat sat.", "Что это?", None]), [find("grade_level")], replicates=0)
    assert "not meaningful below about 100 words: there are 3" in value.note
    assert "2 of 5 words left out: they are in another script" in value.note
    assert "not delivered: 1 empty of 3 pieces; they are left out" in value.note
    assert value.n == 1
    long = pieces(["The cat sat on the mat."] * 20)
    assert evaluate(long, [find("grade_level")], replicates=0)[0].note == ""


@pytest.mark.parametrize(
    ("text", "reason"), [("Что это?", "no word is in Latin script"), (None, "no piece was delivered")]
)
def test_without_latin_words_there_is_no_grade(pieces: Pieces, text: str | None, reason: str) -> None:
    table = pieces([text], level=[3.0])
    for value in evaluate(table, [find("grade_level"), find("grade_level_gap")], replicates=0):
        assert (value.value, value.reason) == (None, reason)


def test_the_gap_is_of_each_levels_pieces_together(pieces: Pieces, value_of: ValueOf) -> None:
    easy, hard = "The cat sat on the mat.", "Photosynthesis transforms energy within chloroplasts."
    table = pieces([easy, easy, hard, hard], level=[2.0, 2.0, 9.0, np.nan])
    grades = [value_of("grade_level", pieces([text])) for text in (easy, hard)]
    expected = (2 * abs(grades[0] - 2) + abs(grades[1] - 9)) / 3
    assert value_of("grade_level_gap", table) == pytest.approx(expected)
    one = find("grade_level_gap").statistic(table).at(np.array([[1.0, 1, 0, 1], [0, 0, 1, 0]]))
    assert one.tolist() == pytest.approx([abs(grades[0] - 2), abs(grades[1] - 9)])


def test_length_is_words_of_what_was_delivered_and_the_rest_is_counted(pieces: Pieces) -> None:
    table = pieces(["What is it?", "光合作用", None], state=["ok", "ok", "refused"])
    (value,) = evaluate(table, [find("text_length")], replicates=0)
    assert value.value == pytest.approx((3 + 4) / 2)
    assert value.n == 2
    assert "not delivered: 1 refused of 3 pieces; they are left out" in value.note


def test_of_nothing_delivered_there_is_no_length(pieces: Pieces) -> None:
    (value,) = evaluate(pieces([None, ""]), [find("text_length")], replicates=0)
    assert (value.value, value.reason) == (None, "no piece was delivered")
