"""The server as a process: it starts, answers, ends in order, and loses nothing when it is killed."""

import asyncio
import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from starlette.types import Receive, Scope, Send

from attain.server.serve import _config, address, listen
from attain.server.settings import Settings
from attain.tracking.errors import Unavailable
from attain.tracking.store import open_database

COMMAND = "import typer; from attain.cli.server import server; typer.run(server)"


class Process:
    """`attain server` in a process of its own."""

    def __init__(self, store: Path, *options: str) -> None:
        arguments = [sys.executable, "-c", COMMAND, "--port", "0", "--store", f"sqlite:///{store}", *options]
        environment = os.environ | {"ATTAIN_HOME": str(store.parent)}
        self.child = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=environment)
        assert self.child.stderr
        self._connections: list[http.client.HTTPConnection] = []
        self.said = [self.child.stderr.readline() for _ in range(3)]
        self.url = self.said[1].split("=")[1].split()[0]
        self.rest = threading.Thread(target=lambda: self.said.append(self.child.stderr.read()))  # type: ignore[union-attr]  # as above
        self.rest.start()

    def client(self) -> Callable[..., dict[str, Any]]:
        """Asks over one connection that is kept."""
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=120)
        self._connections.append(connection)

        def post(path: str, **body: object) -> dict[str, Any]:
            connection.request(
                "POST", f"/api/2.0/mlflow/{path}", json.dumps(body), {"Content-Type": "application/json"}
            )
            answer = connection.getresponse()
            content: dict[str, Any] = json.loads(answer.read())
            assert answer.status == 200, content
            return content

        return post

    def end(self, sign: int) -> int:
        self.child.send_signal(sign)
        status = self.child.wait(timeout=120)
        self.rest.join()
        for connection in self._connections:
            connection.close()
        assert self.child.stderr
        self.child.stderr.close()
        return status


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    running: list[Process] = []

    def begin(*options: str) -> Process:
        running.append(Process(tmp_path / "attain.db", *options))
        return running[-1]

    yield begin
    for process in running:
        if process.child.poll() is None:
            process.end(signal.SIGKILL)


def test_it_says_what_to_type_answers_and_ends_in_order(start: Callable[..., Process], tmp_path: Path) -> None:
    server = start()
    assert f"export MLFLOW_TRACKING_URI={server.url}" in server.said[1]
    assert f"export ATTAIN_TRACKING_URI={server.url}" in server.said[2]
    post = server.client()
    run_id = post("runs/create")["run"]["info"]["run_id"]
    post("runs/log-metric", run_id=run_id, key="auc", value=0.7, timestamp=1)
    assert server.end(signal.SIGTERM) in (0, -signal.SIGTERM)
    assert open_database(f"sqlite:///{tmp_path / 'attain.db'}").get_run(run_id).metrics == {"auc": 0.7}


@pytest.mark.slow
def test_several_workers_answer_without_waiting_for_acknowledgements(start: Callable[..., Process]) -> None:
    server = start("--workers", "2")
    clients = [server.client() for _ in range(6)]
    run_id = clients[0]("runs/create")["run"]["info"]["run_id"]
    times = []
    for step in range(60):
        began = time.monotonic()
        clients[step % 6]("runs/log-metric", run_id=run_id, key="auc", value=0.7, timestamp=1, step=step)
        times.append(time.monotonic() - began)
    assert sorted(times)[30] < 0.035  # a delayed acknowledgement takes 0.04
    found = clients[0]("runs/search", experiment_ids=["0"])["runs"][0]["data"]["metrics"]
    assert found == [{"key": "auc", "value": 0.7, "timestamp": 1, "step": 59}]
    server.end(signal.SIGTERM)


@pytest.mark.slow
def test_every_acknowledged_point_is_there_once_after_a_kill(start: Callable[..., Process], tmp_path: Path) -> None:
    acknowledged: dict[str, list[int]] = {}

    def write(post: Callable[..., dict[str, Any]], run_id: str) -> None:
        with contextlib.suppress(OSError, http.client.HTTPException):
            for step in range(10_000):
                points = [{"key": key, "value": step, "timestamp": 1, "step": step} for key in "abc"]
                post("runs/log-batch", run_id=run_id, metrics=points)
                acknowledged[run_id].append(step)

    for _ in range(3):
        server = start()
        clients = [server.client() for _ in range(4)]
        runs = [client("runs/create")["run"]["info"]["run_id"] for client in clients]
        acknowledged |= {run_id: [] for run_id in runs}
        threads = [threading.Thread(target=write, args=pair) for pair in zip(clients, runs, strict=True)]
        for thread in threads:
            thread.start()
        while sum(len(acknowledged[run_id]) for run_id in runs) < 200:
            time.sleep(0.005)
        server.end(signal.SIGKILL)
        for thread in threads:
            thread.join()
    store = open_database(f"sqlite:///{tmp_path / 'attain.db'}")
    for run_id, steps in acknowledged.items():
        kept = {key: [point.step for point in store.metric_history(run_id, key).items] for key in "abc"}
        assert kept["a"] == kept["b"] == kept["c"]  # no batch is there by half
        assert kept["a"][: len(steps)] == steps
        assert len(kept["a"]) <= len(steps) + 1


def test_it_starts_without_loading_what_it_does_not_need() -> None:
    heavy = {"alembic", "argon2", "authlib", "fastapi", "jinja2", "matplotlib", "numpy", "pandas", "sqlalchemy.orm"}
    script = f"import sys, attain.cli.server, attain.server.serve; print(sorted({heavy!r} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_an_address_that_is_taken_is_said_to_be() -> None:
    with listen("127.0.0.1", 0) as taken, pytest.raises(Unavailable, match="Address already in use"):
        listen("127.0.0.1", taken.getsockname()[1])


@pytest.mark.parametrize(
    ("proxies", "sender", "seen"),
    [
        (("127.0.0.1", "::1"), "127.0.0.1", "203.0.113.7"),
        (("127.0.0.1", "::1"), "10.1.2.3", "10.1.2.3"),
        (("10.0.0.0/8",), "10.1.2.3", "203.0.113.7"),
        ((), "127.0.0.1", "127.0.0.1"),
    ],
)
def test_only_known_proxies_are_believed_when_they_say_whom_they_ask_for(
    proxies: tuple[str, ...], sender: str, seen: str
) -> None:
    met = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        met.append(scope["client"][0])

    config = _config(app, Settings(proxies=proxies))
    config.load()
    scope = {"type": "http", "client": (sender, 1), "headers": [(b"x-forwarded-for", b"203.0.113.7")]}
    nothing: Any = None  # the app neither reads nor answers
    asyncio.run(config.loaded_app(scope, nothing, nothing))
    assert met == [seen]


def test_connections_send_at_once() -> None:
    with listen("127.0.0.1", 0) as listening, socket.create_connection(listening.getsockname()):
        connection, _ = listening.accept()
        with connection:
            assert connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
    assert address("::1", 80) == "http://[::1]:80"
