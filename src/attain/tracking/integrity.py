"""Checking a store: the database itself, rows that belong to nothing, latest values, the contents of artifacts."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, ForeignKeyConstraint, and_, exists, func, or_, select, text

from attain.tracking.blobs import PIECE, Blob
from attain.tracking.copy import Report, contents_of
from attain.tracking.errors import Unavailable
from attain.tracking.sql import tables as t
from attain.tracking.sql.engine import reading
from attain.tracking.sql.store import Store

RUNS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong: `count` of them, an example of which is `example`."""

    what: str
    count: int
    example: str


def check_store(store: Store, report: Report, *, contents: bool = True) -> list[Fault]:
    """What is wrong with a store; nothing if all is well. It may be in use meanwhile.

    Args:
        store: only read.
        report: told of progress.
        contents: also read every content of an artifact and compare it with its hash.
    """
    with reading(store._engine) as c:
        faults = [*_damaged(c), *_orphans(c, report), *_wrong_latest(c, report)]
        blobs = list(contents_of(c))
    return faults + list(_wrong_contents(store, blobs, report, read=contents))


def _damaged(c: Connection) -> Iterator[Fault]:
    """What SQLite finds in its file; PostgreSQL checks each page that it reads by itself."""
    if c.dialect.name != "sqlite":
        return
    found = [row[0] for row in c.execute(text("PRAGMA integrity_check(100)"))]
    if found != ["ok"]:
        yield Fault("the file is damaged", len(found), found[0])


def _orphans(c: Connection, report: Report) -> Iterator[Fault]:
    for table in t.metadata.sorted_tables:
        report(f"references of {table.name}", 0)
        for key in table.foreign_key_constraints:
            given = and_(*(column.is_not(None) for column in key.columns))
            lost = and_(given, ~exists().where(_same(key)).correlate(table))
            count = c.execute(select(func.count()).select_from(table).where(lost)).scalar_one()
            if count:
                row = c.execute(select(*table.primary_key).where(lost).limit(1)).one()
                where = ", ".join(f"{name} {value!r}" for name, value in row._asdict().items())
                what = f"rows of {table.name} belong to no row of {key.referred_table.name}"
                yield Fault(what, count, where)


def _same(key: ForeignKeyConstraint) -> ColumnElement[bool]:
    return and_(*(element.column == element.parent for element in key.elements))


def _wrong_latest(c: Connection, report: Report) -> Iterator[Fault]:
    """Latest values that are not what the history says, a slice of runs at a time."""
    m, last = t.metrics, t.latest_metrics
    order = [m.c.step.desc(), m.c.timestamp.desc(), m.c.is_nan.desc(), m.c.value.desc()]
    place = func.row_number().over(partition_by=[m.c.run, m.c.key], order_by=order).label("place")
    names = ["run", "key", "step", "timestamp", "is_nan", "value"]
    count, example = 0, ""
    greatest = c.execute(select(func.max(t.runs.c.id))).scalar() or 0
    for start in range(0, greatest + 1, RUNS_AT_ONCE):
        report("latest values: runs", start)
        here = (start, start + RUNS_AT_ONCE - 1)
        ranked = select(*(m.c[name] for name in names), place).where(m.c.run.between(*here)).subquery()
        true = select(*(ranked.c[name] for name in names)).where(ranked.c.place == 1).subquery()
        kept = select(last).where(last.c.run.between(*here)).subquery()
        both = and_(true.c.run == kept.c.run, true.c.key == kept.c.key)
        differ = or_(true.c.run.is_(None), kept.c.run.is_(None), *(true.c[n] != kept.c[n] for n in names[2:]))
        run, key = func.coalesce(true.c.run, kept.c.run), func.coalesce(true.c.key, kept.c.key)
        wrong = select(run.label("run"), key.label("key")).select_from(true.join(kept, both, full=True)).where(differ)
        rows = c.execute(wrong).all()
        count += len(rows)
        example = example or (_named(c, *rows[0]) if rows else "")
    if count:
        yield Fault("latest values are not those of the history", count, example)


def _named(c: Connection, run: int, key: int) -> str:
    run_id = c.execute(select(t.runs.c.run_id).where(t.runs.c.id == run)).scalar()
    name = c.execute(select(t.metric_keys.c.key).where(t.metric_keys.c.id == key)).scalar()
    return f"metric {name!r} of run {run_id}"


def _wrong_contents(store: Store, blobs: list[Blob], report: Report, *, read: bool) -> Iterator[Fault]:
    missing: list[Blob] = []
    damaged: list[Blob] = []
    for number, blob in enumerate(blobs):
        report("contents", number + 1)
        if not store.blobs.has(blob.sha256):
            missing.append(blob)
        elif read and not _is_whole(store, blob):
            damaged.append(blob)
    for what, found in {"missing": missing, "damaged": damaged}.items():
        if found:
            yield Fault(f"contents of artifacts are {what}", len(found), f"{found[0].sha256} in {store.blobs.place}")


def _is_whole(store: Store, blob: Blob) -> bool:
    digest, size = hashlib.sha256(), 0
    try:
        with store.blobs.open(blob) as stream:
            while piece := stream.read(PIECE):
                digest.update(piece)
                size += len(piece)
    except Unavailable:
        return False
    return (digest.hexdigest(), size) == (blob.sha256, blob.size)
