import hashlib
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attain.tracking.artifacts import log_bytes, log_files, read_bytes
from attain.tracking.entities import Run
from attain.tracking.errors import Invalid
from attain.tracking.garbage import Collected, collect
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

TOMORROW = 25 * 3600


def names(store: Store) -> set[str]:
    return {blob.sha256 for blob in store.blobs.stored()}


def test_what_no_run_has_goes_after_a_day(store: Store, run: Run) -> None:
    log_bytes(store, run.run_id, b"first", "a")
    log_bytes(store, run.run_id, b"second", "a")
    assert collect(store) == Collected(0, 0, 0, kept=2)
    assert collect(store, dry_run=True, now=time.time() + TOMORROW) == Collected(1, 5, 0, kept=1)
    assert len(names(store)) == 2
    assert collect(store, now=time.time() + TOMORROW) == Collected(1, 5, 0, kept=1)
    assert names(store) == {hashlib.sha256(b"second").hexdigest()}


def test_what_a_deleted_run_or_another_run_has_stays(store: Store, run: Run) -> None:
    other = store.create_run("0").run_id
    log_files(store, run.run_id, {"a": b"shared", "b": b"own"})
    log_bytes(store, other, b"shared", "deep/c")
    store.delete_run(run.run_id)
    assert collect(store, now=time.time() + TOMORROW).kept == 2
    store.restore_run(run.run_id)
    store.remove_artifacts(run.run_id)
    assert collect(store, now=time.time() + TOMORROW) == Collected(1, 3, 0, kept=1)
    assert read_bytes(store, other, "deep/c") == b"shared"


def test_an_upload_that_a_killed_process_left_goes_too(store: Store) -> None:
    store.blobs.incoming.mkdir(parents=True, exist_ok=True)
    (store.blobs.incoming / "new-left").write_bytes(b"half")
    assert collect(store).halves == 0
    assert collect(store, now=time.time() + TOMORROW).halves == 1


def test_more_than_one_part_is_collected(store: Store, run: Run) -> None:
    log_files(store, run.run_id, {f"f{i}": str(i).encode() for i in range(230)})
    for i in range(0, 230, 2):
        store.remove_artifacts(run.run_id, f"f{i}")
    assert collect(store, now=time.time() + TOMORROW) == Collected(
        115, sum(len(str(i)) for i in range(0, 230, 2)), 0, 115
    )
    assert all(read_bytes(store, run.run_id, f"f{i}") == str(i).encode() for i in range(1, 230, 2))


def test_contents_of_another_store_in_the_same_place_are_not_taken_for_garbage(
    store: Store, run: Run, tmp_path: Path
) -> None:
    place = str(tmp_path / "shared")
    mine = open_database(f"sqlite:///{tmp_path / 'mine.db'}", place)
    other = open_database(f"sqlite:///{tmp_path / 'other.db'}", place)
    run_id = other.create_run("0").run_id
    log_bytes(other, run_id, b"theirs", "a")
    with pytest.raises(Invalid, match=r"also holds artifacts of 'other.db'.*--beside"):
        collect(mine, now=time.time() + TOMORROW)
    assert collect(mine, beside=[other], now=time.time() + TOMORROW).kept == 1
    other.remove_artifacts(run_id)
    assert collect(mine, beside=[other], now=time.time() + TOMORROW).contents == 1


def test_a_time_in_which_files_are_still_being_logged_is_refused(store: Store) -> None:
    with pytest.raises(Invalid, match="1 h or more"):
        collect(store, older_than=60)


def test_nothing_is_lost_while_other_processes_log_the_same_contents(
    uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four contents come and go as fast as they can, in two processes, while they are collected over and over.

    The clock of the collector is a day ahead, so that no time of grace protects anything.
    """
    script = (
        "import sys; from attain.tracking.store import open_database\n"
        "from attain.tracking.artifacts import log_bytes, read_bytes\n"
        "store = open_database(sys.argv[1], sys.argv[2]); run = store.create_run('0').run_id\n"
        "for i in range(60):\n"
        "    content = b'%d' % (i % 4)\n"
        "    log_bytes(store, run, content, 'a')\n"
        "    assert read_bytes(store, run, 'a') == content\n"
        "    store.remove_artifacts(run)\n"
        "for i in range(4): log_bytes(store, run, b'%d' % i, f'kept{i}')\n"
    )
    place = str(tmp_path / "shared")
    store = open_database(uri, place)
    monkeypatch.setattr(store.blobs, "remove_halves", lambda _: 0)  # these are protected by the time of grace alone
    workers = [subprocess.Popen([sys.executable, "-c", script, uri, place]) for _ in range(2)]
    rounds = 0
    while any(worker.poll() is None for worker in workers):
        collect(store, now=time.time() + TOMORROW)
        rounds += 1
    assert [worker.wait() for worker in workers] == [0, 0]
    assert rounds > 5
    for run in store.search_runs(["0"]).items:
        files = store.artifacts_under(run.run_id)
        assert [read_bytes(store, run.run_id, file.path) for file in files] == [b"0", b"1", b"2", b"3"]
    store.close()
