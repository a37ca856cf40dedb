from typing import Annotated

import numpy as np
import pandas as pd
import pytest
from pydantic import AfterValidator, Field

from attain.core.errors import UserError
from attain.core.metric import Statistic, Sums, metric
from attain.core.table import Predictions, Rows


def shout(word: str) -> str:
    if word == "whisper":
        raise ValueError("It must be loud")
    return word.upper()


@metric(direction="max", unit="count", needs=lambda word, k: "target mastery" if word == "DEEP" else "target")
def spoken(
    rows: Rows, word: Annotated[str, AfterValidator(shout)] = "HEY", k: Annotated[int, Field(ge=1)] = 3
) -> Statistic:
    """How many answers.

    More about it.
    """
    return Sums(rows.sum_by_unit(np.ones(len(rows)))[:, None] * k, lambda sums: sums[:, 0], "no answers")


@metric(direction="min", unit="count", needs="target", written="at")
def plain(rows: Rows) -> Statistic:
    """Without parameters."""
    return spoken().function(rows)


TABLE = Predictions(pd.DataFrame({"example": range(3), "unit": ["a", "b", "b"], "target": [1.0, 0, 1], "score": 0.5}))


def test_the_id_holds_every_parameter_and_is_parsed_back() -> None:
    assert spoken().id == "spoken[HEY,3]"
    assert spoken("oh", 2).id == "spoken[OH,2]"
    assert spoken.parse("spoken[OH,2]").id == "spoken[OH,2]"
    assert spoken.parse("spoken").id == spoken.parse("spoken[hey]").id == "spoken[HEY,3]"
    assert plain.parse("plain").id == "plain"


def test_the_first_line_of_the_docstring_is_the_summary() -> None:
    assert spoken().summary == "How many answers."


def test_parameters_reach_the_function() -> None:
    assert spoken("x", 5).statistic(TABLE).at(np.ones((1, 2)))[0] == 15


def test_needs_may_depend_on_a_parameter() -> None:
    assert spoken("deep").lacks(TABLE) == "needs mastery, which this run does not have"
    assert spoken().lacks(TABLE) == ""
    with pytest.raises(UserError, match=r"Metric 'spoken\[DEEP,3\]' needs mastery"):
        spoken("deep").statistic(TABLE)


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        ("spoken[whisper]", "word is 'whisper'. It must be loud."),
        ("spoken[a,0]", "k is '0'. Input should be greater than or equal to 1."),
        ("spoken[a,b]", "k is 'b'. Input should be a valid integer"),
        ("spoken[a,1,2]", "has 2 parameter"),
        ("spoken[a", "not well formed; expected an id such as 'spoken"),
        ("spoken[]", "not well formed"),
    ],
)
def test_bad_ids_say_what_was_expected(identity: str, words: str) -> None:
    with pytest.raises(UserError) as error:
        spoken.parse(identity)
    assert words in str(error.value)


def test_units_that_add_nothing_are_not_counted() -> None:
    sums = Sums(np.array([[0.0, 1], [0, 0], [2, 0]]), lambda s: s[:, 0], "")
    assert sums.counted.tolist() == [True, False, True]


def test_floats_in_an_id_keep_all_their_digits() -> None:
    @metric(direction="max", unit="count", needs="target", written="at")
    def at(rows: Rows, t: float = 0.5) -> Statistic:
        """At."""
        return plain().function(rows)

    assert [at(t).id for t in (0.5, 1.0, 0.9999999)] == ["at@0.5", "at@1", "at@0.9999999"]
