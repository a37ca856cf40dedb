"""Saved tracers, an app of them in a thread, and `attain serve` as a process."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import numpy as np
import pytest
import uvicorn

from attain.data import catalogue
from attain.models.knowledge_tracing.bkt import BKT
from attain.serve.app import create_app
from attain.serve.learners import Learners
from attain.serve.live import Live
from attain.server.serve import listen
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer
from attain.testing.small import small_log
from attain.testing.stores import BACKENDS, NewStore

Json = dict[str, Any]
KEY = b"the key of these tests"
COMMAND = "import typer; from attain.cli.serve import serve_model; typer.run(serve_model)"


def save(model: KnowledgeTracer, folder: Path, seed: int = 0, *, items: bool = True) -> Path:
    """A tracer, fitted to a small log and saved as a suite does."""
    log = small_log(seed)
    model.fit(log, FitContext(rng=np.random.default_rng(0)))
    folder.mkdir(parents=True)
    model.save(folder)
    if items:
        catalogue.write(catalogue.of_log(log), folder)
    return folder


class Client:
    """Asks a server in JSON."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, Any]:
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = HTTPConnection(urlsplit(self.url).netloc, timeout=120)
        try:
            connection.request(method, path, content, {"Content-Type": "application/json"} | (headers or {}))
            answer = connection.getresponse()
            text = answer.read()
            is_json = "json" in (answer.getheader("content-type") or "")
            return answer.status, json.loads(text) if is_json else text.decode()
        finally:
            connection.close()

    def get(self, path: str) -> Json:
        """The JSON of a GET that must succeed."""
        status, reply = self.ask("GET", path)
        assert status == 200, reply
        found: Json = reply
        return found

    def answer(self, learner: str, item: str, correct: int, **more: object) -> Json:
        """The reply to an answer that must be taken."""
        status, reply = self.ask("POST", f"/learners/{learner}/interactions", {"item": item, "correct": correct} | more)
        assert status == 200, reply
        found: Json = reply
        return found

    def refused(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """The status and sentence of a request that must fail."""
        status, reply = self.ask(method, path, body)
        assert status >= 400, reply
        return status, reply.get("message") or reply["error"]


class Running(Client):
    """The app in a thread."""

    def __init__(self, live: Live, learners: Learners, **options: Any) -> None:
        self.live, self.learners = live, learners
        self._socket = listen("127.0.0.1", 0)
        super().__init__(f"http://127.0.0.1:{self._socket.getsockname()[1]}")
        app = create_app(live, learners, **{"most_body": 1 << 20} | options)
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="warning", ws="none", lifespan="on"))
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()
        while not self._server.started:
            assert self._thread.is_alive(), "the server did not start"
            self._thread.join(0.002)

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


class Process(Client):
    """`attain serve` in a process of its own."""

    def __init__(self, model: str, home: Path, *options: str, **environment: str) -> None:
        arguments = [sys.executable, "-c", COMMAND, model, "--port", "0", *options]
        variables = {"ATTAIN_HOME": str(home), "TERM": "dumb"} | environment
        self.child = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=os.environ | variables)
        assert self.child.stderr
        first = self.child.stderr.readline()
        if "attain serves at" not in first:
            raise AssertionError(first + self.child.stderr.read())
        super().__init__(first.split(" at ")[1].split()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def kill(self) -> None:
        self.child.kill()
        self.child.communicate()

    def end(self) -> str:
        """What it said, once it is told to stop."""
        self.child.terminate()
        _, said = self.child.communicate(timeout=120)
        return said


@pytest.fixture(scope="session")
def bkt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a saved `bkt`."""
    return save(BKT.create(), tmp_path_factory.mktemp("saved") / "bkt")


@pytest.fixture(scope="session")
def other_bkt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with another `bkt`, fitted to other learners."""
    return save(BKT.create(guess_by="item"), tmp_path_factory.mktemp("saved") / "bkt", seed=5)


@pytest.fixture(params=BACKENDS)
def state(request: pytest.FixtureRequest, new_database: NewStore) -> str:
    """The address of an empty database, on SQLite and on PostgreSQL."""
    return new_database(request.param)


@pytest.fixture
def start(state: str) -> Iterator[Callable[..., Running]]:
    """Starts the app for a model, over an empty database of learners."""
    with ExitStack() as stack:

        def begin(model: Path, **options: Any) -> Running:
            running = Running(Live(None, str(model)), Learners(state, KEY), **options)
            stack.callback(running.close)
            return running

        yield begin


@pytest.fixture
def server(start: Callable[..., Running], bkt: Path) -> Running:
    """A running server of a `bkt`."""
    return start(bkt)
