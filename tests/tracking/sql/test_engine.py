import getpass
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from attain.tracking.entities import MetricPoint, Run
from attain.tracking.errors import Invalid, Unavailable
from attain.tracking.sql import sqlite
from attain.tracking.sql.engine import open_engine, reading, writing
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store

only_sqlite = pytest.mark.parametrize("uri", ["sqlite"], indirect=True)
"""For what only a file can be: locked as a whole, full at a size, without permissions."""

WRITE = """
import sys
from attain.tracking.entities import MetricPoint
from attain.tracking.store import open_store
store = open_store(sys.argv[1])
experiment = store.ensure_experiment("shared").experiment_id
for i in range(10):
    run = store.create_run(experiment, params={"worker": sys.argv[2]})
    store.log_batch(run.run_id, [MetricPoint("loss", 1 / (step + 1), step, step) for step in range(20)])
    store.update_run(run.run_id, status="FINISHED")
"""


def test_several_processes_make_and_fill_one_new_store_at_once(tmp_path: Path) -> None:
    uri = f"sqlite:///{tmp_path / 'new' / 'attain.db'}"
    workers = [subprocess.Popen([sys.executable, "-W", "error", "-c", WRITE, uri, str(i)]) for i in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    store = open_store(uri)
    (experiment,) = [one for one in store.list_experiments().items if one.name == "shared"]
    runs = store.search_runs([experiment.experiment_id], "status = 'FINISHED'").items
    assert len(runs) == 30
    assert {len(store.metric_history(run.run_id, "loss").items) for run in runs[::8]} == {20}
    store.close()


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def write_half() -> None:
        with writing(store._engine) as c:
            c.execute(text("INSERT INTO metric_keys (key) VALUES ('half')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_half()
    with reading(store._engine) as c:
        assert c.execute(text("SELECT count(*) FROM metric_keys")).scalar() == 0


def test_an_error_of_the_database_tells_no_values(store: Store) -> None:
    with pytest.raises(DBAPIError) as error, store._engine.connect() as c:
        c.execute(text("SELECT count(*) FROM nowhere WHERE name = :name"), {"name": "secret"})
    assert "nowhere" in str(error.value)
    assert "secret" not in str(error.value)


def test_readers_do_not_wait_for_a_writer(store: Store, run: Run) -> None:
    with writing(store._engine) as c:
        c.execute(text("UPDATE runs SET name = 'unseen'"))
        assert store.get_run(run.run_id).name == "first"


@only_sqlite
def test_a_locked_store_is_said_to_be_locked(store: Store, uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "BUSY_S", 0.01)
    other = open_store(uri)
    with writing(store._engine), pytest.raises(Unavailable, match="is locked: another process") as caught:
        other.create_run("0")
    assert caught.value.passing
    other.close()


@only_sqlite
def test_a_full_store_is_said_to_be_full_and_keeps_what_it_has(store: Store, run: Run) -> None:
    store.close()
    event.listen(store._engine, "connect", lambda connection, _: connection.execute("PRAGMA max_page_count = 60"))
    logged: list[MetricPoint] = []

    def fill() -> None:
        for i in range(1_000):
            batch = [MetricPoint("loss", i, i, step) for step in range(1_000)]
            store.log_batch(run.run_id, batch)
            logged.extend(batch)

    with pytest.raises(Unavailable, match="the disk is full") as caught:
        fill()
    assert caught.value.passing
    assert store.metric_history(run.run_id, "loss", 50_000).items == logged


@only_sqlite
def test_the_log_is_cut_down_after_a_long_reader(
    store: Store, uri: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LARGEST_LOG", 1 << 17)
    store.close()
    log = tmp_path / "attain.db-wal"

    with reading(store._engine) as c:
        assert c.execute(text("SELECT count(*) FROM tags WHERE key = 't1'")).scalar() == 0
        for batch in range(8):
            store.log_batch(run.run_id, tags={f"t{i}": f"{batch}" * 7_000 for i in range(100)})
        assert log.stat().st_size > 4 << 20
        assert c.execute(text("SELECT count(*) FROM tags WHERE key = 't1'")).scalar() == 0
    for batch in range(3):
        store.add_points([(run.run_id, MetricPoint("n", 1, batch, 1))])
    assert log.stat().st_size <= 1 << 17
    store.close()
    assert not log.exists()


READ_ONLY = """
import os, sys
from attain.tracking.errors import Unavailable
from attain.tracking.store import open_store
if os.getuid() == 0:
    os.setgid(65534); os.setuid(65534)
store = open_store(sys.argv[1])
print(store.search_runs(["0"]).items[0].name)
try:
    store.create_run("0")
except Unavailable as error:
    print(error)
"""


@only_sqlite
def test_a_read_only_store_can_be_read_and_says_why_not_written(store: Store, uri: str, run: Run) -> None:
    store.close()
    folder = Path(uri.removeprefix("sqlite:///")).parent
    above = [p for p in folder.parents if f"pytest-of-{getpass.getuser()}" in p.parts]
    for parent in (folder, *above):  # pytest keeps its folders from other users
        parent.chmod(0o755)
    for path in (*folder.iterdir(), folder):
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        done = subprocess.run([sys.executable, "-c", READ_ONLY, uri], capture_output=True, text=True, check=False)
    finally:
        folder.chmod(0o755)
    if os.getuid() == 0 and "PermissionError" in done.stderr:
        pytest.skip("another user cannot reach the folder of this test")
    name, said = done.stdout.splitlines()
    assert name == "first"
    assert "it is read-only. Set ATTAIN_HOME" in said


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("nonsense", "is not one; expected e.g. 'sqlite:///"),
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("nosuchdatabase://host/db", "begins with 'nosuchdatabase'; expected 'sqlite:///FILE' or"),
    ],
)
def test_an_address_that_cannot_be_used_is_explained(uri: str, reason: str) -> None:
    with pytest.raises(Invalid, match=reason):
        open_engine(uri)


def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path) -> None:
    (tmp_path / "attain.db").write_bytes(b"text, not tables" * 100)
    with pytest.raises(Unavailable, match="not a SQLite database"):
        open_store(f"sqlite:///{tmp_path / 'attain.db'}")


def test_a_folder_in_place_of_the_store_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="is a folder"):
        open_store(f"sqlite:///{tmp_path}")
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="cannot be made"):
        open_store(f"sqlite:///{tmp_path / 'file' / 'attain.db'}")


def test_no_connection_is_carried_over_a_fork(store: Store) -> None:
    pool = store._engine.pool
    assert isinstance(pool, QueuePool)
    store.experiment("0")
    assert pool.checkedin() == 1
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    assert store._engine.pool is not pool


def test_a_forked_child_and_its_parent_both_write(store: Store, uri: str, run: Run) -> None:
    script = """
import os, sys
from attain.tracking.store import open_store
store = open_store(sys.argv[1])
store.create_run("0", name="before")
child = os.fork()
for _ in range(20):
    store.create_run("0", name="child" if child == 0 else "parent")
if child == 0:
    os._exit(0)
sys.exit(os.waitpid(child, 0)[1])
"""
    subprocess.run([sys.executable, "-c", script, uri], check=True)
    assert store.count_runs(["0"], "run_name = 'child'") == 20
    assert store.count_runs(["0"], "run_name = 'parent'") == 20
