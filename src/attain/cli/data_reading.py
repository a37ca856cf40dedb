"""How the command line says how a file of answers is read."""

from typing import Annotated, Any

import typer

from attain.core.errors import UserError
from attain.core.yaml_lines import value_of

Choices = Annotated[
    list[str] | None, typer.Option("--option", "-o", help="An option of the set: `learners=200`; `show` lists them.")
]
Column = Annotated[str | None, typer.Option(help="Column that holds it.", show_default=False)]
Text = Annotated[str | None, typer.Option(show_default=False)]
Items = Annotated[list[str] | None, typer.Option("--item", help="Column (or columns) that name the item.")]
TimeUnit = Annotated[str | None, typer.Option(help="iso, s or ms.", show_default="iso")]
Right = Annotated[list[str] | None, typer.Option(help="A value of `correct` that means right. Repeatable.")]
Wrong = Annotated[list[str] | None, typer.Option(help="A value of `correct` that means wrong. Repeatable.")]
NotAnswer = Annotated[list[str] | None, typer.Option(help="A value of `correct` that is no answer. Repeatable.")]


def chosen(texts: list[str] | None) -> dict[str, Any]:  # values as YAML has them
    """The options of a data set that were given."""
    return {key: value_of(value) for key, value in (pair(text, "--option") for text in texts or [])}


def pair(text: str, flag: str) -> tuple[str, str]:
    """The parts of NAME=VALUE.

    Raises:
        UserError: one is missing.
    """
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise UserError(f"{flag} {text!r}: expected NAME=VALUE.")
    return key, value


def given(**values: object) -> dict[str, object]:
    """Those values that are not None."""
    return {key: value for key, value in values.items() if value is not None}


def one_or_many(names: list[str] | None) -> object:
    """One name, or several."""
    return names[0] if names and len(names) == 1 else names
