import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer
from rouge_score.tokenize import tokenize

from attain.metrics._text import Tokeniser, plain, sentences, tokens, words_of

ANY_TEXT = st.text(alphabet=st.one_of(st.characters(codec="utf-8"), st.sampled_from("aB1 .-+²\n\\Σπ\u0301हिन्दी汉กำ")))
TOKENISERS: tuple[Tokeniser, ...] = ("unicode", "maths", "google", "google_stemmed")


@given(ANY_TEXT)
def test_google_is_the_tokeniser_of_rouge_score(text: str) -> None:
    assert tokens(text, "google") == tokenize(text, None)
    assert tokens(text, "google_stemmed") == tokenize(text, PorterStemmer())


@given(st.lists(ANY_TEXT), st.sampled_from(TOKENISERS))
def test_many_texts_at_once_have_the_words_of_each_alone(texts: list[str], tokeniser: Tokeniser) -> None:
    words = words_of(tuple(texts), tokeniser)
    alone = [tokens(text.replace("\0", " "), tokeniser) for text in texts]
    assert words.lengths.tolist() == [len(own) for own in alone]
    names: dict[int, str] = {}
    for code, word in zip(words.ids.tolist(), (word for own in alone for word in own), strict=True):
        assert names.setdefault(code, word) == word
    assert len(set(names.values())) == len(names)


@given(st.text(alphabet=st.characters(codec="ascii")))
def test_on_english_unicode_and_google_see_the_same_words(text: str) -> None:
    assert tokens(text) == tokens(text, "google")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't STOP, naïve café!", ["don", "t", "stop", "naïve", "café"]),
        ("cafe\u0301", ["café"]),
        ("Straße", ["strasse"]),
        ("हिन्दी में", ["हिन्दी", "में"]),
        ("\u0645\u06cc\u200c\u0634\u0648\u062f", ["\u0645\u06cc\u200c\u0634\u0648\u062f"]),
        ("光合作用", ["光", "合", "作", "用"]),
        ("ไทย", ["ไ", "ท", "ย"]),
        ("snake_case", ["snake", "case"]),
        ("", []),
        ("!? …", []),
    ],
)
def test_words_of_many_scripts_are_words(text: str, words: list[str]) -> None:
    assert tokens(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3 + 4", "3 + 4"),
        ("3 - 4", "3 - 4"),
        ("a well-known 3-4 x-y", "a well known 3 - 4 x - y"),
        (r"$\frac{1}{2} \times x^{2}$", r"\frac 1 2 * x ^ 2"),
        ("½ × x²", "1 2 * x ^ 2"),
        ("x ≤ 3.5 and 5! = 120!", "x <= 3.5 and 5 ! = 120 !"),
        ("Stop! Why?", "stop why"),
        ("H2O", "h 2 o"),
    ],
)
def test_maths_keeps_numbers_and_operators(text: str, words: str) -> None:
    assert plain(text) == words


@given(ANY_TEXT, st.sampled_from(TOKENISERS))
def test_no_word_is_empty_or_holds_a_space(text: str, tokeniser: Tokeniser) -> None:
    assert not any(re.search(r"\s", word) or not word for word in tokens(text, tokeniser))


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("One. Two! Three? Four", 4),
        ("It is 3.5 m. It fits.", 2),
        ('He said "No." She left.', 2),
        ("Mr. J. Doe of St. Ives, i.e. him, came.", 1),
        ("a) yes\nb) no", 2),
        ("光合作用是什么？是的。", 1),
        ("She said no. He left etc. They stayed.", 3),
        ("?!", 0),
        ("", 0),
    ],
)
def test_sentences_end_at_their_signs_and_not_at_abbreviations(text: str, parts: int) -> None:
    assert len(sentences(text)) == parts
