"""Every test here sees its store through a server: `uri` is the server's address, `database` what lies behind it."""

import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from attain.server.app import create_app
from attain.server.settings import Settings
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database


@pytest.fixture
def database(tmp_path: Path, fresh: Path) -> Iterator[Store]:
    """The store behind the server."""
    (tmp_path / "behind").mkdir()
    shutil.copy(fresh, tmp_path / "behind" / "attain.db")
    store = open_database(f"sqlite:///{tmp_path / 'behind' / 'attain.db'}")
    yield store
    store.close()


@pytest.fixture
def uri(database: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a server in a thread of this process; journals for it lie in the test's own folder."""
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "home"))
    app = create_app(Settings(), database)
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="on"))
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))  # named TCP: asyncio sends small answers at once only then
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()
