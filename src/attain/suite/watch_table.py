"""A table of a database that is watched."""

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Connection, Engine, MetaData, Table, create_engine, func, make_url, select
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, NoSuchTableError, SQLAlchemyError

from attain.core.errors import UserError, unknown
from attain.core.extras import not_installed
from attain.suite.watch import Signs
from attain.suite.watch_arrival import Arrival

BLOCK = 10_000
"""Rows that are read at once."""


class DatabaseTable:
    """A table or view, written as a CSV file in the order of its key when its content is wanted.

    Args:
        address: as SQLAlchemy reads it, such as `postgresql://reader@host/school` or `sqlite:///school.db`.
        table: its name, perhaps with a schema: `lms.answers`.
        cursor: a column that grows with every change, such as a number or a time; then only it and the number of rows
            are asked for at each look. Without it the whole table is read at each look.
        to: the CSV file that the suite reads.
    """

    def __init__(self, address: str, table: str, to: Path, cursor: str | None = None) -> None:
        if to.suffix != ".csv":
            raise UserError(f"A table is written as CSV; let --to end in .csv, not in {to.suffix!r}.")
        self._url, self._table, self._cursor, self._arrival = _url(address), table, cursor, Arrival(to)
        self.name = f"table {table} of {self._url.get_backend_name()} {self._url.database}"  # not who reads it, nor how
        self._content = ""

    def signs(self) -> Signs:
        """The number of rows and the greatest value of the cursor; without a cursor the fingerprint of all rows."""
        with self._opened() as (connection, table):
            if self._cursor is None:
                return (self._content,) if self._fetched(connection, table) else ()
            if self._cursor not in table.columns:
                raise unknown(f"column of {self.name}", self._cursor, table.columns.keys())
            row = connection.execute(select(func.count(), func.max(table.columns[self._cursor])).select_from(table))
            n_rows, newest = row.one()
            return (n_rows, str(newest)) if n_rows else ()

    def content(self) -> str:
        """The SHA-256 of the table as CSV."""
        if self._cursor is not None:
            with self._opened() as (connection, table):
                self._fetched(connection, table)
        return self._content

    def put(self) -> None:
        """Put what was read where the suite reads it.

        Raises:
            UserError: the table has changed since.
        """
        if self._arrival.put(self._content):
            return
        known = self._content
        with self._opened() as (connection, table):
            self._fetched(connection, table)
        if self._content != known or not self._arrival.put(known):
            raise UserError("the table has changed while the suite was about to begin.")

    @contextmanager
    def _opened(self) -> Iterator[tuple[Connection, Table]]:
        engine = _engine(self._url)
        schema, _, name = self._table.rpartition(".")
        try:
            with engine.connect() as connection:
                yield connection, Table(name, MetaData(), schema=schema or None, autoload_with=connection)
        except NoSuchTableError:
            raise UserError(f"There is no {self.name}; the account sees no table or view of that name.") from None
        except SQLAlchemyError as error:
            why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise UserError(f"Cannot read {self.name}: {why}.") from None
        finally:
            engine.dispose()

    def _fetched(self, connection: Connection, table: Table) -> int:
        """Read all rows in one statement, so that they are of one moment; how many they are."""
        n_rows = 0
        order: list[Column[Any]] = list(table.primary_key.columns) or list(table.columns)
        rows = connection.execution_options(yield_per=BLOCK).execute(select(table).order_by(*order))
        with self._arrival.writing() as stream:
            text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
            writer = csv.writer(text, lineterminator="\n")
            writer.writerow(rows.keys())
            for block in rows.partitions():
                writer.writerows([_plain(value) for value in row] for row in block)
                n_rows += len(block)
            text.detach()
        self._content = self._arrival.fingerprint()
        return n_rows


def _plain(value: object) -> object:
    return int(value) if isinstance(value, bool) else value


def _url(address: str) -> URL:
    try:
        url = make_url(address)
    except ArgumentError:
        raise UserError(
            "The address is not one of a database; expected e.g. postgresql://reader@host/school or sqlite:///school.db."
        ) from None
    if url.get_backend_name() == "postgres":
        url = url.set(drivername="postgresql")
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    return url


def _engine(url: URL) -> Engine:
    if url.get_backend_name() == "sqlite":
        if not url.database or not Path(url.database).is_file():
            raise UserError(f"There is no SQLite file {url.database!r}.")
        read_only = f"file:{Path(url.database).resolve()}?mode=ro"
        return create_engine(f"sqlite:///{read_only}&uri=true")
    try:
        return create_engine(url)
    except NoSuchModuleError:
        raise UserError(f"{url.get_backend_name()!r} is not a kind of database that SQLAlchemy knows here.") from None
    except ModuleNotFoundError as error:
        raise not_installed(f"A database of kind {url.get_backend_name()!r}", error) from None
