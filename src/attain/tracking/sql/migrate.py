"""Bring a store's tables to the form that this attain knows."""

from pathlib import Path

from sqlalchemy import Connection, Engine, insert, inspect, text

from attain.tracking.errors import Unavailable
from attain.tracking.liveness import now_ms
from attain.tracking.sql.engine import reading, writing
from attain.tracking.sql.tables import experiments, metadata

HEAD = "0006"
"""The newest revision in `migrations/versions`."""

KNOWN = frozenset({"0001", "0002", "0003", "0004", "0005", "0006"})
"""Every revision there is; named here so that an up-to-date store opens without importing Alembic."""

_LOCK = 0x61747461696E
"""The number of the lock in a PostgreSQL database: `attain` in ASCII."""


def upgrade(engine: Engine) -> None:
    """Make the tables of a new store, or change those of an older one; an up-to-date store is only looked at.

    Several processes may do so at once: one does the work, the others wait and find it done.

    Raises:
        Unavailable: a newer attain made the store, or it holds something that is not ours.
    """
    with reading(engine) as connection:
        if _revision(connection) == HEAD:
            return
    with writing(engine) as connection:
        _wait_for_others(connection)
        found = _revision(connection)
        if found is None and connection.dialect.name == "sqlite":
            _make(connection)
        elif found != HEAD:
            migrate_to(connection, HEAD)
            _sort_text_by_code_point(connection)


def revision(engine: Engine) -> str | None:
    """What a store's tables are at now; None if there are none yet.

    Raises:
        Unavailable: a newer attain made the store, or it holds something that is not ours.
    """
    with reading(engine) as connection:
        return _revision(connection)


def _wait_for_others(connection: Connection) -> None:
    """PostgreSQL lets two processes begin at once; SQLite has let us in alone already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def _revision(connection: Connection) -> str | None:
    """The store's revision; None for an empty database."""
    names = inspect(connection).get_table_names()
    if "alembic_version" not in names:
        if names:
            listed = ", ".join(sorted(names)[:5])
            raise Unavailable(
                f"The database {connection.engine.url.database!r} is not a store of attain: it holds {listed}. "
                "Give another address in ATTAIN_TRACKING_URI."
            )
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if revision is not None and revision not in KNOWN:
        raise Unavailable(
            f"The store {connection.engine.url.database!r} was made by a newer attain (its tables are at revision "
            f"{revision!r}, this attain knows {HEAD!r}). Upgrade attain, or use another store."
        )
    return revision


def _make(connection: Connection) -> None:
    """Make the tables of a new SQLite store as the migrations would leave them, in a sixth of their time.

    Alembic takes 0.1 s to load and to go through its revisions, which everybody's first start would wait for.
    """
    metadata.create_all(connection, checkfirst=False)
    now = now_ms()
    default = {"id": 0, "name": "Default", "artifact_location": "mlflow-artifacts:/0", "lifecycle_stage": "active"}
    connection.execute(insert(experiments).values(**default, creation_time=now, last_update_time=now))
    key = "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)"
    connection.execute(text(f"CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, {key})"))
    connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": HEAD})


def migrate_to(connection: Connection, revision: str) -> None:
    """Change the tables as the migrations up to a revision say."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def _sort_text_by_code_point(connection: Connection) -> None:
    """Give every text column of PostgreSQL the collation `C`, which is how SQLite sorts.

    Pages come in the same order on both, an index serves `LIKE 'folder/%'`, and it stays valid when the operating
    system's rules for a language change (which has broken many an index on text).
    """
    if connection.dialect.name != "postgresql":
        return
    columns = connection.execute(
        text(
            "SELECT table_name, column_name, format_type(atttypid, atttypmod) FROM information_schema.columns "
            "JOIN pg_attribute ON attrelid = quote_ident(table_name)::regclass AND attname = column_name "
            "WHERE table_schema = current_schema() AND data_type IN ('text', 'character varying') "
            "AND collation_name IS DISTINCT FROM 'C'"
        )
    )
    for table, column, kind in columns.all():
        connection.execute(text(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE {kind} COLLATE "C"'))
