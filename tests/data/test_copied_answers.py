from dataclasses import replace

import numpy as np
import pytest

from attain.data.copied_answers import copied
from attain.data.scored_answers import ScoredAnswers
from attain.testing.small_answers import small_answers

LONG = "one two three four five six seven eight nine ten eleven twelve"


def answers(*texts: str, question: int = 0) -> ScoredAnswers:
    some = small_answers().take(np.arange(len(texts)))
    of = np.full(len(texts), question, dtype=np.int32)
    return replace(some, response=np.array(texts, dtype=object), question=of)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (LONG, "verbatim"),
        (f"  {LONG.upper()}!", "verbatim"),
        (f"{LONG} thirteen", "nearly"),  # 10 of 11 runs of three words
        (LONG.replace("six", "6"), ""),  # 7 of 13: one changed word costs three runs
        ("one two", ""),
        ("", ""),
    ],
)
def test_copies_of_a_long_answer(text: str, expected: str) -> None:
    found = copied(answers(LONG, "", "?"), answers(text))
    assert (found.verbatim.tolist(), found.nearly.tolist()) == ([expected == "verbatim"], [expected == "nearly"])


def test_short_answers_are_copies_only_where_they_are_equal() -> None:
    assert copied(answers("yes", "two parts"), answers("Yes.", "no", "two pieces")).rows.tolist() == [
        True,
        False,
        False,
    ]


def test_the_same_words_to_another_question_are_no_copy() -> None:
    assert not copied(answers(LONG), answers(LONG, question=1)).rows.any()
