"""Prepared data found by fingerprint, whatever machine they were prepared on."""

import shutil
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.cache import open_prepared
from attain.data.dataset import Dataset
from attain.data.load import load
from attain.data.prepared import obtain, publish


@pytest.fixture
def dataset(home: Path) -> Dataset:
    return load("simulated", {"learners": 12, "skills": 2, "items": 4, "answers": 5})


def elsewhere(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> Path:
    """As on another machine: a home of its own, and the folder of the plan not there."""
    assert dataset.folder is not None
    monkeypatch.setenv("ATTAIN_HOME", f"{dataset.folder.parents[1]}-elsewhere")
    return dataset.folder.parent / "not here"


def test_where_the_folder_is_there_it_is_used(dataset: Dataset) -> None:
    assert dataset.folder is not None
    assert obtain(dataset.folder, dataset.fingerprint) == dataset.folder
    assert obtain(dataset.folder / "gone", dataset.fingerprint) == dataset.folder


def test_another_machine_takes_them_from_the_shared_place_once(
    dataset: Dataset, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTAIN_PREPARED", str(home / "shared"))
    assert dataset.folder is not None
    publish(dataset.folder, dataset.fingerprint)
    found = obtain(elsewhere(dataset, monkeypatch), dataset.fingerprint)
    assert found != dataset.folder
    assert open_prepared(found).fingerprint == dataset.fingerprint
    assert (open_prepared(found).log.correct == dataset.log.correct).all()
    shutil.rmtree(home / "shared")
    assert obtain(Path("not here"), dataset.fingerprint) == found


def test_what_is_nowhere_is_said_with_what_to_do(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = elsewhere(dataset, monkeypatch)
    with pytest.raises(UserError, match=r"are not on this machine. Share attain's home with it, or set ATTAIN"):
        obtain(gone, dataset.fingerprint)


def test_a_shared_place_without_them_or_with_damaged_ones_is_refused(
    dataset: Dataset, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ATTAIN_PREPARED", str(home / "shared"))
    assert dataset.folder is not None
    gone = home / "not here"
    publish(dataset.folder, dataset.fingerprint)
    elsewhere(dataset, monkeypatch)
    with pytest.raises(UserError, match="does not hold the prepared data abc"):
        obtain(gone, "abc")
    (home / "shared" / dataset.fingerprint / "correct.npy").write_bytes(b"")
    with pytest.raises(UserError, match="is damaged"):
        obtain(gone, dataset.fingerprint)


def test_a_place_that_nobody_knows_is_said(dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTAIN_PREPARED", "nosuch://bucket")
    assert dataset.folder is not None
    with pytest.raises(UserError, match=r"ATTAIN_PREPARED='nosuch://bucket' is neither a folder nor an address"):
        publish(dataset.folder, dataset.fingerprint)
