"""The parameters of an entry of a project: types, limits, and how a value is read from what was typed."""

import math
import operator
import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from attain.core.errors import unknown
from attain.core.strict import Strict

Plain = str | int | float | bool
"""A value as YAML has it."""


def text_of(value: Plain) -> str:
    """A value as it stands in a command.

    >>> text_of(True), text_of(1e-3), text_of("a b")
    ('true', '0.001', 'a b')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Parameter(Strict):
    help: str = ""
    """One line for the reader."""
    default: Plain | None = None
    """The value where none is given; a parameter without one must be given."""

    @model_validator(mode="after")
    def _default_fits(self) -> "_Parameter":
        if self.default is not None:
            try:
                self.read(text_of(self.default))
            except ValueError as problem:
                raise ValueError(f"the default does not fit: {problem}") from None
        return self

    def read(self, text: str) -> str:
        """The value as it stands in the command. Raises `ValueError` with a sentence where it does not fit."""
        if "\0" in text:
            raise ValueError("a value has no NUL character in it")
        return text

    def words(self, value: str) -> str | None:
        """What stands for the value in the command; None: nothing, not even an empty word."""
        return value

    def logged(self, value: str) -> str:
        """The value among the params of the run: as a script logs it that logs all that it was given."""
        return value


class _Number(_Parameter):
    ge: float | None = None
    """The least value."""
    gt: float | None = None
    """Values are greater than this."""
    le: float | None = None
    """The greatest value."""
    lt: float | None = None
    """Values are less than this."""

    def _within(self, value: float) -> None:
        checks = (
            ("at least", self.ge, operator.ge),
            ("greater than", self.gt, operator.gt),
            ("at most", self.le, operator.le),
            ("less than", self.lt, operator.lt),
        )
        for words, limit, holds in checks:
            if limit is not None and not holds(value, limit):
                raise ValueError(f"{value:g} is not {words} {limit:g}")


class FloatParameter(_Number):
    """A number."""

    type: Literal["float"]

    def read(self, text: str) -> str:
        """As the shortest text that gives the same number."""
        try:
            value = float(text)
        except ValueError:
            raise ValueError(f"{text!r} is not a number (float)") from None
        if not math.isfinite(value):
            raise ValueError(f"{text!r} is not a finite number")
        self._within(value)
        return repr(value)


class IntParameter(_Number):
    """A whole number."""

    type: Literal["int"]

    def read(self, text: str) -> str:
        """Without a sign or zeros that say nothing."""
        if not re.fullmatch(r"[-+]?[0-9]{1,18}", text.strip()):
            raise ValueError(f"{text!r} is not a whole number (int)")
        self._within(int(text))
        return str(int(text))


class StrParameter(_Parameter):
    """Any text; it is one word of the command, whatever is in it."""

    type: Literal["str"]


class BoolParameter(_Parameter):
    """`true` or `false`."""

    type: Literal["bool"]
    flag: str = ""
    """What stands in the command for true, and nothing for false: `--verbose`; else the word itself stands there."""

    def read(self, text: str) -> str:
        """`true` or `false`."""
        if text.lower() not in ("true", "false"):
            raise ValueError(f"{text!r} is neither true nor false (bool)")
        return text.lower()

    def words(self, value: str) -> str | None:
        """The flag or nothing where there is a flag."""
        return value if not self.flag else self.flag if value == "true" else None

    def logged(self, value: str) -> str:
        """As Python writes it where it is a flag."""
        return value.title() if self.flag else value


class PathParameter(_Parameter):
    """A file or folder that is there and is read, relative to the project's folder; its bytes are known by a hash."""

    type: Literal["path"]

    def read(self, text: str) -> str:
        """As it was typed."""
        if not text.strip():
            raise ValueError("an empty text is no path")
        return super().read(text)


class ChoiceParameter(_Parameter):
    """One of several texts."""

    type: Literal["choice"]
    choices: list[str] = Field(min_length=1)
    """Which."""

    @field_validator("choices", mode="before")
    @classmethod
    def _as_texts(cls, value: object) -> object:
        return [text_of(one) for one in value] if isinstance(value, list) else value

    def read(self, text: str) -> str:
        """One of the choices."""
        if text not in self.choices:
            raise ValueError(str(unknown("choice", text, self.choices)).rstrip("."))
        return text


Parameter = Annotated[
    FloatParameter | IntParameter | StrParameter | BoolParameter | PathParameter | ChoiceParameter,
    Field(discriminator="type"),
]

TYPES: dict[str, type[_Parameter]] = {
    "float": FloatParameter,
    "int": IntParameter,
    "str": StrParameter,
    "bool": BoolParameter,
    "path": PathParameter,
    "choice": ChoiceParameter,
}
