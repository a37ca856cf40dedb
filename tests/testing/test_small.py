import numpy as np

from attain.testing.small import make_log, small_log


def test_the_small_log_has_every_oddity() -> None:
    log = small_log(0)
    counts = np.diff(log.skill_start)
    assert {0, 1, 2} <= set(counts.tolist())
    assert np.diff(log.learner_start).min() == 1
    assert (np.diff(log.learner) >= 0).all()
    assert 0.2 < log.correct.mean() < 0.8
    assert log.time_s is not None
    assert log.duration_s is not None
    assert 0 < np.isnan(log.time_s).mean() < 0.1
    assert 0 < np.isnan(log.duration_s).mean() < 0.1


def test_times_of_the_small_log_rise_with_breaks_in_between() -> None:
    log = small_log(0)
    assert log.time_s is not None
    for code in log.present:
        time = log.time_s[log.learner == code]
        assert (np.diff(time[~np.isnan(time)]) > 0).all()
    assert np.nanmax(np.diff(log.time_s)[np.diff(log.learner) == 0]) > 86_400


def test_the_same_seed_makes_the_same_log() -> None:
    np.testing.assert_array_equal(small_log(3).correct, small_log(3).correct)
    assert len(small_log(3)) != len(small_log(4))


def test_a_log_is_made_from_codes() -> None:
    log = make_log(np.array([0, 0, 2]), np.array([1, 0, 1]), np.array([1, 0, 1]), [[], [1, 0]])
    assert log.skill.tolist() == [1, 0, 1, 0]
    assert log.skill_start.tolist() == [0, 2, 2, 4]
    assert log.learners.tolist() == ["learner-0", "learner-1", "learner-2"]
    assert log.present.tolist() == [0, 2]
