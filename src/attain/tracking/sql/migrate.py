"""Bring a store's tables to the form that this attain knows."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from attain.tracking.errors import Unavailable
from attain.tracking.sql.engine import reading, writing

HEAD = "0005"
"""The newest revision in `migrations/versions`."""

KNOWN = frozenset({"0001", "0002", "0003", "0004", "0005"})
"""Every revision there is; named here so that an up-to-date store opens without importing Alembic."""


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
        if _revision(connection) != HEAD:
            _run_migrations(connection)


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


def _run_migrations(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
