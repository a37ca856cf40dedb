"""A running server: a real uvicorn in a thread, on loopback, over an empty store."""

import json
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import uvicorn

from attain.server.app import create_app
from attain.server.settings import Settings
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

Json = dict[str, Any]


class Running:
    """A server that runs now.

    Attributes:
        url: its address, such as `http://127.0.0.1:40123`.
        store: what it serves; the test may look into it.
    """

    def __init__(self, store: Store, settings: Settings, access: Any = None) -> None:
        self.store = store
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        config = uvicorn.Config(create_app(settings, store, access), log_level="warning", ws="none", lifespan="on")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            self._thread.join(0.002)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()

    def ask(
        self, method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None
    ) -> tuple[int, Json]:
        """The status and JSON of one request; `path` is below `/api/2.0/mlflow/` unless it begins with a slash."""
        status, content = self.raw(method, path, body, headers=headers)
        return status, json.loads(content)

    def raw(
        self, method: str, path: str, body: object = None, *, headers: dict[str, str] | None = None
    ) -> tuple[int, bytes]:
        """The status and bytes of one request; a body that is not bytes is sent as JSON, or in the query of a GET."""
        path = path if path.startswith("/") else f"/api/2.0/mlflow/{path}"
        if method == "GET" and isinstance(body, dict):
            path, body = f"{path}?{urlencode(body, doseq=True)}", None
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=30)
        try:
            connection.request(method, path, content, {"Content-Type": "application/json"} | (headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path: str, **query: Any) -> Json:
        """The JSON of a GET that must succeed."""
        return self._fine("GET", path, query)

    def post(self, path: str, **body: Any) -> Json:
        """The JSON of a POST that must succeed."""
        return self._fine("POST", path, body)

    def refused(self, path: str, *, method: str = "POST", **body: Any) -> tuple[int, str, str]:
        """The status, error code and message of a request that must fail."""
        status, reply = self.ask(method, path, body)
        assert status >= 400, reply
        return status, reply["error_code"], reply["message"]

    def run(self, **fields: Any) -> str:
        """The id of a run that is made now."""
        made: str = self.post("runs/create", **fields)["run"]["info"]["run_id"]
        return made

    def _fine(self, method: str, path: str, fields: Json) -> Json:
        status, reply = self.ask(method, path, fields)
        assert status == 200, (status, reply)
        return reply


@pytest.fixture(scope="session")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new store's file; copying it is faster than making the tables each time."""
    path = tmp_path_factory.mktemp("fresh") / "attain.db"
    open_database(f"sqlite:///{path}").close()
    return path


@pytest.fixture
def store(tmp_path: Path, fresh: Path) -> Iterator[Store]:
    """An empty store."""
    shutil.copy(fresh, tmp_path / "attain.db")
    store = open_database(f"sqlite:///{tmp_path / 'attain.db'}")
    yield store
    store.close()


@pytest.fixture
def serve(store: Store) -> Iterator[Callable[..., Running]]:
    """Starts a server over the empty store, with settings and access control as given."""
    with ExitStack() as stack:

        def start(settings: Settings | None = None, access: Any = None) -> Running:  # any kind of access control
            running = Running(store, settings or Settings(), access)
            stack.callback(running.close)
            return running

        yield start


@pytest.fixture
def server(serve: Callable[..., Running]) -> Running:
    """A running server without access control."""
    return serve()
