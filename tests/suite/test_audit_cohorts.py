import hashlib
from pathlib import Path

import pandas as pd
import pytest

from attain.data import pseudonym
from attain.suite.audit_cohorts import cohorts_for, read_cohorts
from attain.testing.audits import at_risk_run
from attain.tracking.store import open_database

UNITS = pd.Index([f"learner-{i}" for i in range(900)], dtype=object)


@pytest.fixture
def file(home: Path) -> Path:
    return home / "given.csv"


def test_empty_values_are_unknown_and_spaces_around_learners_do_not_count(file: Path) -> None:
    file.write_text("learner,bursary\n learner-1 ,yes\nlearner-2,\n")
    found, remarks = read_cohorts(file, UNITS)
    assert found["bursary"].tolist()[0] == "yes"
    assert found["bursary"].isna().tolist() == [False, True]
    assert remarks == ()


def test_learners_are_found_by_their_pseudonyms_under_this_machines_key(file: Path) -> None:
    names = pseudonym.pseudonyms(["ann", "bob"], pseudonym.key())
    file.write_text("learner,bursary\nann,yes\nbob,no\n")
    found, remarks = read_cohorts(file, pd.Index(names))
    assert found["bursary"].to_dict() == dict(zip(names, ["yes", "no"], strict=True))
    assert remarks == ("learners were found by their pseudonyms",)


def test_a_file_stands_before_the_data_set_and_beside_it(file: Path, home: Path) -> None:
    run = at_risk_run(open_database(), home / "cache")
    file.write_text("learner,gender\n" + "\n".join(f"{name},unsaid" for name in UNITS))
    found = cohorts_for(run, file, UNITS)
    assert found.frame is not None
    assert {"gender", "age"} < set(found.frame.columns)
    assert set(found.frame["gender"]) == {"unsaid"}
    assert found.source == "the file given.csv"


def test_the_mark_of_a_file_changes_with_its_bytes_and_is_no_bare_hash(file: Path, home: Path) -> None:
    run = at_risk_run(open_database(), home / "cache")
    file.write_text("learner,x\nlearner-1,a\n")
    first = cohorts_for(run, file, UNITS).mark
    bare = hashlib.sha256(file.read_bytes()).hexdigest()
    file.write_text("learner,x\nlearner-1,b\n")
    assert cohorts_for(run, file, UNITS).mark != first
    assert first.removeprefix("keyed hash ") not in bare


def test_a_run_whose_data_are_gone_has_no_cohorts_and_says_so(home: Path) -> None:
    run = at_risk_run(open_database(), home / "cache")
    (next((home / "cache").iterdir()) / "about.json").unlink()
    found = cohorts_for(run, None, UNITS)
    assert found.frame is None
    assert "not in the cache" in found.source
