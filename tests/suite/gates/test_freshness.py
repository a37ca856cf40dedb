"""Data are stale where a file has other bytes now, and only then."""

import json
from pathlib import Path

import pytest

from attain.core.fingerprint import of_file
from attain.data.import_file import import_file
from attain.suite.gates.freshness import fresh
from attain.tracking.entities import DatasetInput, Run
from attain.tracking.sql.store import Store


@pytest.fixture
def file(home: Path) -> Path:
    """The file of an imported data set."""
    path = home / "data" / "answers.csv"
    path.parent.mkdir()
    path.write_text("learner,item,correct\na,b,1\na,c,0\n")
    columns = {name: name for name in ("learner", "item", "correct")}
    import_file("mine", {"file": str(path), "columns": columns}, {}, folder=home)
    return path


def read_by(store: Store, **files: str) -> Run:
    run = store.create_run("0", "a run")
    named = {name.replace("_", "."): digest for name, digest in files.items()}
    store.log_inputs(run.run_id, [DatasetInput("mine", "f1", source=json.dumps(named))])
    return store.get_run(run.run_id)


def test_a_file_that_changed_makes_the_data_stale(store: Store, file: Path) -> None:
    run = read_by(store, answers_csv=of_file(file))
    assert fresh(store, run).outcome == "passed"
    with file.open("a") as stream:
        stream.write("a,c,0\n")
    found = fresh(store, run)
    assert found.outcome == "failed"
    assert "The data are stale. mine: the file 'answers.csv' has changed since the run read it." in found.sentence


def test_a_file_that_is_not_here_is_said_and_stops_nobody(store: Store, file: Path) -> None:
    run = read_by(store, elsewhere_csv="0" * 64)
    found = fresh(store, run)
    assert found.outcome == "passed"
    assert "the file 'elsewhere.csv' was not found here, so its bytes were not looked at" in found.sentence


def test_of_a_run_that_says_nothing_of_its_data_nobody_can_tell(store: Store, home: Path) -> None:
    run = store.create_run("0", "a run")
    assert fresh(store, run).outcome == "unknown"
