"""Runs that are sent to a server as they go on: one that answers, one that is away for a while, one that hangs."""

import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

import attain
from attain.server.app import create_app
from attain.server.settings import Settings
from attain.tracking import follow
from attain.tracking.artifacts import read_bytes
from attain.tracking.entities import Run
from attain.tracking.mlflow_sources.server import ServerSource
from attain.tracking.sink import RUN_TAG
from attain.tracking.sql.store import Store


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A store of this test alone is the one that runs are logged to."""
    monkeypatch.setattr(follow, "PAUSE_S", 0.02)
    attain.set_tracking_uri(f"sqlite:///{tmp_path / 'here' / 'attain.db'}")
    yield
    attain.set_tracking_uri(None)


@pytest.fixture
def port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
        return number


@contextmanager
def serving(database: Store, port: int) -> Iterator[None]:
    """A server on a port, for as long as this lasts."""
    server = uvicorn.Server(uvicorn.Config(create_app(Settings(), database), log_level="error", lifespan="on"))
    with socket.create_server(("127.0.0.1", port)) as listening:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield
        finally:
            server.should_exit = True
            thread.join()


def eventually(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until, "it did not become true"
        time.sleep(0.01)


def there(database: Store, run_id: str) -> Run | None:
    experiments = [one.experiment_id for one in database.list_experiments().items]
    return next(iter(database.search_runs(experiments, f"tags.`{RUN_TAG}` = '{run_id}'").items), None)


def sent(database: Store, run_id: str) -> Run:
    found = there(database, run_id)
    assert found is not None
    return found


def steps(database: Store, run_id: str) -> list[int]:
    return sorted(point.step for point in database.metric_history(sent(database, run_id).run_id, "loss").items)


def log(steps: range) -> None:
    for step in steps:
        attain.log_metric("loss", 1 / (step + 1), step=step)


def test_what_a_run_logs_is_on_the_server_while_it_goes_on(
    uri: str, database: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(follow.SINK, uri)
    with attain.start_run(run_name="outer") as run:
        log(range(5))
        attain.log_param("lr", 0.1)
        attain.log_text("half way", "notes.txt")
        eventually(lambda: (found := there(database, run.run_id)) is not None and found.metrics.get("loss") == 0.2)
        eventually(lambda: "lr" in sent(database, run.run_id).params)
        eventually(lambda: bool(database.artifacts_under(sent(database, run.run_id).run_id, "notes.txt")))
        assert sent(database, run.run_id).status == "RUNNING"
        with attain.start_run(nested=True) as inner:
            attain.set_tag("at", "the end")
        log(range(5, 9))
    attain.set_tracking_uri(None)
    found = sent(database, run.run_id)
    assert (found.name, found.status, steps(database, run.run_id)) == ("outer", "FINISHED", list(range(9)))
    assert read_bytes(database, found.run_id, "notes.txt") == b"half way"
    child = sent(database, inner.run_id)
    assert (child.parent_run_id, child.status, child.tags["at"]) == (found.run_id, "FINISHED", "the end")


def test_an_outage_in_the_middle_costs_no_point_and_makes_nobody_wait(
    port: int, database: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(follow.SINK, f"http://127.0.0.1:{port}")
    with caplog.at_level(logging.WARNING), attain.start_run() as run:
        log(range(3))
        eventually(lambda: "cannot be reached" in caplog.text)
        with serving(database, port):
            eventually(lambda: there(database, run.run_id) is not None and len(steps(database, run.run_id)) == 3)
        log(range(3, 6))
        assert caplog.text.count("cannot be reached") == 1
        with serving(database, port):
            eventually(lambda: len(steps(database, run.run_id)) == 6)
            attain.end_run()
            attain.set_tracking_uri(None)
    assert (sent(database, run.run_id).status, steps(database, run.run_id)) == ("FINISHED", list(range(6)))


def test_a_server_that_is_away_to_the_end_is_named_with_what_sends_the_rest(
    port: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(follow.SINK, f"http://127.0.0.1:{port}")
    with caplog.at_level(logging.WARNING):
        with attain.start_run() as run:
            log(range(3))
        attain.set_tracking_uri(None)
    assert f"`attain export mlflow http://127.0.0.1:{port} {run.run_id}` sends the rest" in caplog.text


def test_a_server_that_hangs_holds_nobody_up(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(follow, "CLOSE_S", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as silent, caplog.at_level(logging.WARNING):
        monkeypatch.setenv(follow.SINK, f"http://127.0.0.1:{silent.getsockname()[1]}")
        with attain.start_run():
            log(range(3))
            begun = time.monotonic()
        assert time.monotonic() - begun < 5  # its time-out is 120 s
        attain.set_tracking_uri(None)
        assert "are not wholly on" in caplog.text


@pytest.mark.slow
def test_mlflows_own_server_is_sent_to_as_well(
    mlflow_server: Callable[[Path], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = mlflow_server(tmp_path)
    monkeypatch.setenv(follow.SINK, address)
    source = ServerSource(address)
    with attain.start_run(run_name="outer") as run:
        log(range(5))
        attain.log_text("half way", "notes.txt")
        eventually(lambda: any(found.metrics.get("loss") == 0.2 for found in source.runs("0")))
        log(range(5, 9))
    attain.set_tracking_uri(None)
    (found,) = source.runs("0")
    assert (found.name, found.status, found.tags[RUN_TAG]) == ("outer", "FINISHED", run.run_id)
    assert sorted(point.step for point in source.points(found) if point.key == "loss") == list(range(9))
    with source.open(found, "notes.txt") as file:
        assert file.read() == b"half way"


def test_points_that_are_too_many_to_wait_in_memory_are_sent_at_the_end(
    uri: str, database: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(follow, "MOST_POINTS", 10)
    monkeypatch.setattr(follow, "PAUSE_S", 60.0)  # nothing is sent before the end
    monkeypatch.setenv(follow.SINK, uri)
    with attain.start_run() as run:
        log(range(25))
    attain.set_tracking_uri(None)
    assert steps(database, run.run_id) == list(range(25))


def test_of_a_run_that_is_taken_up_again_the_earlier_points_come_too(
    uri: str, database: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with attain.start_run() as run:
        log(range(3))
    where = attain.get_tracking_uri()
    attain.set_tracking_uri(None)
    monkeypatch.setenv(follow.SINK, uri)
    attain.set_tracking_uri(where)
    with attain.start_run(run_id=run.run_id):
        log(range(3, 5))
    attain.set_tracking_uri(None)
    assert steps(database, run.run_id) == list(range(5))


def test_an_address_of_no_server_is_a_warning(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(follow.SINK, "somewhere")
    with caplog.at_level(logging.WARNING), attain.start_run():
        log(range(1))
    assert "Runs are not sent on. ATTAIN_SINK: The address 'somewhere' is not one of a server" in caplog.text
