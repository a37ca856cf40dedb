import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from attain.tracking.artifacts import log_bytes
from attain.tracking.blobs_local import LocalBlobs
from attain.tracking.entities import MetricPoint, Run
from attain.tracking.errors import Unavailable
from attain.tracking.integrity import Fault, check_store
from attain.tracking.sql.engine import writing
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database


def faults(store: Store, *, contents: bool = True) -> list[Fault]:
    return check_store(store, lambda what, count: None, contents=contents)


@pytest.fixture
def used(store: Store, run: Run) -> Store:
    """A store with something in it that can be damaged."""
    for step, value in enumerate([0.5, float("nan"), 0.25]):
        store.log_batch(run.run_id, [MetricPoint("loss", value, 5 - step, step), MetricPoint("auc", value, 1, 0)])
    log_bytes(store, run.run_id, b"one", "a.txt")
    log_bytes(store, run.run_id, b"two", "b.txt")
    return store


def test_a_store_as_it_should_be_has_no_faults(used: Store) -> None:
    assert faults(used) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE latest_metrics SET value = 7 WHERE NOT is_nan",
        "UPDATE latest_metrics SET is_nan = NOT is_nan WHERE is_nan",
        "DELETE FROM latest_metrics WHERE step = 2",
        "DELETE FROM metrics WHERE step = 2",
        "DELETE FROM metrics WHERE key = (SELECT id FROM metric_keys WHERE key = 'loss')",
    ],
)
def test_a_latest_value_that_the_history_does_not_give_is_found(used: Store, run: Run, change: str) -> None:
    with writing(used._engine) as c:
        c.execute(text(change))
    (fault,) = faults(used)
    assert (fault.what, fault.count) == ("latest values are not those of the history", 1)
    assert f"of run {run.run_id}" in fault.example


def test_rows_that_belong_to_nothing_are_found(used: Store) -> None:
    with writing(used._engine) as c:
        if c.dialect.name == "sqlite":
            c.execute(text("COMMIT")), c.execute(text("PRAGMA foreign_keys = OFF")), c.execute(text("BEGIN"))
        else:
            c.execute(text("SET session_replication_role = replica"))
        c.execute(text("INSERT INTO params VALUES (77, 'p', 'v')"))
        c.execute(text("INSERT INTO params VALUES (78, 'p', 'v')"))
    (fault,) = faults(used)
    assert (fault.what, fault.count) == ("rows of params belong to no row of runs", 2)
    assert "run 7" in fault.example


def test_contents_that_are_gone_or_changed_are_found(used: Store) -> None:
    assert isinstance(used.blobs, LocalBlobs)
    one, two = used.blobs.stored()
    path = used.blobs.path(one.sha256)
    path.chmod(0o644)
    path.write_bytes(b"bad")
    used.blobs.remove([two.sha256])
    found = {fault.what: fault.example for fault in faults(used)}
    assert list(found) == ["contents of artifacts are missing", "contents of artifacts are damaged"]
    assert two.sha256 in found["contents of artifacts are missing"]
    assert one.sha256 in found["contents of artifacts are damaged"]
    assert [fault.what for fault in faults(used, contents=False)] == ["contents of artifacts are missing"]


def test_a_damaged_file_is_found_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "attain.db"
    store = open_database(f"sqlite:///{path}")
    run = store.create_run("0", tags={f"t{i}": "x" * 500 for i in range(90)}).run_id
    store.log_batch(run, [MetricPoint("m", 1, i) for i in range(900)])
    store.close()
    with sqlite3.connect(path) as c:
        page = c.execute("SELECT rootpage FROM sqlite_master WHERE name = 'metrics'").fetchone()[0]
        size = c.execute("PRAGMA page_size").fetchone()[0]
    c.close()
    content = bytearray(path.read_bytes())
    content[(page - 1) * size + 40 : page * size] = bytes(size - 40)
    path.write_bytes(content)
    try:
        found = [fault.what for fault in faults(store)]
    except Unavailable as error:
        found = [str(error)]
    assert "damaged" in found[0]
    store.close()
