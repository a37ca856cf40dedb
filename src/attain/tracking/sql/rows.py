"""Rows of long lists: as the driver gives them, and of many runs at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Dialect, Select, bindparam
from sqlalchemy.types import UserDefinedType

Plain = tuple[Any, ...]  # of the types of the columns, except that SQLite's booleans are 0 and 1


class _Keys(UserDefinedType[Sequence[int]]):
    """Whole numbers in parentheses."""

    cache_ok = True

    def literal_processor(self, dialect: Dialect) -> Callable[[Sequence[int]], str]:
        """How they are written into a statement."""
        return lambda keys: f"({','.join(map(int.__repr__, keys)) or 'NULL'})"


THESE: BindParameter[Sequence[int]] = bindparam("these", type_=_Keys(), literal_execute=True)
"""Keys of rows, as in `column.op("IN")(THESE)`.

The statement is made once for any of them, and they are written into it: a bound value for each key of a page of 1,000
runs would take longer than to read the rows. They are numbers of the database's own, never what somebody typed.
"""


def these(column: ColumnElement[int], keys: Sequence[int]) -> ColumnElement[bool]:
    """Whether a column is one of the keys, written into the statement likewise."""
    return column.bool_op("IN")(bindparam(THESE.key, keys, type_=_Keys(), literal_execute=True))


def among(column: ColumnElement[Any], values: Sequence[object]) -> ColumnElement[bool]:
    """Whether a column has one of the values: a list has to be written into the statement each time, one value not."""
    return column == values[0] if len(values) == 1 else column.in_(values)


def plain(c: Connection, query: Select[Any], given: Mapping[str, object] | None = None) -> list[Plain]:
    """All rows of a query, without SQLAlchemy's rows around them, which would take longer than the database does."""
    with c.execute(query, given) as result:
        assert result.cursor is not None, "a SELECT has a cursor"
        return list(result.cursor.fetchall())
