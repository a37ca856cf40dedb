"""The operators of a filter: each carries its SQL and its English."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Double, Integer, literal

from attain.tracking.sql.dialect import folded

Column = ColumnElement[Any]  # of text or of numbers; the parser has seen to it that the value is of the same kind


@dataclass(frozen=True)
class Operator:
    """A comparison as the database is asked for it and as a person is told of it, and what it compares."""

    sql: Callable[[Column, Any], ColumnElement[bool]]
    english: str
    for_text: bool
    for_numbers: bool


def one_of(column: Column, values: Sequence[str | float]) -> ColumnElement[bool]:
    """Whether a column has one of some values."""
    return column.in_([_typed(column, value) for value in values])


def _typed(column: Column, value: Any) -> ColumnElement[Any]:  # of text or of numbers, both
    """A value with its type, which PostgreSQL wants to know: a whole number is one only beside a whole number."""
    if isinstance(value, str) or (isinstance(value, int) and isinstance(column.type, Integer)):
        return literal(value, column.type)
    return literal(float(value), Double())


def _like(column: Column, pattern: str) -> ColumnElement[bool]:
    return column.like(pattern.replace("\\", "\\\\"), escape="\\")


def _ilike(column: Column, pattern: str) -> ColumnElement[bool]:
    return folded(column).like(folded(pattern.replace("\\", "\\\\")), escape="\\")


OPERATORS = {
    "=": Operator(lambda column, value: column == _typed(column, value), "=", for_text=True, for_numbers=True),
    "!=": Operator(lambda column, value: column != _typed(column, value), "is not", for_text=True, for_numbers=True),
    ">=": Operator(lambda column, value: column >= _typed(column, value), "≥", for_text=False, for_numbers=True),
    "<=": Operator(lambda column, value: column <= _typed(column, value), "≤", for_text=False, for_numbers=True),
    ">": Operator(lambda column, value: column > _typed(column, value), ">", for_text=False, for_numbers=True),
    "<": Operator(lambda column, value: column < _typed(column, value), "<", for_text=False, for_numbers=True),
    "LIKE": Operator(_like, "is like", for_text=True, for_numbers=False),
    "ILIKE": Operator(_ilike, "is like (in any case)", for_text=True, for_numbers=False),
}
