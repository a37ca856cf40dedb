"""SQLite: one file that processes of one machine share, with one writer at a time and readers that never wait."""

import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from attain.tracking.errors import Invalid, Unavailable

BUSY_S = 30.0
"""How long a write waits for another process's write to end."""

LARGEST_LOG = 64 << 20
"""Bytes that the write-ahead log keeps on disk once its rows are in the file.

The rows go there (a checkpoint) whenever the log has 1,000 pages, SQLite's default: more would make readers search a
longer log, fewer would write the same page again and again. A reader who stays long, such as a backup, holds the log
open meanwhile and it may grow beyond this; the first checkpoint after it cuts it down.
"""

ENOUGH_RUNS = 1_000
"""Runs of a store from which on its planner is told how much is in it: what it knew of a few would mislead it later."""

WRITE = "attain_write"
"""The execution option of a connection that is about to write."""


def open_sqlite(url: URL) -> Engine:
    """An engine for a file; its folder is made where it is not there.

    Raises:
        Invalid: the address names no file.
        Unavailable: the folder cannot be made, or the file is a folder.
    """
    if not url.database or url.database == ":memory:":
        raise Invalid(f"The tracking address {str(url)!r} names no file; a store is shared by processes and needs one.")
    path = Path(url.database)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Unavailable(f"The folder of the store {str(path)!r} cannot be made: {error.strerror}.") from None
    if path.is_dir():
        raise Unavailable(f"The store {str(path)!r} is a folder; expected a file, or nothing yet.")
    path = path.absolute()
    # What was logged stays out of the server's log.
    engine = create_engine(f"sqlite:///{path}", creator=lambda: connect(path), hide_parameters=True)
    event.listen(engine, "begin", _begin)
    event.listen(engine, "close", _optimize)
    return engine


def explained(engine: Engine, error: DBAPIError) -> Unavailable | None:
    """What an error of SQLite means to a person; None for a mistake of ours."""
    where = f"The store {engine.url.database!r}"
    text = str(error.orig).lower()
    if "locked" in text or "busy" in text:
        wait = f"another process has been writing to it for more than {BUSY_S:.0f} s"
        return Unavailable(f"{where} is locked: {wait}. Try again, or end that process.", passing=True)
    if "readonly" in text or "read-only" in text:
        return Unavailable(
            f"{where} cannot be written to: it is read-only. Set ATTAIN_HOME or ATTAIN_TRACKING_URI to a place "
            "that you may write to."
        )
    if "full" in text:
        return Unavailable(f"{where} cannot grow: the disk is full. Make room, then go on.", passing=True)
    if "unable to open" in text or "disk i/o" in text:
        return Unavailable(f"{where} cannot be opened: {error.orig}. Check that its folder exists and is yours.")
    if "not a database" in text or "malformed" in text:
        return Unavailable(f"{where} is not a SQLite database, or is damaged ({error.orig}). Put a copy in its place.")
    return None


def connect(path: Path) -> sqlite3.Connection:
    """Open the file; where it or its folder may not be written to, for reading only."""
    if path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return _connect_read_only(path)
    connection = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    _prepare(connection)
    _use_wal(connection)
    return connection


def _connect_read_only(path: Path) -> sqlite3.Connection:
    """Without a writable folder a WAL file can be read only if its side files are there, or as if frozen."""
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        address = f"{path.as_uri()}?{mode}"
        connection = sqlite3.connect(address, uri=True, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.OperationalError:
            connection.close()
            if "immutable" in mode:
                raise
        else:
            return connection
    raise AssertionError("one of the two modes returns or raises")


def _prepare(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA foreign_keys = ON")
    # A killed process loses nothing that was kept; if the machine itself fails, the last moments may be missing, whole.
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute(f"PRAGMA journal_size_limit = {LARGEST_LOG}")
    # LIKE and ILIKE as PostgreSQL has them: SQLite's own LIKE ignores the case of ASCII, its lower() knows ASCII only.
    connection.execute("PRAGMA case_sensitive_like = ON")
    connection.create_function("lower", 1, _lower, deterministic=True)


def _lower(text: str | None) -> str | None:
    return None if text is None else str(text).lower()


def _use_wal(connection: sqlite3.Connection) -> None:
    """Readers and the writer do not wait for each other; kept in the file, so that it is set once.

    The change asks for the file alone and does not wait by itself, hence the loop (two processes may make a new store
    at the same moment).
    """
    deadline = time.monotonic() + BUSY_S
    while connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _optimize(connection: sqlite3.Connection, _: object) -> None:
    """Before a connection ends, refresh what the planner knows of the tables that it read, as SQLite advises."""
    with suppress(sqlite3.Error):  # another process writes now, or the file is read-only or gone: the next one does it
        connection.execute("PRAGMA busy_timeout = 0")
        greatest = connection.execute("SELECT max(id) FROM runs").fetchone()[0]
        if greatest is not None and greatest >= ENOUGH_RUNS:
            connection.execute("PRAGMA analysis_limit = 400")
            connection.execute("PRAGMA optimize")


def _begin(connection: Connection) -> None:
    """A write takes its lock at once: taking it later could find that another has written in between."""
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get(WRITE) else "BEGIN")
