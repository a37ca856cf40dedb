from collections.abc import Callable

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data import values
from attain.data.formats.columns import RawTable
from attain.data.source import Columns, Source

Table = Callable[[str], RawTable]


def source(**reading: object) -> Source:
    columns = Columns(learner="l", item="i", correct="c")
    return Source.model_validate({"file": "a.csv", "columns": columns, **reading})


def test_right_and_wrong_are_read_however_they_are_written(table: Table) -> None:
    read = values.answers(table("c,x\n1,\n0,\n1.0,\nTRUE,\nfalse,\nCorrect,\nINCORRECT,\n,\n"), "c", source())
    assert read.tolist() == [1, 0, 1, 1, 0, 1, 0, values.EMPTY]


def test_a_source_can_say_what_its_words_mean(table: Table) -> None:
    described = source(right=["ok"], wrong=["hint", "error"], not_answers=["STUDY"])
    assert values.answers(table("c,x\nOK,\nHint,\nstudy,\n"), "c", described).tolist() == [1, 0, values.NO_ANSWER]


@pytest.mark.parametrize("text", ["maybe", "0.5", "2"])
def test_other_text_in_correct_is_shown_with_its_line_and_the_mend(table: Table, text: str) -> None:
    with pytest.raises(UserError, match=rf"line 3, column 'c': '{text}' \(2 rows .*expected 1 or 0 .*`not_answers`"):
        values.answers(table(f"c,x\n1,\n{text},\n{text},\n"), "c", source())


@pytest.mark.parametrize(
    ("unit", "texts", "seconds"),
    [
        ("s", ["12", "1.5", ""], [12, 1.5, np.nan]),
        ("ms", ["1500", "", "-3"], [1.5, np.nan, -0.003]),
        (
            "iso",
            ["1970-01-01 00:01:00.5", "1970-01-02", "1970-01-01T01:00:00+01:00", ""],
            [60.5, 86400, 0, np.nan],
        ),
    ],
)
def test_times_become_seconds(table: Table, unit: str, texts: list[str], seconds: list[float]) -> None:
    raw = table("t,x\n" + "".join(f"{text},\n" for text in texts))
    read = values.times(raw, "t", np.arange(len(texts)), source(time_unit=unit))
    np.testing.assert_allclose(read, seconds)


def test_a_number_where_a_date_is_expected_is_refused(table: Table) -> None:
    with pytest.raises(UserError, match=r"column 't': '1446515390344' .*say `time_unit: s`"):
        values.times(table("t,x\n1446515390344,\n20061026,\n"), "t", np.arange(2), source())
    with pytest.raises(UserError, match="expected a number"):
        values.times(table("t,x\n2006-10-26,\n"), "t", np.arange(1), source(time_unit="s"))


def test_a_bad_value_in_a_row_that_is_not_asked_for_does_no_harm(table: Table) -> None:
    assert values.numbers(table("n,x\nabc,\n4,\n"), "n", np.array([1]), source()).tolist() == [4]


@pytest.mark.parametrize("text", ["inf", "nan", "1e999", "x"])
def test_only_finite_numbers_are_numbers(table: Table, text: str) -> None:
    with pytest.raises(UserError, match=r"line 2, column 'n'.*expected a number"):
        values.numbers(table(f"n,x\n{text},\n"), "n", np.array([0]), source())


@pytest.mark.parametrize("text", ["Ada Byron", "ada.byron@school.example", "Ada", "s1815", "because the angle is 90°"])
def test_a_text_that_may_name_a_learner_is_not_shown(table: Table, text: str) -> None:
    raw = table(f"l,n\n1,1\n2,{text}\n3,{text}\n")
    for read in (
        lambda: values.numbers(raw, "n", np.arange(3), source()),
        lambda: values.times(raw, "n", np.arange(1, 3), source()),
        lambda: values.answers(raw, "n", source()),
        lambda: values.originals(raw, "n", source()),
    ):
        with pytest.raises(UserError, match=r"line [23], column 'n': .*not shown here.* expected") as caught:
            read()
        assert text not in str(caught.value)


def test_a_short_word_that_ten_learners_share_is_shown(table: Table) -> None:
    rows = [f"u{i},RICHTIG\n" for i in range(10)]
    with pytest.raises(UserError, match=r"column 'c': 'RICHTIG' \(10 rows"):
        values.answers(table("l,c\n" + "".join(rows)), "c", source())
    with pytest.raises(UserError, match="not shown"):
        values.answers(table("l,c\n" + "".join([*rows[:9], rows[0]])), "c", source())
