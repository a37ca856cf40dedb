"""A server that is killed, and a client that is killed: no point and no end of a run is lost, none is there twice."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from attain.tracking import http_client
from attain.tracking.entities import MetricPoint
from attain.tracking.errors import Unavailable
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store
from attain.tracking.writer import Writer

SERVER = """
import sys
from attain.server.serve import serve
from attain.server.settings import Settings
serve(Settings(port=int(sys.argv[1]), store=sys.argv[2]), ready=lambda address: print(address, flush=True))
"""

CLIENT = """
import sys, time
import attain
attain.set_tracking_uri(sys.argv[1])
longest = 0.0
with attain.start_run() as run:
    print(run.run_id, flush=True)
    for step in range(int(sys.argv[2])):
        begun = time.perf_counter()
        attain.log_metric("loss", 1 / (step + 1), step=step, timestamp=step)
        longest = max(longest, time.perf_counter() - begun)
        print(step, flush=True)
        time.sleep(0.001)
print(longest, flush=True)
"""

Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
        return number


@pytest.fixture
def uri(port: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "home"))
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def start(port: int, database: Store) -> Iterator[Start]:
    """Starts the server in a process of its own; it can be killed and started again."""
    with ExitStack() as stack:

        def begin() -> "subprocess.Popen[str]":
            address = f"sqlite:///{database.folder / database.name}"
            command = [sys.executable, "-c", SERVER, str(port), address]
            process = stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline()
            return process

        yield begin


def client(uri: str, points: int) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", CLIENT, uri, str(points)], stdout=subprocess.PIPE, text=True)


def steps(database: Store, run_id: str) -> list[int]:
    return [point.step for point in database.metric_history(run_id, "loss", 50_000).items]


@pytest.mark.slow
def test_a_server_killed_three_times_in_a_training_loop_costs_no_point(start: Start, uri: str, database: Store) -> None:
    server = start()
    with client(uri, 3_000) as process:
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        for _ in range(3):
            for _ in range(700):
                process.stdout.readline()
            server.kill()
            for _ in range(200):
                process.stdout.readline()
            server = start()
        longest = float(process.stdout.read().split()[-1])
    assert process.returncode == 0
    assert longest < 2.0  # a busy machine; what it must not do is wait for the server
    open_store(uri).close()  # takes in what the client could not send at its very end
    assert steps(database, run_id) == list(range(3_000))
    assert database.get_run(run_id).status == "FINISHED"


@pytest.mark.slow
def test_a_run_that_ends_while_the_server_is_away_is_ended_by_the_next_start(
    start: Start, uri: str, database: Store
) -> None:
    server = start()
    with client(uri, 300) as process:
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        for _ in range(100):
            process.stdout.readline()
        server.kill()
        process.stdout.read()
    assert process.returncode == 0
    assert database.get_run(run_id).status == "RUNNING"
    start()
    open_store(uri).close()
    found = database.get_run(run_id)
    assert (found.status, steps(database, run_id)) == ("FINISHED", list(range(300)))
    assert found.end_time is not None


@pytest.mark.slow
def test_a_client_killed_while_the_server_is_away_loses_nothing(start: Start, uri: str, database: Store) -> None:
    server = start()
    with client(uri, 100_000) as process:
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        for _ in range(200):
            process.stdout.readline()
        server.kill()
        for _ in range(200):
            process.stdout.readline()
        process.kill()
        told = 400 + process.stdout.read().count("\n")
    start()
    open_store(uri).close()
    found = steps(database, run_id)
    assert len(found) >= told
    assert found == list(range(len(found)))
    assert database.get_run(run_id).shown_status == "interrupted"


def test_what_needs_the_server_waits_a_while_and_then_says_so(uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "PATIENCE_S", 0.3)
    store = open_store(uri)
    begun = time.monotonic()
    with pytest.raises(Unavailable, match=rf"The server {uri} cannot be reached \(Connection refused\)\.") as error:
        store.create_run("0")
    assert 0.1 < time.monotonic() - begun < 2
    assert error.value.passing


def test_metrics_and_ends_do_not_wait_for_a_server_that_is_away(uri: str) -> None:
    store = open_store(uri)
    begun = time.monotonic()
    with Writer(store) as writer:
        writer.log("0" * 32, [MetricPoint("loss", 1.0, 0)])
        writer.end("0" * 32, "FINISHED")
    assert time.monotonic() - begun < 2
    (journal,) = (store.folder / "journal").glob("*.jsonl")
    assert journal.read_text().count("\n") == 3  # what it is, the point, the end
