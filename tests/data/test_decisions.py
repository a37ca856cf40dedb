from pathlib import Path

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.decisions import read_decisions

CSV = "learner,step,reward,propensity,target,room\nb,1,1,0.5,0.25,x\na,2,0,0.25,0.5,y\na,1,1,0.5,1,y\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "log.csv"
    path.write_text(text)
    return path


def test_decisions_stand_by_learner_and_step(tmp_path: Path) -> None:
    log = read_decisions(write(tmp_path, CSV), {"cluster": "room"})
    assert log.start.tolist() == [0, 2, 3]
    assert log.reward.tolist() == [1, 0, 1]
    assert log.propensity.tolist() == [0.5, 0.25, 0.5]
    assert log.cluster.tolist() == [1, 0]
    assert log.q is None


def test_only_the_first_decisions_of_each_learner(tmp_path: Path) -> None:
    first = read_decisions(write(tmp_path, CSV), {}).first(1)
    assert first.start.tolist() == [0, 1, 2]
    np.testing.assert_array_equal(first.target, [1, 0.25])


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    path = write(tmp_path, CSV.replace("propensity", "p_log"))
    assert read_decisions(path, {"propensity": "p_log"}).propensity.tolist() == [0.5, 0.25, 0.5]
    with pytest.raises(UserError, match=r"no column is named for 'propensity'.*--propensity NAME"):
        read_decisions(path, {})
    with pytest.raises(UserError, match=r"p_lag.*Did you mean 'p_log'"):
        read_decisions(path, {"propensity": "p_lag"})


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("c,1,1,0,0.5,x", "line 5, column 'propensity': propensity is 0; it must be above 0"),
        ("c,1,1,1.5,0.5,x", "propensity is 1.5"),
        ("c,1,1,,0.5,x", "propensity is empty"),
        ("c,1,1,0.5,1.2,x", "target is 1.2; it must be between 0 and 1"),
        ("c,1,,0.5,0.2,x", "reward is empty; it must be a number"),
        ("c,1,good,0.5,0.2,x", "'good' is not a number"),
        (",1,1,0.5,0.2,x", "every decision must say whose it was"),
    ],
)
def test_a_cell_that_cannot_be_is_named_with_its_line(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_decisions(write(tmp_path, CSV + row + "\n"), {})


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no decisions|no rows|empty"):
        read_decisions(write(tmp_path, CSV.splitlines()[0] + "\n"), {})
