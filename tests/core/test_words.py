import pytest

from attain.core.words import words
from attain.metrics._text import tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A  b\n\tc.", ["a", "b", "c"]),
        ("don’t don't", ["dont", "dont"]),
        ("STRASSE straße", ["strasse", "strasse"]),
        ("cafe\u0301 café", ["café", "café"]),
        ("ﬁve Ａ１", ["five", "a1"]),
        ("हिन्दी में", ["हिन्दी", "में"]),  # vowel signs are marks, and part of their word
        ("نعم، لا", ["نعم", "لا"]),
        ("网络 TCP协议", ["网", "络", "tcp", "协", "议"]),
        ("เซลล์มีผนัง", ["เ", "ซ", "ล", "ล์", "มี", "ผ", "นั", "ง"]),  # nor does Thai say where words end
        ("ក្រចក ចក", ["ក្", "រ", "ច", "ក", "ច", "ក"]),
        ("ハイ・フ ﾊﾟ", ["ハ", "イ", "フ", "パ"]),
        ("snake_case 1,5 x=2", ["snake", "case", "1", "5", "x", "2"]),
        ("", []),
        (" ?! ", []),
    ],
)
def test_words_of_any_script(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@pytest.mark.parametrize("text", ["Ice-9 melts: 3.5 km!", "हिन्दी में", "网络 TCP协议", "เซลล์มีผนัง 2 ชั้น", "ﬁve straße x²"])
def test_but_for_apostrophes_they_are_the_words_that_metrics_of_texts_count(text: str) -> None:
    assert words(text) == tokens(text)
