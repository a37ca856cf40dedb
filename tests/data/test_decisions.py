from pathlib import Path

import numpy as np
import pandas as pd
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
    assert log.model is None


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
        ("c,1,1,1.00001,0.5,x", "propensity is 1.00001; it must be above 0 and at most 1"),
        ("c,1,1,-0.1,0.5,x", "propensity is -0.1"),
        ("c,1,1,nan,0.5,x", "'nan' is not a number"),
        ("c,1,inf,0.5,0.5,x", "'inf' is not a number"),
        ("c,,1,0.5,0.5,x", "line 5, column 'step': is empty; every decision needs its place"),
        ("c,soon,1,0.5,0.5,x", "line 5, column 'step': 'soon' is neither a number nor a time"),
        ("a,2,1,0.5,0.5,y", "line 5, column 'step': line 3 has the same learner and step"),
    ],
)
def test_a_cell_that_cannot_be_is_named_with_its_line(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        read_decisions(write(tmp_path, CSV + row + "\n"), {})


def test_a_file_without_rows_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"no decisions|no rows|empty"):
        read_decisions(write(tmp_path, CSV.splitlines()[0] + "\n"), {})


@pytest.mark.parametrize(("room", "message"), [("z", "was in another cluster before"), ("", "must be in a cluster")])
def test_a_learner_is_in_one_cluster(tmp_path: Path, room: str, message: str) -> None:
    path = write(tmp_path, CSV + f"b,2,1,0.5,0.5,{room}\n")
    with pytest.raises(UserError, match=f"line 5, column 'room': .*{message}"):
        read_decisions(path, {"cluster": "room"})


def test_steps_may_be_times_and_without_any_the_rows_stand_in_order(tmp_path: Path) -> None:
    head = "learner,when,reward,propensity,target\n"
    rows = "a,2024-05-02T08:00:00+02:00,2,1,1\na,2024-05-02T05:59:59Z,1,1,1\nb,2024-05-01,3,1,1\n"
    path = write(tmp_path, head + rows)
    assert read_decisions(path, {"step": "when"}).reward.tolist() == [1, 2, 3]
    assert read_decisions(path, {}).reward.tolist() == [2, 1, 3]


def test_a_model_is_taken_with_both_its_parts(tmp_path: Path) -> None:
    path = write(tmp_path, "learner,reward,propensity,target,q,value\na,1,0.5,0.5,0.25,0.75\n")
    assert read_decisions(path, {}).model is None  # the file's own `q` may be anything
    log = read_decisions(path, {"v": "value"})
    assert log.model is not None
    np.testing.assert_array_equal(log.model, [[0.25], [0.75]])
    with pytest.raises(UserError, match=r"'q' is of use only with its 'v'. Name it: `--v NAME`"):
        read_decisions(path, {"q": "q"})


def test_parquet_holds_the_same_and_sums_of_short_numbers_may_pass_one(tmp_path: Path) -> None:
    path = tmp_path / "log.parquet"
    frame = pd.DataFrame({"learner": [1, 1], "step": [2, 1], "reward": [0.5, 1]})
    frame["propensity"] = np.array([0.3, np.nextafter(np.float32(1), np.float32(2))], dtype=np.float32)
    frame.assign(target=[0.1, 1]).to_parquet(path)
    log = read_decisions(path, {})
    assert log.reward.tolist() == [1, 0.5]
    assert log.propensity.tolist() == [1, pytest.approx(0.3)]


def test_the_logging_policy_may_be_judged_by_its_own_log(tmp_path: Path) -> None:
    log = read_decisions(write(tmp_path, CSV), {"target": "propensity"})
    np.testing.assert_array_equal(log.target, log.propensity)
