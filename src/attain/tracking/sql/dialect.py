"""The few statements that databases write differently, each in one place."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, String, Table, tuple_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

Row = dict[str, Any]  # a row's values have the types of its table's columns


def insert_new(connection: Connection, table: Table, rows: Sequence[Row]) -> None:
    """Add rows; one whose key is there already is left as it is."""
    if rows:
        connection.execute(_insert(connection, table).on_conflict_do_nothing(), list(rows))


def upsert(
    connection: Connection, table: Table, rows: Sequence[Row], *, when_greater: Sequence[str] | None = None
) -> None:
    """Add rows; one whose primary key is there already replaces the old one.

    Args:
        connection: an open write transaction.
        table: its primary key says which rows are the same.
        rows: all with the same columns.
        when_greater: replace only if these columns, compared in turn, are greater than the old ones.
    """
    if not rows:
        return
    statement = _insert(connection, table)
    keys = [column.name for column in table.primary_key]
    new = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    where = None
    if when_greater is not None:
        where = tuple_(*(statement.excluded[n] for n in when_greater)) > tuple_(*(table.c[n] for n in when_greater))
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new, where=where), list(rows))


def _insert(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    return postgresql.insert(table) if connection.dialect.name == "postgresql" else sqlite.insert(table)


class folded(FunctionElement[str]):  # noqa: N801 - it reads as a function of SQL
    """Text in small letters, whatever alphabet it is in."""

    type = String()
    inherit_cache = True


@compiles(folded)
def _folded(element: folded, compiler: SQLCompiler, **options: Any) -> str:  # whatever SQLAlchemy hands on
    """SQLite has our own `lower`; in PostgreSQL the collation says what small letters are, and `C` knows ASCII only."""
    rules = ' COLLATE "und-x-icu"' if compiler.dialect.name == "postgresql" else ""
    return f"lower({compiler.process(element.clauses, **options)}{rules})"
