"""One request as handlers see it: its fields checked, whichever way they came."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar, get_args

from attain.tracking.entities import Status, View
from attain.tracking.errors import Invalid
from attain.tracking.rules import checked_text
from attain.tracking.sql.store import Store

Fields = dict[str, Any]  # JSON
Reply = Fields | str
"""A JSON object, or its text where that was written at once (see `written`)."""
MOST_TEXTS, MOST_OBJECTS = 20_000, 10_000
"""The longest lists: with a filter's own values no more than a database takes in one question (SQLite 32,766)."""

Word = TypeVar("Word", bound=str)

VIEWS: tuple[View, ...] = get_args(View)
STATUSES: tuple[Status, ...] = get_args(Status)


@dataclass(frozen=True)
class Call:
    """A request to the MLflow part of the server.

    Attributes:
        store: where to read and write.
        values: the JSON body or the query, and the parts of the path; unknown fields are ignored.
        repeated: the query's fields with all their values, for those that may be given several times.
        user: who asks, by name; "" where access is not checked.
    """

    store: Store
    values: Mapping[str, Any]  # JSON
    repeated: Mapping[str, list[str]] = field(default_factory=dict)
    user: str = ""

    def text(self, name: str, default: str | None = None) -> str:
        """A text field; without a default it must be there and not be empty."""
        value = self.values.get(name)
        if value is None or (value == "" and default is None):
            if default is None:
                raise Invalid(f"Missing value for required parameter '{name}'.")
            return default
        if not isinstance(value, str):
            raise Invalid(f"Invalid value {value!r} for parameter '{name}': expected text.")
        return checked_text(f"Parameter '{name}'", value)

    def optional(self, name: str) -> str | None:
        """A text field that need not be there; None where it is missing."""
        return self.text(name, "") if self.values.get(name) is not None else None

    def whole(self, name: str, default: int | None = None) -> int:
        """An int64 field, sent as a number or as text."""
        value = self.values.get(name)
        if value is None and default is not None:
            return default
        if value is None:
            raise Invalid(f"Missing value for required parameter '{name}'.")
        return as_whole(name, value)

    def flag(self, name: str) -> bool:
        """A boolean field; false where it is missing."""
        value = self.values.get(name, False)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if not isinstance(value, bool):
            raise Invalid(f"Invalid value {value!r} for parameter '{name}': expected true or false.")
        return value

    def view(self, name: str) -> View:
        """Which stages of life are meant; the active one where it is missing."""
        return as_choice(name, self.values.get(name) or VIEWS[0], VIEWS)

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty where it is missing."""
        value = self.repeated.get(name) or self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise Invalid(f"Invalid value {value!r} for parameter '{name}': expected a list of texts.")
        _check_length(name, value, MOST_TEXTS)
        return [checked_text(f"A text of parameter '{name}'", part) for part in value]

    def pairs(self, name: str) -> list[tuple[str, str]]:
        """A list of `{"key": …, "value": …}`; an empty value may be left out."""
        return [(as_key(name, at, one), _value(name, at, one)) for at, one in enumerate(self.objects(name))]

    def run_id(self) -> str:
        """The run that is meant, by either of the two names that the field has had."""
        return self.text(
            "run_id" if self.values.get("run_id") else "run_uuid" if self.values.get("run_uuid") else "run_id"
        )

    def objects(self, name: str, most: int = MOST_OBJECTS) -> list[Mapping[str, Any]]:
        """A list of JSON objects; empty where it is missing."""
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            raise Invalid(f"Invalid value {value!r} for parameter '{name}': expected a list of objects.")
        _check_length(name, value, most)
        return value


Handler = Callable[[Call], Reply]
"""Parses a call, calls one function of the store, gives the reply."""


@dataclass(frozen=True)
class Route:
    """One endpoint of MLflow's protocol.

    Attributes:
        method: the HTTP method.
        path: below `/api/2.0/mlflow/` and `/ajax-api/2.0/mlflow/`, with `{parts}`.
        handler: what answers.
        writes: whether it changes the store.
    """

    method: str
    path: str
    handler: Handler
    writes: bool


_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")


def _check_length(name: str, given: Sequence[object], most: int) -> None:
    if len(given) > most:
        raise Invalid(f"Parameter '{name}' has {len(given):,} entries; at most {most:,} are taken. Send fewer at once.")


def as_whole(name: str, value: object) -> int:
    """An int64 sent as a number or as text.

    >>> as_whole("step", "-3"), as_whole("step", 3.0)
    (-3, 3)
    """
    number: int | None = None
    if type(value) is int:
        number = value
    elif (isinstance(value, float) and value.is_integer()) or (isinstance(value, str) and _WHOLE.fullmatch(value)):
        number = int(value)
    if number is None or not -(2**63) <= number < 2**63:
        raise Invalid(f"Invalid value {value!r} for parameter '{name}': expected a whole number of 64 bits.")
    return number


def as_number(name: str, value: object) -> float:
    """A double sent as a number, or as text such as "NaN" and "-Infinity"."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise Invalid(f"Invalid value {value!r} for parameter '{name}': expected a number.")
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise Invalid(f"Invalid value {value!r} for parameter '{name}': expected a number.") from None


def as_key(name: str, at: int, one: Mapping[str, Any]) -> str:  # JSON
    """The key of the object number `at` in the list `name`."""
    key = one.get("key")
    if key is None or key == "":
        raise Invalid(f"Missing value for required parameter '{name}[{at}].key'.")
    if not isinstance(key, str):
        raise Invalid(f"Invalid value {key!r} for parameter '{name}[{at}].key': expected text.")
    return key


def _value(name: str, at: int, one: Mapping[str, Any]) -> str:  # JSON
    value = one.get("value", "")
    if not isinstance(value, str):
        raise Invalid(f"Invalid value {value!r} for parameter '{name}[{at}].value': expected text.")
    return value


def as_choice(name: str, value: object, choices: Sequence[Word]) -> Word:
    """One of some words, sent as itself or as its number, counted from 1."""
    for number, word in enumerate(choices, 1):
        if value == word or (value == number and type(value) is int) or value == str(number):
            return word
    raise Invalid(f"Invalid value {value!r} for parameter '{name}': expected one of {', '.join(choices)}.")
