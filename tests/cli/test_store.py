"""`attain store`, through its own commands."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from attain.cli.store import app
from attain.core.errors import UserError
from attain.tracking.artifacts import log_bytes
from attain.tracking.entities import MetricPoint
from attain.tracking.sql.migrate import HEAD
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database


def said(*arguments: str | Path) -> Result:
    result: Result = CliRunner().invoke(app, [str(one) for one in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture
def used(uri: str) -> Iterator[Store]:
    """A store with a run in it."""
    store = open_database(uri)
    run = store.create_run("0", params={"model": "bkt"}).run_id
    store.log_batch(run, [MetricPoint("auc", 0.7, 1, step) for step in range(10)])
    log_bytes(store, run, b"content", "a.txt")
    yield store
    store.close()


def test_a_store_is_copied_and_copied_back(used: Store, uri: str, tmp_path: Path) -> None:
    there = f"sqlite:///{tmp_path / 'there' / 'attain.db'}"
    first = json.loads(said("copy", uri, there, "--json").stdout)
    assert first["tables"]["metrics"]["rows"] == 10
    assert first["contents"] == 1
    again = said("copy", there, f"sqlite:///{tmp_path / 'again' / 'attain.db'}")
    assert "hash, both sides" in again.stdout
    assert first["tables"]["metrics"]["hash"][:16] in again.stdout
    assert "with 1 contents of artifacts that were not there yet" in again.stdout
    with pytest.raises(UserError, match="is not empty"):
        said("copy", uri, there)
    with pytest.raises(UserError, match="are the same store"):
        said("copy", uri, uri)


def test_check_says_that_all_is_well_or_what_is_not(used: Store, uri: str) -> None:
    well = said("check", "--store", uri)
    assert well.exit_code == 0
    assert "is whole: rows, references, latest values, contents." in well.stdout
    used.blobs.remove([blob.sha256 for blob in used.blobs.stored()])
    bad = said("check", "--store", uri)
    assert bad.exit_code == 1
    assert "contents of artifacts are missing" in bad.stdout
    (fault,) = json.loads(said("check", "--store", uri, "--quick", "--json").stdout)["faults"]
    assert fault["count"] == 1


def test_a_backup_says_what_it_holds_and_what_not(used: Store, uri: str, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    result = said("backup", away / "kept.db", "--store", uri)
    assert "It is a store itself" in result.stdout
    assert f"copy {used.blobs.place} now, too" in result.stdout
    assert said("check", "--store", f"sqlite:///{away / 'kept.db'}", "--quick").exit_code == 1
    answer = json.loads(said("backup", tmp_path / "more.db", "--store", uri, "--json").stdout)
    assert answer["bytes"] == (tmp_path / "more.db").stat().st_size


def test_vacuum_removes_deleted_runs_only_when_it_is_sure(used: Store, uri: str) -> None:
    (run,) = used.search_runs(["0"]).items
    used.delete_run(run.run_id)
    with pytest.raises(UserError, match="Add --yes"):
        said("vacuum", "--store", uri, "--deleted-before", "2999-01-01")
    assert "MiB now" in said("vacuum", "--store", uri).stdout
    assert used.get_run(run.run_id).lifecycle_stage == "deleted"
    done = said("vacuum", "--store", uri, "--deleted-before", "2999-01-01", "--yes")
    assert "Removed 1 runs, 0 logged models and 0 experiments." in done.stdout
    assert used.count_runs(["0"], view="ALL") == 0
    assert json.loads(said("vacuum", "--store", uri, "--json").stdout)["runs"] == 0


def test_upgrade_makes_brings_up_to_date_and_says_so(used: Store, uri: str, tmp_path: Path) -> None:
    assert f"is up to date (revision {HEAD})" in said("upgrade", "--store", uri).stdout
    new = f"sqlite:///{tmp_path / 'new.db'}"
    assert f"made, now at {HEAD}" in said("upgrade", "--store", new).stdout
    assert json.loads(said("upgrade", "--store", new, "--json").stdout)["before"] == HEAD


@pytest.mark.parametrize("command", ["check", "vacuum", "backup", "copy"])
def test_an_address_with_no_store_is_named_and_nothing_made(tmp_path: Path, command: str) -> None:
    address = f"sqlite:///{tmp_path / 'none.db'}"
    more: list[str | Path] = {"backup": [tmp_path / "b.db", "--store", address], "copy": [address, "sqlite:///x"]}.get(
        command, ["--store", address]
    )
    with pytest.raises(UserError, match=r"There is no store at .*none\.db"):
        said(command, *more)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_program_is_left_alone(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "other.db")
    connection.execute("CREATE TABLE recipes (id)")
    connection.close()
    with pytest.raises(UserError, match="not a store of attain"):
        said("check", "--store", f"sqlite:///{tmp_path / 'other.db'}")
