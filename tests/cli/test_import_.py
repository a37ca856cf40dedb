import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def mlruns(home: Path) -> Path:
    """A folder with the least that MLflow writes of an experiment and a run."""
    run = home / "mlruns" / "7" / ("a" * 32)
    (run / "metrics").mkdir(parents=True)
    (run / "metrics" / "loss").write_text("1 0.5 0\n2 0.25 1\n")
    (run.parent / "meta.yaml").write_text("{experiment_id: '7', name: first, lifecycle_stage: active}")
    facts = f"{{run_id: {'a' * 32}, experiment_id: '7', run_name: outer, status: 3, start_time: 1, end_time: 2}}"
    (run / "meta.yaml").write_text(facts)
    return home / "mlruns"


def test_an_import_ends_with_a_table_of_counts(attain: Callable[..., Any], mlruns: Path) -> None:
    said = attain("import", "mlflow", "mlruns")
    assert said.status == 0
    rows = [line.split() for line in said.out.splitlines()]
    assert ["runs", "1", "1", "1"] in rows
    assert ["points", "2", "2", "2"] in rows
    assert "All that is there is in" in said.out
    again = json.loads(attain("import", "mlflow", "mlruns", "--json").out)
    assert (again["complete"], again["trouble"]) == (True, [])
    assert set(again["added"].values()) == {0}
    assert again["kept"]["points"] == 2
    assert "outer" in attain("runs", "--kind", "all").out


def test_what_is_not_taken_over_is_said_and_the_status_is_1(attain: Callable[..., Any], mlruns: Path) -> None:
    (mlruns / "7" / ("a" * 32) / "metrics" / "loss").write_text("nonsense\n")
    said = attain("import", "mlflow", "mlruns")
    assert said.status == 1
    assert "Not taken over: run 'aaaa" in said.err
    assert "All that is there" not in said.out


def test_an_import_goes_into_a_database(attain: Callable[..., Any], mlruns: Path) -> None:
    said = attain("import", "mlflow", "mlruns", "--store", "http://127.0.0.1:9")
    assert said.status == 2
    assert "name the database behind the server" in said.err


def test_a_wrong_address_is_explained(attain: Callable[..., Any], home: Path) -> None:
    assert "no folder 'nowhere'" in attain("import", "mlflow", "nowhere").err
    sqlite3.connect(home / "other.db").close()
    (home / "other.db").write_text("text")
    assert "cannot be read as a SQLite database" in attain("import", "mlflow", "other.db").err
