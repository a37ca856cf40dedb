import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, MetaData, create_engine, select, text

from attain.testing.stores import BACKENDS, NewStore
from attain.tracking.errors import Unavailable
from attain.tracking.liveness import now_ms
from attain.tracking.sql import migrate, tables
from attain.tracking.sql.engine import open_engine, reading, writing
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store

OF_EXPRESSIONS = pytest.mark.filterwarnings("ignore:.*expression-based index")
"""SQLAlchemy cannot read `ix_tags_found` and `ix_params_found` back from SQLite; their clauses are compared below."""

Rows = dict[str, list[dict[str, Any]]]  # rows of any table, by its name


@OF_EXPRESSIONS
def test_the_migrations_make_the_tables_as_they_are_declared(store: Store) -> None:
    with reading(store._engine) as c:
        assert compare_metadata(MigrationContext.configure(c), tables.metadata) == []


def test_a_new_sqlite_store_is_made_as_the_migrations_would_leave_it(tmp_path: Path) -> None:
    made, migrated = (open_engine(f"sqlite:///{tmp_path / name}") for name in ("made.db", "migrated.db"))
    migrate.upgrade(made)
    with writing(migrated) as c:
        migrate.migrate_to(c, migrate.HEAD)
    assert _told(made) == _told(migrated)
    made.dispose()
    migrated.dispose()


def _told(engine: Engine) -> dict[str, object]:
    """What a SQLite file says of its tables and indexes (the clauses of each), and the rows that it begins with."""
    with reading(engine) as c:
        statements = c.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")).all()
        told: dict[str, object] = {
            name: sorted(re.findall(r"[^,()\s]+|[()]", sql.replace('"', ""))) for name, sql in statements
        }
        default = c.execute(text("SELECT id, name, artifact_location, lifecycle_stage FROM experiments")).all()
        return told | {"rows": [default, c.execute(text("SELECT version_num FROM alembic_version")).all()]}


def test_every_revision_is_known_by_name() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == migrate.HEAD
    assert {revision.revision for revision in script.walk_revisions()} == migrate.KNOWN


@OF_EXPRESSIONS
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("older", sorted(migrate.KNOWN - {migrate.HEAD}))
def test_an_older_store_is_brought_up_to_date_with_all_its_rows(
    new_database: NewStore, fill: Callable[[Connection, MetaData], Rows], backend: str, older: str
) -> None:
    engine = open_engine(new_database(backend))
    was = MetaData()
    with writing(engine) as c:
        migrate.migrate_to(c, older)
        was.reflect(c)
        rows = fill(c, was)
    assert migrate.revision(engine) == older
    migrate.upgrade(engine)
    assert migrate.revision(engine) == migrate.HEAD
    with reading(engine) as c:
        for name, given in rows.items():
            kept = [row._asdict() for row in c.execute(select(was.tables[name]))]
            expected = sorted(map(repr, given))
            assert [row for row in sorted(map(repr, kept)) if "'Default'" not in row] == expected
        assert compare_metadata(MigrationContext.configure(c), tables.metadata) == []
    engine.dispose()


@pytest.mark.parametrize("backend", BACKENDS)
def test_an_older_store_finds_what_it_held_by_the_new_indexes(new_database: NewStore, backend: str) -> None:
    uri, long = new_database(backend), "".join(random.Random(0).choices("0123456789abcdef", k=6_000))
    engine = open_engine(uri)
    run = "INSERT INTO runs VALUES (1, 'r', 0, 'n', 'FINISHED', 1, 2, 'active', false, '', '', NULL, NULL, NULL, NULL)"
    with writing(engine) as c:
        migrate.migrate_to(c, "0005")
        c.execute(text(run))
        c.execute(text("INSERT INTO tags VALUES (1, 'note', :long)"), {"long": long})
        c.execute(text("INSERT INTO metric_keys VALUES (1, 'auc')"))
        c.execute(text("INSERT INTO latest_metrics VALUES (1, 1, 0, 0, false, 0.75)"))
    engine.dispose()
    store = open_store(uri)
    assert store.count_runs(["0"], f"tags.note = '{long}' AND metrics.auc > 0.7") == 1
    assert store.count_runs(["0"], f"tags.note = '{long[:-1]}x'") == 0
    store.close()


@pytest.mark.parametrize("backend", BACKENDS)
def test_runs_that_were_deleted_before_are_taken_to_be_deleted_now(new_database: NewStore, backend: str) -> None:
    engine = open_engine(new_database(backend))
    with writing(engine) as c:
        migrate.migrate_to(c, "0003")
        stage = "INSERT INTO runs VALUES (:id, :run, 0, 'n', 'FINISHED', 1, 2, :stage, false, '', '', NULL, NULL, NULL)"
        c.execute(text(stage), [{"id": i, "run": s, "stage": s} for i, s in enumerate(("active", "deleted"), 1)])
    migrate.upgrade(engine)
    with reading(engine) as c:
        active, deleted = c.execute(text("SELECT deleted_time FROM runs ORDER BY run_id")).scalars()
    assert active is None
    assert abs(deleted - now_ms()) < 60_000
    engine.dispose()


def test_a_store_is_opened_again_as_it_was(store: Store, uri: str) -> None:
    run = store.create_run("0")
    again = open_store(uri)
    assert again.get_run(run.run_id) == run
    again.close()


def test_a_store_of_a_newer_attain_is_refused(store: Store, uri: str) -> None:
    store.close()
    engine = create_engine(uri)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    with pytest.raises(Unavailable, match=r"made by a newer attain .*'9999'"):
        open_store(uri)


def test_a_database_of_something_else_is_left_alone(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'other.db'}"
    engine = create_engine(uri)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE recipes (id INTEGER)"))
    engine.dispose()
    with pytest.raises(Unavailable, match="not a store of attain: it holds recipes"):
        open_store(uri)
