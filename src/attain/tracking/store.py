"""Opening the store that an address names."""

import os
from pathlib import Path

from attain.core import places
from attain.core.errors import UserError
from attain.tracking.blobs import Blobs
from attain.tracking.blobs_local import LocalBlobs
from attain.tracking.blobs_remote import RemoteBlobs
from attain.tracking.recovery import recover_if_possible
from attain.tracking.remote import open_remote
from attain.tracking.sql.engine import open_engine
from attain.tracking.sql.migrate import upgrade
from attain.tracking.sql.postgresql import place
from attain.tracking.sql.store import Store as SqlStore
from attain.tracking.store_protocol import Store

__all__ = ["Store", "default_uri", "open_database", "open_store"]


def default_uri() -> str:
    """The address of the store: `ATTAIN_TRACKING_URI`, else the SQLite file `attain.db` in attain's home."""
    return os.environ.get("ATTAIN_TRACKING_URI", "") or f"sqlite:///{places.home().absolute() / 'attain.db'}"


def open_store(uri: str | None = None, artifacts: str | None = None) -> Store:
    """Open a store; what killed processes left is taken in.

    Args:
        uri: of a server, such as `http://127.0.0.1:5000`, or of a database (see `open_database`); `default_uri()` if
            not given.
        artifacts: see `open_database`; a server knows by itself where it keeps them.

    Raises:
        Invalid: the address cannot be used.
        Unavailable: the store is a database that is locked, damaged, or made by a newer attain. A server that is away
            is no error yet.
    """
    uri = uri or default_uri()
    return open_remote(uri) if uri.startswith(("http://", "https://")) else open_database(uri, artifacts)


def open_database(uri: str | None = None, artifacts: str | None = None) -> SqlStore:
    """Open a database; a new one is made, an older one is brought up to date, what killed processes left is taken in.

    Journals, and artifacts where nothing else is said, lie beside a SQLite file, else in attain's home.

    Args:
        uri: a database address such as `sqlite:///.attain/attain.db`; `default_uri()` if not given.
        artifacts: where the contents of artifacts lie: a folder, or `s3://bucket/prefix` and the like;
            `ATTAIN_ARTIFACTS` if not given.

    Raises:
        Invalid: the address cannot be used.
        Unavailable: the store is locked, damaged, or made by a newer attain.
    """
    engine = open_engine(uri or default_uri())
    try:
        upgrade(engine)
    except UserError:
        engine.dispose()
        raise
    file = Path(engine.url.database) if engine.dialect.name == "sqlite" and engine.url.database else None
    name = file.name if file else place(engine.url)
    folder = file.parent if file else places.home().absolute()
    blobs = _blobs(artifacts or os.environ.get("ATTAIN_ARTIFACTS", ""), folder, name)
    store = SqlStore(engine, name, folder, blobs)
    recover_if_possible(store)
    return store


def _blobs(address: str, folder: Path, store: str) -> Blobs:
    """The place for artifacts that an address names; the default is in the store's folder."""
    kind, separator, path = address.partition("://")
    if separator and kind != "file":
        return RemoteBlobs(address, folder / "artifacts" / "incoming", store)
    place = Path(path if separator else address).expanduser().absolute() if address else folder / "artifacts"
    return LocalBlobs(place / "blobs", store)
