"""Connections: how a database is opened, how a transaction begins, and what its errors mean to a person."""

import os
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as NoneFree

from attain.tracking.errors import Invalid, Unavailable
from attain.tracking.sql import postgresql, sqlite

_TOGETHER: ContextVar[tuple[Engine, Connection] | tuple[None, None]] = ContextVar("together", default=(None, None))


def open_engine(uri: str) -> Engine:
    """An engine for `uri`; nothing is read yet, but the folder of a new SQLite file is made.

    Raises:
        Invalid: the address is not one of a database that we know.
        Unavailable: the file cannot be opened.
    """
    try:
        url = make_url(uri)
    except ArgumentError:
        raise Invalid(
            f"The tracking address {uri!r} is not one; expected e.g. 'sqlite:///.attain/attain.db'."
        ) from None
    match url.get_backend_name():
        case "sqlite":
            engine = sqlite.open_sqlite(url)
        case "postgresql" | "postgres":
            engine = postgresql.open_postgresql(url)
        case other:
            raise Invalid(
                f"The tracking address begins with {other!r}; expected 'sqlite:///FILE' or "
                "'postgresql://USER:PASSWORD@HOST/DATABASE'."
            )
    _close_before_fork(engine)
    return engine


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one state of the store throughout and writes nothing."""
    if (shared := _shared(engine)) is not None:
        yield shared
        return
    with in_words(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that may write: all of it is kept, or (on any exception) nothing."""
    if (shared := _shared(engine)) is not None:
        with in_words(engine), shared.begin_nested():
            yield shared
        return
    with in_words(engine), engine.connect() as connection:
        connection = connection.execution_options(**{sqlite.WRITE: True})
        with connection.begin():
            yield connection


@contextmanager
def together(engine: Engine) -> Iterator[None]:
    """Make every transaction of this thread, while open, a part of one; a part that fails takes back only itself."""
    with writing(engine) as connection:
        before = _TOGETHER.set((engine, connection))
        try:
            yield
        finally:
            _TOGETHER.reset(before)


def _shared(engine: Engine) -> Connection | None:
    """The connection of the transaction that is open around this one."""
    its_engine, connection = _TOGETHER.get()
    return connection if its_engine is engine else None


@contextmanager
def in_words(engine: Engine) -> Iterator[None]:
    """Turn the database's complaints into sentences.

    Raises:
        Unavailable: the store is locked, read-only, full, broken or away.
        Exists: another process took the same name in the same moment.
    """
    try:
        yield
    except DBAPIError as error:
        words = sqlite if engine.dialect.name == "sqlite" else postgresql
        if (explained := words.explained(engine, error)) is None:
            raise
        raise explained from error
    except NoneFree:
        raise Unavailable(
            "All connections of this process to the store are in use. Try again, or set a larger pool_size.",
            passing=True,
        ) from None


def _close_before_fork(engine: Engine) -> None:
    """A connection must not be carried over a fork: close what is idle, so that parent and child open anew."""
    kept = weakref.ref(engine)

    def close() -> None:
        if (living := kept()) is not None:
            living.dispose()

    os.register_at_fork(before=close)
