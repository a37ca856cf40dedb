import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from attain.tracking import writer as module
from attain.tracking.entities import MetricPoint, Run
from attain.tracking.errors import Invalid, Unavailable
from attain.tracking.recovery import recover
from attain.tracking.sql import sqlite
from attain.tracking.sql.engine import writing
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store
from attain.tracking.writer import Writer


def points(count: int, start: int = 0) -> list[MetricPoint]:
    return [MetricPoint("loss", 1 / (step + 1), step, step) for step in range(start, start + count)]


def stored(store: Store, run: Run) -> list[MetricPoint]:
    return store.metric_history(run.run_id, "loss", 50_000).items


def journals(store: Store) -> list[Path]:
    return list((store.folder / "journal").glob("*"))


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_points_arrive_by_themselves(store: Store, run: Run) -> None:
    with Writer(store) as writer:
        writer.log(run.run_id, points(10))
        until(lambda: stored(store, run) == points(10))
    assert journals(store) == []


def test_closing_writes_what_is_left_and_removes_the_journal(store: Store, run: Run) -> None:
    with Writer(store) as writer:
        writer.log(run.run_id, points(2_500))
        (journal,) = journals(store)
        assert journal.suffix == ".jsonl"
    assert stored(store, run) == points(2_500)
    assert journals(store) == []


def test_a_closed_writer_can_be_used_again(store: Store, run: Run) -> None:
    writer = Writer(store)
    for start in (0, 10):
        writer.log(run.run_id, points(10, start))
        writer.close()
    writer.close()
    assert stored(store, run) == points(20)


def test_flush_waits_until_the_store_has_everything(store: Store, run: Run) -> None:
    with Writer(store) as writer:
        writer.log(run.run_id, points(10))
        writer.flush()
        assert stored(store, run) == points(10)


def test_a_wrong_point_is_refused_at_once_with_all_beside_it(store: Store, run: Run) -> None:
    with Writer(store) as writer, pytest.raises(Invalid, match="timestamp"):
        writer.log(run.run_id, [*points(1), MetricPoint("loss", 1, -1)])
    assert stored(store, run) == []


def test_threads_lose_nothing(store: Store, run: Run) -> None:
    def log_each(writer: Writer, start: int) -> None:
        for step in range(start, start + 500):
            writer.log(run.run_id, points(1, step))

    with Writer(store) as writer:
        threads = [threading.Thread(target=log_each, args=(writer, 500 * n)) for n in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert stored(store, run) == points(2_000)


@pytest.mark.parametrize("uri", ["sqlite"], indirect=True)  # a transaction elsewhere locks a file as a whole
def test_while_the_store_is_locked_the_writer_holds_on(
    store: Store, uri: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_S", 0.01)
    monkeypatch.setattr(module, "RETRY_S", 0.01)
    other = open_store(uri)
    with Writer(other) as writer:
        with writing(store._engine):
            writer.log(run.run_id, points(10))
            with pytest.raises(Unavailable, match="is locked"):
                writer.flush()
        until(lambda: stored(store, run) == points(10))
    other.close()


@pytest.mark.parametrize("uri", ["sqlite"], indirect=True)  # a transaction elsewhere locks a file as a whole
def test_what_could_not_be_written_at_the_end_is_taken_in_later(
    store: Store, uri: str, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "BUSY_S", 0.01)
    other = open_store(uri)
    with writing(store._engine):
        writer = Writer(other)
        writer.log(run.run_id, points(10))
        writer.close()
    assert len(journals(store)) == 1
    assert stored(store, run) == []
    assert recover(store) == 10
    assert recover(store) == 0
    assert stored(store, run) == points(10)
    assert journals(store) == []
    other.close()


def test_a_long_journal_is_cut_down(store: Store, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_JOURNAL", 1_000)
    with Writer(store) as writer:
        for start in range(0, 3_000, 100):
            writer.log(run.run_id, points(100, start))
            assert journals(store)[0].stat().st_size < 3_000
    assert stored(store, run) == points(3_000)


def test_attended_runs_give_signs_of_life(store: Store, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BEAT_S", 0.01)
    other = store.create_run("0", attended=False)
    with Writer(store) as writer:
        writer.attend(other.run_id)
        first = store.get_run(other.run_id)
        assert first.heartbeat is not None
        until(lambda: (store.get_run(other.run_id).heartbeat or 0) > (first.heartbeat or 0))
        writer.leave(other.run_id)
    assert store.get_run(run.run_id).heartbeat == run.heartbeat


KILLED = """
import sys
from attain.tracking.entities import MetricPoint
from attain.tracking.store import open_store
from attain.tracking.writer import Writer
store = open_store(sys.argv[1])
run = store.create_run("0").run_id
print(run, flush=True)
writer = Writer(store)
writer.attend(run)
step = 0
while True:
    writer.log(run, [MetricPoint("loss", 1 / (step + 1), step, step)])
    print(step, flush=True)
    step += 1
"""


@pytest.mark.parametrize("after", [1, 700, 5_000])
def test_kill_9_loses_nothing_that_was_logged(store: Store, uri: str, after: int) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, uri], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        run_id = process.stdout.readline().strip()
        for _ in range(after):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        told = after + process.stdout.read().count("\n")
    again = open_store(uri)
    found = again.metric_history(run_id, "loss", 50_000).items
    assert len(found) >= told  # one more may be on disk, and the process was killed before it could tell
    assert found == points(len(found))
    assert again.get_run(run_id).shown_status == "interrupted"
    assert journals(again) == []
    again.close()


def test_a_journal_half_taken_in_is_taken_in_once(store: Store, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    writer = Writer(store)
    writer.log(run.run_id, points(20))
    assert writer._journal is not None
    kept = writer._journal.path.read_bytes()
    writer.close()
    (store.folder / "journal" / "old.jsonl").write_bytes(kept)  # as if killed between the store and the journal
    assert recover(store) == 20
    assert stored(store, run) == points(20)


def test_a_forked_child_logs_to_its_parents_run_without_losing_points(store: Store, uri: str) -> None:
    script = """
import os, sys
from attain.tracking.entities import MetricPoint
from attain.tracking.store import open_store
from attain.tracking.writer import Writer
store = open_store(sys.argv[1])
run = store.create_run("0").run_id
writer = Writer(store)
for step in range(100):
    writer.log(run, [MetricPoint("parent", step, step, step)])
child = os.fork()
name = "child" if child == 0 else "parent"
for step in range(100, 200):
    writer.log(run, [MetricPoint(name, step, step, step)])
writer.close()
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print(run)
"""
    done = subprocess.run([sys.executable, "-c", script, uri], capture_output=True, text=True, check=True)
    history = {key: store.metric_history(done.stdout.strip(), key).items for key in ("parent", "child")}
    assert [point.step for point in history["parent"]] == list(range(200))
    assert [point.step for point in history["child"]] == list(range(100, 200))


def test_nan_arrives_as_nan(store: Store, run: Run) -> None:
    with Writer(store) as writer:
        writer.log(run.run_id, [MetricPoint("loss", math.nan, 0), MetricPoint("gain", -math.inf, 0)])
    found = store.get_run(run.run_id).metrics
    assert math.isnan(found["loss"])
    assert found["gain"] == -1.7976931348623157e308
    assert os.listdir(store.folder / "journal") == []
