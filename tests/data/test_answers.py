import numpy as np

from attain.data.answers import log_of


def test_answers_by_name_become_a_log() -> None:
    log = log_of(np.array([0, 0, 1]), ["b", "a", "b"], [["x", "y"], [], ["y"]], [1, 0, 1], [5, None, 7])
    frame = log.frame()
    assert frame["item"].tolist() == ["b", "a", "b"]
    assert frame["skill"].tolist() == ["x~~y", "", "y"]
    assert frame["correct"].tolist() == [1, 0, 1]
    np.testing.assert_array_equal(frame["time_s"], [5, np.nan, 7])
    assert log.learner_start.tolist() == [0, 2, 3]


def test_no_answers_are_a_log_too() -> None:
    assert len(log_of(np.array([], dtype=int), [], [], [])) == 0
