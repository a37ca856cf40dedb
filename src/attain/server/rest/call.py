"""One request as handlers see it: its fields checked, whichever way they came."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from attain.tracking.errors import Invalid
from attain.tracking.sql.store import Store

Reply = dict[str, Any]  # JSON


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
        return value

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

    def texts(self, name: str) -> list[str]:
        """A list of texts; empty where it is missing."""
        value = self.repeated.get(name) or self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
            raise Invalid(f"Invalid value {value!r} for parameter '{name}': expected a list of texts.")
        return value

    def objects(self, name: str) -> list[Mapping[str, Any]]:
        """A list of JSON objects; empty where it is missing."""
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
            raise Invalid(f"Invalid value {value!r} for parameter '{name}': expected a list of objects.")
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


def as_whole(name: str, value: object) -> int:
    """An int64 sent as a number or as text."""
    try:
        if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
            raise ValueError
        number = int(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        number = None
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


def sent(value: float) -> float | str:
    """A double as MLflow sends it: NaN as text."""
    return "NaN" if math.isnan(value) else value
