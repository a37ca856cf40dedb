import pytest

from attain.core.words import words


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
        ("snake_case 1,5 x=2", ["snake", "case", "1", "5", "x", "2"]),
        ("", []),
        (" ?! ", []),
    ],
)
def test_words_of_any_script(text: str, expected: list[str]) -> None:
    assert words(text) == expected
