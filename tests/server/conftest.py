"""A running server: a real uvicorn in a thread, on loopback, over an empty store, or one that a module shares."""

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
import uvicorn

from attain.server.app import create_app
from attain.server.serve import listen
from attain.server.settings import Settings
from attain.testing.stores import BACKENDS, NewStore
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
        self._socket = listen("127.0.0.1", 0)
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
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=120)
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


@pytest.fixture
def store(uri: str) -> Iterator[Store]:
    """An empty store."""
    store = open_database(uri)
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


@pytest.fixture(scope="module", params=BACKENDS)
def shared(request: pytest.FixtureRequest, new_store: NewStore) -> Iterator[Running]:
    """A server that the tests of a module share, each in experiments and models of its own; once a database."""
    store = open_database(new_store(request.param))
    running = Running(store, Settings())
    yield running
    running.close()
    store.close()


@pytest.fixture
def experiment(shared: Running) -> str:
    """The id of an experiment of this test alone."""
    made: str = shared.post("experiments/create", name=uuid.uuid4().hex)["experiment_id"]
    return made


@pytest.fixture
def run_id(shared: Running, experiment: str) -> str:
    """The id of a run of this test alone."""
    return shared.run(experiment_id=experiment, run_name="first")
