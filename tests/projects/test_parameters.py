import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from attain.projects.parameters import TYPES, BoolParameter, FloatParameter, IntParameter, Parameter, PathParameter

made = TypeAdapter(Parameter).validate_python


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_is_the_same_number_in_the_command(value: float) -> None:
    assert float(FloatParameter(type="float").read(str(value))) == value


@given(st.integers(-(10**17), 10**17))
def test_a_whole_number_is_the_same_in_the_command(value: int) -> None:
    assert IntParameter(type="int").read(f"{value:+d}") == str(value)


@pytest.mark.parametrize(
    ("parameter", "text", "said"),
    [
        ({"type": "float"}, "abc", "'abc' is not a number"),
        ({"type": "float"}, "nan", "'nan' is not a finite number"),
        ({"type": "float", "ge": 0}, "-0.5", "-0.5 is not at least 0"),
        ({"type": "float", "gt": 0}, "0", "0 is not greater than 0"),
        ({"type": "int", "le": 3}, "4", "4 is not at most 3"),
        ({"type": "int", "lt": 3}, "3", "3 is not less than 3"),
        ({"type": "int"}, "1.5", "'1.5' is not a whole number"),
        ({"type": "int"}, "1e3", "'1e3' is not a whole number"),
        ({"type": "bool"}, "yes", "'yes' is neither true nor false"),
        ({"type": "choice", "choices": ["adam", "sgd"]}, "adan", "Did you mean 'adam'"),
        ({"type": "path"}, " ", "an empty text is no path"),
        ({"type": "str"}, "a\0b", "NUL"),
    ],
)
def test_a_value_that_does_not_fit_is_said(parameter: dict[str, object], text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        made(parameter).read(text)


def test_a_default_that_does_not_fit_is_a_fault() -> None:
    with pytest.raises(ValidationError, match="the default does not fit: 2 is not at most 1"):
        made({"type": "float", "default": 2, "le": 1})
    with pytest.raises(ValidationError, match="'true' is not a whole number"):
        made({"type": "int", "default": True})


def test_every_type_is_known_by_its_name() -> None:
    for name, kind in TYPES.items():
        own = {"choices": ["a"]} if name == "choice" else {}
        assert type(made({"type": name, **own})) is kind


def test_a_flag_stands_for_true_and_nothing_for_false() -> None:
    flag = BoolParameter(type="bool", flag="--deep")
    assert (flag.words(flag.read("True")), flag.words("false")) == ("--deep", None)
    assert BoolParameter(type="bool").words("false") == "false"


def test_numbers_of_a_choice_are_texts() -> None:
    assert made({"type": "choice", "choices": [1, 2.5, True]}).choices == ["1", "2.5", "true"]
    assert PathParameter(type="path").read("a b.csv") == "a b.csv"
    assert math.isclose(float(made({"type": "float"}).read("1e-3")), 0.001)
