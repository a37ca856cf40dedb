"""Opening the store that an address names."""

import os
from pathlib import Path

from sqlalchemy import make_url

from attain.core import places
from attain.tracking.sql.engine import open_engine
from attain.tracking.sql.migrate import upgrade
from attain.tracking.sql.store import Store

__all__ = ["Store", "default_uri", "open_store"]


def default_uri() -> str:
    """The address of the store: `ATTAIN_TRACKING_URI`, else the SQLite file `attain.db` in attain's home."""
    return os.environ.get("ATTAIN_TRACKING_URI", "") or f"sqlite:///{places.home().absolute() / 'attain.db'}"


def open_store(uri: str | None = None) -> Store:
    """Open a store; a new one is made, an older one is brought up to date.

    Args:
        uri: a database address such as `sqlite:///.attain/attain.db`; `default_uri()` if not given.

    Raises:
        Invalid: the address cannot be used.
        Unavailable: the store is locked, damaged, or made by a newer attain.
    """
    uri = uri or default_uri()
    engine = open_engine(uri)
    upgrade(engine)
    return Store(engine, uri, _folder(uri))


def _folder(uri: str) -> Path:
    """Files lie beside a SQLite file, else in attain's home."""
    url = make_url(uri)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).absolute().parent
    return places.home().absolute()
