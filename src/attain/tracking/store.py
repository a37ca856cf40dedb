"""Opening the store that an address names."""

import logging
import os
from pathlib import Path

from attain.core import places
from attain.tracking.errors import Unavailable
from attain.tracking.recovery import recover
from attain.tracking.sql.engine import open_engine
from attain.tracking.sql.migrate import upgrade
from attain.tracking.sql.store import Store

__all__ = ["Store", "default_uri", "open_store"]

_log = logging.getLogger(__name__)


def default_uri() -> str:
    """The address of the store: `ATTAIN_TRACKING_URI`, else the SQLite file `attain.db` in attain's home."""
    return os.environ.get("ATTAIN_TRACKING_URI", "") or f"sqlite:///{places.home().absolute() / 'attain.db'}"


def open_store(uri: str | None = None) -> Store:
    """Open a store; a new one is made, an older one is brought up to date, what killed processes left is taken in.

    Files (artifacts, journals) lie beside a SQLite file, else in attain's home.

    Args:
        uri: a database address such as `sqlite:///.attain/attain.db`; `default_uri()` if not given.

    Raises:
        Invalid: the address cannot be used.
        Unavailable: the store is locked, damaged, or made by a newer attain.
    """
    engine = open_engine(uri or default_uri())
    upgrade(engine)
    file = Path(engine.url.database) if engine.dialect.name == "sqlite" and engine.url.database else None
    name = file.name if file else engine.url.render_as_string(hide_password=True)
    store = Store(engine, name, file.parent if file else places.home().absolute())
    try:
        recover(store)
    except Unavailable as error:  # it can still be read; the journals wait for the next time
        _log.warning("Metrics that a killed process left cannot be taken in now. %s", error)
    return store
