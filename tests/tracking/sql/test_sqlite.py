"""What SQLite is told when a connection ends."""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from attain.tracking.sql import sqlite
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database


@pytest.fixture
def file(tmp_path: Path, fresh: Path) -> Path:
    return Path(shutil.copy(fresh, tmp_path / "attain.db"))


@pytest.fixture
def used(file: Path) -> Store:
    """A store with three runs that were searched."""
    store = open_database(f"sqlite:///{file}")
    for _ in range(3):
        store.create_run("0", params={"a": "b"})
    store.search_runs(["0"], "params.a = 'b'")
    return store


def known(file: Path) -> set[str]:
    """The tables of which the planner knows how much is in them."""
    with closing(sqlite3.connect(file)) as connection:
        if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").fetchone():
            return set()
        return {row[0] for row in connection.execute("SELECT tbl FROM sqlite_stat1")}


def test_the_planner_of_a_store_with_many_runs_knows_them(
    used: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "ENOUGH_RUNS", 3)
    used.close()
    assert "params" in known(file)  # a table that was searched by one of its indexes


def test_a_store_with_few_runs_is_planned_for_as_one_that_may_grow(used: Store, file: Path) -> None:
    used.close()
    assert known(file) == set()


def test_closing_does_not_wait_for_another_that_writes(
    used: Store, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "ENOUGH_RUNS", 3)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        used.close()
        assert time.monotonic() - began < sqlite.BUSY_S / 2
    assert known(file) == set()


def test_closing_a_store_whose_file_is_gone_is_no_error(used: Store, file: Path) -> None:
    for path in file.parent.glob("attain.db*"):
        path.unlink()
    used.close()
    assert not list(file.parent.glob("attain.db*"))  # nor is an empty one made
