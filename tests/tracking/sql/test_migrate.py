from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from attain.tracking.errors import Unavailable
from attain.tracking.sql import migrate, tables
from attain.tracking.sql.engine import reading
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store


def test_the_migrations_make_the_tables_as_they_are_declared(store: Store) -> None:
    with reading(store._engine) as c:
        assert compare_metadata(MigrationContext.configure(c), tables.metadata) == []


def test_every_revision_is_known_by_name() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(migrate.__file__).with_name("migrations")))
    config.set_main_option("path_separator", "os")
    script = ScriptDirectory.from_config(config)
    assert script.get_current_head() == migrate.HEAD
    assert {revision.revision for revision in script.walk_revisions()} == migrate.KNOWN


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
