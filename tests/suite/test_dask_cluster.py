"""What is refused before a Dask cluster gets a job."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from attain.suite.dask_cluster import _cannot_write
from attain.tracking.liveness import machine

Write = Callable[..., Path]


def attain(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "attain.cli", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_scheduler_that_is_away_is_one_sentence(write_suite: Write) -> None:
    said = attain("run", str(write_suite()), "--executor", "dask", "--scheduler", "tcp://127.0.0.1:1")
    assert said.returncode == 2
    assert "No Dask scheduler answers at 'tcp://127.0.0.1:1'." in said.stderr
    assert "Traceback" not in said.stderr


def test_what_is_no_address_is_one_sentence(write_suite: Write) -> None:
    said = attain("run", str(write_suite()), "--executor", "dask", "--scheduler", "nosuch://here")
    assert said.returncode == 2
    assert "--scheduler 'nosuch://here' is not an address" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_scheduler_without_dask_is_a_mistake(write_suite: Write) -> None:
    said = attain("run", str(write_suite()), "--scheduler", "tcp://127.0.0.1:1")
    assert said.returncode == 2
    assert "add --executor dask" in said.stderr


def test_a_sqlite_file_is_not_shared_between_machines(home: Path) -> None:
    here, there = {"machine": machine(), "shares_home": True}, {"machine": "another", "shares_home": True}
    assert _cannot_write("sqlite:////srv/attain.db", here) == ""
    assert "the store is a SQLite file, which machines cannot share safely" in _cannot_write("sqlite:///a.db", there)
    assert _cannot_write("http://attain:5000", there) == ""


def test_artifacts_beside_postgresql_need_a_place_that_all_see(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri, alone = "postgresql://host/attain", {"machine": "another", "shares_home": False}
    assert "Set ATTAIN_ARTIFACTS to a bucket" in _cannot_write(uri, alone)
    assert _cannot_write(uri, {**alone, "shares_home": True}) == ""
    monkeypatch.setenv("ATTAIN_ARTIFACTS", "s3://bucket/artifacts")
    assert _cannot_write(uri, alone) == ""
