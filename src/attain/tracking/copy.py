"""Copying a store to another database: every row of every table, and every content, compared afterwards."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Table, exists, func, select, text, true, union

from attain.tracking.blobs import Blob
from attain.tracking.errors import Invalid, Unavailable
from attain.tracking.sql.dialect import insert_new
from attain.tracking.sql.engine import reading, writing
from attain.tracking.sql.store import Store
from attain.tracking.sql.tables import experiments, metadata

PIECE = 5_000
"""Rows that are held in memory at once."""

Report = Callable[[str, int], None]
"""Told of progress: what is being done, and how many rows or contents of it are."""


@dataclass(frozen=True)
class Digest:
    """A table's rows: how many there are, and the sum of their hashes (128 bits), whatever order they come in."""

    rows: int = 0
    sum: int = 0

    def add(self, rows: Sequence[Sequence[Any]]) -> "Digest":  # rows of any table
        """The digest of these rows too."""
        hashes = (hashlib.blake2b(repr(_plain(row)).encode(), digest_size=16).digest() for row in rows)
        added = sum(int.from_bytes(one, "big") for one in hashes)
        return Digest(self.rows + len(rows), (self.sum + added) % 2**128)


@dataclass(frozen=True)
class Copied:
    """What was copied: each table's rows, and how many contents of artifacts the target did not have."""

    tables: dict[str, Digest]
    contents: int


def copy_store(source: Store, target: Store, report: Report, *, contents: bool = True) -> Copied:
    """Copy everything; the target has all of it afterwards, or (on any error) nothing.

    The source may be in use: what is copied is its state at the beginning. Memory is bounded.

    Args:
        source: stays as it is.
        target: a store with nothing in it but the experiment that every new one has.
        report: told of progress.
        contents: copy the contents of artifacts too; without, the target must find them at the source's place.

    Raises:
        Invalid: the target is not empty, or it cannot hold a value.
        Unavailable: a database cannot be used, or the target does not hold what was written to it.
    """
    with writing(target._engine) as to:  # both modules know what a store is made of
        _refuse_unless_empty(to, target)
        with reading(source._engine) as c:
            copied = _copy_contents(c, source, target, report) if contents else 0
            to.execute(experiments.delete())
            digests = {table.name: _copy_table(c, to, table, report) for table in metadata.sorted_tables}
        _count_on(to)
        for table in metadata.sorted_tables:
            report(f"comparing {table.name}", digests[table.name].rows)
            if digest_of(to, table) != digests[table.name]:
                raise Unavailable(f"The table {table.name!r} in {target.place!r} is not as it was written; all undone.")
    return Copied(digests, copied)


def _plain(row: Sequence[Any]) -> tuple[Any, ...]:  # a row of any table
    """A row as every database gives it back: SQLite knows no negative zero."""
    return tuple(value + 0.0 if isinstance(value, float) else value for value in row)


def digest_of(c: Connection, table: Table) -> Digest:
    """The digest of a table as it stands."""
    found = Digest()
    for rows in _pieces(c, table):
        found = found.add(rows)
    return found


def contents_of(c: Connection) -> Iterator[Blob]:
    """Every content that some artifact has, once."""
    tables = [table for table in metadata.sorted_tables if {"sha256", "size"} <= set(table.c.keys())]
    each = union(*(select(table.c.sha256, table.c.size) for table in tables))
    for row in c.execution_options(yield_per=PIECE).execute(each):
        yield Blob(row.sha256, row.size)


def _copy_contents(c: Connection, source: Store, target: Store, report: Report) -> int:
    target.blobs.mark()
    if source.blobs.place == target.blobs.place:
        return 0
    copied = 0
    for blob in contents_of(c):
        if not target.blobs.has(blob.sha256):
            with source.blobs.open(blob) as stream:
                kept = target.blobs.add(stream)
            if kept != blob:
                raise Unavailable(
                    f"The content {blob.sha256} in {source.blobs.place!r} is damaged: it hashes otherwise."
                )
            copied += 1
            report("contents", copied)
    return copied


def _copy_table(c: Connection, to: Connection, table: Table, report: Report) -> Digest:
    digest = Digest()
    for rows in _pieces(c, table):
        insert_new(to, table, [row._asdict() for row in rows])
        digest = digest.add(rows)
        report(table.name, digest.rows)
    return digest


def _pieces(c: Connection, table: Table) -> Iterator[Sequence[Any]]:  # rows of any table
    yield from c.execution_options(yield_per=PIECE).execute(select(table)).partitions()


def _refuse_unless_empty(to: Connection, target: Store) -> None:
    for table in metadata.sorted_tables:
        ours = experiments.c.id != 0 if table is experiments else true()
        if to.execute(select(exists().select_from(table).where(ours))).scalar():
            raise Invalid(
                f"The target {target.place!r} is not empty: there are {table.name.replace('_', ' ')} in it. "
                "Copy to a new file or database."
            )


def _count_on(to: Connection) -> None:
    """Let the keys that PostgreSQL counts up go on after the greatest."""
    if to.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None:
            sequence = func.pg_get_serial_sequence(table.name, column.name)
            to.execute(select(func.setval(sequence, func.max(column))).having(func.max(column) > 0))
    to.execute(text("ANALYZE"))
