from collections.abc import Callable
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.import_file import import_file
from attain.data.load import load

CSV = "user,q,right\nann,1,1\nann,2,0\nbob,1,1\n"
COLUMNS = {"learner": "user", "item": "q", "correct": "right"}


def test_an_imported_file_is_a_data_set_by_name_and_no_row_is_copied(
    write: Callable[..., Path], tmp_path: Path
) -> None:
    write(CSV, "data/a.csv")
    source = {"file": "data/a.csv", "columns": COLUMNS, "cohorts": {}, "time_unit": "iso"}
    path, dataset = import_file("mine", source, {"min_answers": 2}, folder=tmp_path)
    assert path == tmp_path / "datasets" / "mine" / "card.yaml"
    assert "file: ../../data/a.csv" in path.read_text()
    assert "ann" not in path.read_text()
    again = load("mine")
    assert len(again.log) == len(dataset.log) == 2
    assert dataset.name == again.name == "mine"


@pytest.mark.parametrize("name", ["My set", "1st", "", "a-b", "../x"])
def test_a_name_that_cannot_be_one_is_refused(write: Callable[..., Path], tmp_path: Path, name: str) -> None:
    write(CSV)
    with pytest.raises(UserError, match="cannot name a dataset"):
        import_file(name, {"file": "a.csv", "columns": COLUMNS}, {}, folder=tmp_path)


def test_a_name_that_is_taken_is_refused(write: Callable[..., Path], tmp_path: Path) -> None:
    write(CSV)
    with pytest.raises(UserError, match="There is a dataset 'simulated' already"):
        import_file("simulated", {"file": "a.csv", "columns": COLUMNS}, {}, folder=tmp_path)


def test_a_file_that_cannot_be_read_leaves_no_card(write: Callable[..., Path], tmp_path: Path) -> None:
    write(CSV.replace("ann,1,1", "ann,1,maybe"))
    with pytest.raises(UserError, match="'maybe'"):
        import_file("mine", {"file": "a.csv", "columns": COLUMNS}, {}, folder=tmp_path)
    assert not (tmp_path / "datasets").exists()
