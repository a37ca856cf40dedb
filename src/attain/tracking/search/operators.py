"""The operators of a filter: each carries its SQL and its English."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement

Column = ColumnElement[Any]  # of text or of numbers; the parser has seen to it that the value is of the same kind


@dataclass(frozen=True)
class Operator:
    """A comparison as the database is asked for it and as a person is told of it, and what it compares."""

    sql: Callable[[Column, Any], ColumnElement[bool]]
    english: str
    for_text: bool
    for_numbers: bool


def _like(column: Column, pattern: str) -> ColumnElement[bool]:
    return column.like(pattern.replace("\\", "\\\\"), escape="\\")


def _ilike(column: Column, pattern: str) -> ColumnElement[bool]:
    return column.ilike(pattern.replace("\\", "\\\\"), escape="\\")


OPERATORS = {
    "=": Operator(lambda column, value: column == value, "=", for_text=True, for_numbers=True),
    "!=": Operator(lambda column, value: column != value, "is not", for_text=True, for_numbers=True),
    ">=": Operator(lambda column, value: column >= value, "≥", for_text=False, for_numbers=True),
    "<=": Operator(lambda column, value: column <= value, "≤", for_text=False, for_numbers=True),
    ">": Operator(lambda column, value: column > value, ">", for_text=False, for_numbers=True),
    "<": Operator(lambda column, value: column < value, "<", for_text=False, for_numbers=True),
    "LIKE": Operator(_like, "is like", for_text=True, for_numbers=False),
    "ILIKE": Operator(_ilike, "is like (in any case)", for_text=True, for_numbers=False),
}
