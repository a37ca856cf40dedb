import json
import os
import time
from pathlib import Path

import pytest

from attain.tracking.artifacts import log_bytes
from attain.tracking.store import open_database


@pytest.fixture
def place(home: Path) -> Path:
    """The place of the usual store, with one content that a run has and one of two days ago that none has."""
    store = open_database()
    run = store.create_run("0").run_id
    log_bytes(store, run, b"old", "a")
    log_bytes(store, run, b"new", "a")
    for blob in store.blobs.stored():
        os.utime(store.blobs.path(blob.sha256), times=(time.time() - 48 * 3600,) * 2)
    store.close()
    return home / ".attain" / "artifacts" / "blobs"


def contents(place: Path) -> list[bytes]:
    return [path.read_bytes() for path in place.glob("??/*")]


def test_garbage_is_counted_and_then_removed(attain, place: Path) -> None:
    said = attain("store", "gc", "--dry-run")
    assert said.out == "Would remove 1 content (3 bytes) that nothing has; 1 stay.\n"
    assert len(contents(place)) == 2
    said = attain("store", "gc", "--older-than", "24", "--json")
    assert json.loads(said.out) == {
        "dry_run": False,
        "contents": 1,
        "bytes": 3,
        "halves": 0,
        "kept": 1,
        "checkpoints": 0,
    }
    assert contents(place) == [b"new"]


def test_what_is_younger_than_asked_stays(attain, place: Path) -> None:
    assert attain("store", "gc", "--older-than", "72").out.startswith("Removed 0 contents")
    assert len(contents(place)) == 2


def test_a_store_in_the_same_place_must_be_named(attain, place: Path) -> None:
    other = f"sqlite:///{place.parents[1] / 'other.db'}"
    store = open_database(other)
    log_bytes(store, store.create_run("0").run_id, b"old", "theirs")
    store.close()
    said = attain("store", "gc")
    assert (said.status, "also holds artifacts of 'other.db'" in said.err) == (2, True)
    assert attain("store", "gc", "--beside", other).out.startswith("Removed 0 contents")
    assert sorted(contents(place)) == [b"new", b"old"]


def test_what_a_stopped_training_left_goes_after_a_week(attain, place: Path) -> None:
    checkpoints = place.parents[1] / "checkpoints"
    for name, days in (("old", 8), ("fresh", 6)):
        (checkpoints / name).mkdir(parents=True)
        (checkpoints / name / "state.json").write_text("{}")
        for path in (checkpoints / name / "state.json", checkpoints / name):
            os.utime(path, times=(time.time() - days * 24 * 3600,) * 2)
    assert "Would remove a training that was stopped" in attain("store", "gc", "--dry-run").out
    assert sorted(path.name for path in checkpoints.iterdir()) == ["fresh", "old"]
    assert "Removed a training that was stopped, and not taken up again for 7 days." in attain("store", "gc").out
    assert [path.name for path in checkpoints.iterdir()] == ["fresh"]


def test_what_a_training_at_work_keeps_stays_however_old(attain, place: Path) -> None:
    folder = place.parents[1] / "checkpoints" / ("0" * 16)
    folder.mkdir(parents=True)
    os.utime(folder, times=(time.time() - 30 * 24 * 3600,) * 2)
    store = open_database()
    run = store.create_run("0").run_id
    assert store.claim(folder.name, run)
    assert json.loads(attain("store", "gc", "--json").out)["checkpoints"] == 0
    assert folder.is_dir()
    store.update_run(run, status="KILLED")
    store.release(folder.name)
    store.close()
    assert json.loads(attain("store", "gc", "--json").out)["checkpoints"] == 1
    assert not folder.exists()
