"""Upkeep of a store: a copy to keep, and the room that deleted runs take given back."""

import contextlib
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import ColumnElement, Connection, Table, delete, exists, func, make_url, select, text

from attain.tracking.copy import Report, copy_store
from attain.tracking.errors import Invalid, NotFound, Unavailable
from attain.tracking.liveness import now_ms, this_user
from attain.tracking.sql import ledger, migrate, sqlite
from attain.tracking.sql import tables as t
from attain.tracking.sql.engine import in_words, open_engine, reading, writing
from attain.tracking.sql.store import Store
from attain.tracking.store import default_uri, open_database

AT_ONCE = 100
"""Deleted runs that are removed in one transaction, so that others do not wait for long."""


@dataclass(frozen=True)
class Vacuumed:
    """What was removed for good, and the size of the database before and after (bytes).

    `kept` are deleted runs and logged models that stay, since versions of registered models are made of their files.
    """

    runs: int
    models: int
    experiments: int
    kept: int
    before: int
    after: int


def open_existing(uri: str | None) -> Store:
    """Open a store that must be there, where `open_database` would make a new one.

    Raises:
        NotFound: there is none at this address.
        Invalid: the address is a server's.
    """
    uri = uri or default_uri()
    if uri.startswith(("http://", "https://")):
        raise Invalid(f"{uri!r} is a server; give the address of its database, on the machine where it runs.")
    if revision_at(uri) is None:
        raise NotFound(f"There is no store at {make_url(uri).render_as_string()!r}. Check the address.")
    return open_database(uri)


def revision_at(uri: str) -> str | None:
    """What the tables of a database are at; None if it has none, or there is no such file."""
    url = make_url(uri) if uri.startswith("sqlite:") else None
    if url is not None and url.database and not Path(url.database).exists():
        return None
    engine = open_engine(uri)
    try:
        return migrate.revision(engine)
    finally:
        engine.dispose()


def backup(store: Store, file: Path, report: Report) -> int:
    """Write the rows of a store, as they are at one moment, into a new SQLite file; its size in bytes.

    The store may be in use. Contents of artifacts are not in the file: they never change, so any copy of their place
    made after this one fits.

    Raises:
        Invalid: there is a file of this name.
        Unavailable: the file cannot be written; nothing is left of it.
    """
    if file.exists():
        raise Invalid(f"There is a file {str(file)!r} already. Give another name.")
    half = file.with_name(f"{file.name}.half")
    try:
        half.unlink(missing_ok=True)
        if store._engine.dialect.name == "sqlite":
            _backup_file(store, half)
        else:
            _backup_rows(store, half, report)
        half.rename(file)
    except (OSError, sqlite3.OperationalError) as error:
        raise Unavailable(f"The backup {str(file)!r} cannot be written: {error}.") from None
    finally:
        for suffix in ("", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                half.with_name(half.name + suffix).unlink(missing_ok=True)
    return file.stat().st_size


def vacuum(store: Store, report: Report, deleted_before: int | None = None) -> Vacuumed:
    """Give back room; first remove for good what was deleted before a time (ms), if one is given.

    With a run or logged model go its params, tags, metrics and list of files. Contents that nobody has any more go when
    garbage is collected (`attain.tracking.garbage`). What is removed is written in the ledger. What a version of a
    registered model is made of stays.
    """
    before = _size(store)
    runs = models = experiments = kept = 0
    if deleted_before is not None:
        models = _removed(store, t.logged_models, _models_gone(deleted_before) & ~_MODEL_USED, report)
        runs = _removed(store, t.runs, _runs_gone(deleted_before) & ~_RUN_USED, report)
        experiments = _remove_experiments(store, deleted_before)
        kept = _left(store, deleted_before)
    report("vacuum", 0)
    with in_words(store._engine), _outside_transactions(store) as c:
        if store._engine.dialect.name == "sqlite":
            for command in ("PRAGMA optimize", "VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                c.exec_driver_sql(command).close()
        else:
            c.exec_driver_sql("VACUUM (ANALYZE)")
    return Vacuumed(runs, models, experiments, kept, before, _size(store))


def _backup_file(store: Store, half: Path) -> None:
    """SQLite copies page by page what readers see now; writers go on meanwhile."""
    with (
        contextlib.closing(sqlite.connect(store.folder / store.name)) as source,
        contextlib.closing(sqlite3.connect(half)) as target,
    ):
        source.backup(target)


def _backup_rows(store: Store, half: Path, report: Report) -> None:
    engine = open_engine(f"sqlite:///{half}")
    try:
        migrate.upgrade(engine)
        copy_store(store, Store(engine, half.name, half.parent, store.blobs), report, contents=False)
    finally:
        engine.dispose()


_VERSION = t.model_versions.c
_RUN_USED = exists().where(_VERSION.run_id == t.runs.c.run_id, _VERSION.storage.startswith(t.runs.c.artifact_uri))
_MODEL_USED = exists().where(_VERSION.model_id == t.logged_models.c.model_id)
_IDS = {"runs": t.runs.c.run_id, "logged_models": t.logged_models.c.model_id}
_WORDS = {"runs": ("run.remove", "runs"), "logged_models": ("model.remove", "logged models")}


def _runs_gone(before: int) -> ColumnElement[bool]:
    return (t.runs.c.lifecycle_stage == "deleted") & (t.runs.c.deleted_time < before)


def _models_gone(before: int) -> ColumnElement[bool]:
    return (t.logged_models.c.lifecycle_stage == "deleted") & (t.logged_models.c.last_update_time < before)


def _removed(store: Store, table: Table, gone: ColumnElement[bool], report: Report) -> int:
    """Remove runs or logged models, some at a time; how many those were."""
    removed, (action, words) = 0, _WORDS[table.name]
    while True:
        with writing(store._engine) as c:
            some = c.execute(select(table.c.id, _IDS[table.name].label("name")).where(gone).limit(AT_ONCE)).all()
            if not some:
                return removed
            c.execute(delete(table).where(table.c.id.in_([row.id for row in some])))
            _note(c, action, f"{len(some)} {words}", [row.name for row in some])
        removed += len(some)
        report(f"deleted {words}", removed)


def _left(store: Store, before: int) -> int:
    with reading(store._engine) as c:
        gone = (_runs_gone(before), _models_gone(before))
        return sum(c.execute(select(func.count()).where(one)).scalar_one() for one in gone)


def _remove_experiments(store: Store, before: int) -> int:
    """Deleted experiments in which nothing is left; never the one with id 0."""
    e = t.experiments
    gone = (e.c.lifecycle_stage == "deleted") & (e.c.last_update_time < before) & (e.c.id != 0) & _empty()
    with writing(store._engine) as c:
        some = c.execute(select(e.c.id, e.c.name).where(gone)).all()
        if some:
            c.execute(delete(e).where(e.c.id.in_([row.id for row in some])))
            _note(c, "experiment.remove", f"{len(some)} experiments", [f"{row.id} {row.name}" for row in some])
    return len(some)


def _empty() -> ColumnElement[bool]:
    models = exists().where((t.logged_models.c.experiment == t.experiments.c.id) & _MODEL_USED)
    return ~exists().where(t.runs.c.experiment == t.experiments.c.id) & ~models


def _note(c: Connection, action: str, what: str, names: list[str]) -> None:
    ledger.append(c, now_ms(), this_user(), action, what, {"names": names})


def _size(store: Store) -> int:
    with reading(store._engine) as c:
        if c.dialect.name == "sqlite":
            pages, size = (c.execute(text(f"PRAGMA {name}")).scalar_one() for name in ("page_count", "page_size"))
            return int(pages * size)
        return int(c.execute(select(func.pg_database_size(func.current_database()))).scalar_one())


@contextlib.contextmanager
def _outside_transactions(store: Store) -> Iterator[Connection]:
    """VACUUM must not be part of a transaction."""
    with store._engine.connect() as c:
        yield c.execution_options(isolation_level="AUTOCOMMIT")
