"""Answers as tutors send them."""

import contextlib
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.serve.interaction import read
from attain.serve.refusals import Unknown


def test_an_answer_is_read() -> None:
    found = read({"id": 7, "item": "i", "skills": ["b", "a"], "correct": True, "time": "1970-01-01T00:01:00+00:00"})
    assert (found.id, found.item, found.skills, found.correct, found.time_s) == ("7", "i", ("b", "a"), 1, 60.0)


def test_times_without_a_zone_are_of_greenwich() -> None:
    assert read({"item": "i", "correct": 0, "time": "1970-01-01T00:01:00"}).time_s == 60


def test_answers_without_an_id_get_one_of_their_own() -> None:
    assert read({"item": "i", "correct": 0}).id != read({"item": "i", "correct": 0}).id


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"item": "i", "correct": 1, "leaner": "ann"}, "Unknown field of an interaction 'leaner'"),
        ({"correct": 1}, "The interaction lacks 'item'; 'item' and 'correct' (0 or 1) are needed."),
        ({"item": "i"}, "The interaction lacks 'correct'"),
        ({"item": "i", "correct": 0.5}, "'correct' is 0.5; expected 0 or 1."),
        ({"item": "i", "correct": "yes"}, "'correct' is 'yes'"),
        ({"item": "", "correct": 1}, "'item' is ''; expected text of 1 to 250 characters."),
        ({"item": "i" * 251, "correct": 1}, "'item' is 'iii"),
        ({"item": "i\x00", "correct": 1}, "'item' is 'i\\x00'"),
        ({"item": "\ud800", "correct": 1}, "'item' is '\\ud800'"),
        ({"item": "i", "correct": 1, "skills": ["s"] * 101}, "'skills' has 101 names; at most 100 are taken."),
        ({"item": "i", "correct": 1, "time": "noon"}, "'time' is 'noon'; expected seconds since 1970"),
        ({"item": "i", "correct": 1, "time": float("nan")}, "'time' is nan"),
        ({"item": "i", "correct": 1, "time": 10**400}, "'time' is 1000"),
    ],
)
def test_a_wrong_answer_is_refused_in_a_sentence(values: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Unknown, match=re.escape(sentence)):
        read(values)


@given(
    st.dictionaries(
        st.sampled_from(["id", "item", "skill", "skills", "correct", "time"]),
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4) | st.lists(st.text(max_size=2)),
    )
)
def test_any_object_is_read_or_refused(values: dict[str, Any]) -> None:
    with contextlib.suppress(Unknown):
        assert read(values).correct in (0, 1)
