from collections.abc import Callable

import numpy as np
import pytest

from attain.audit.confusion import cohort_tables
from attain.audit.repeats import patterns, resample, resample_learners
from attain.metrics.intervals import bootstrap_weights


def test_learners_with_the_same_codes_in_another_order_have_one_pattern() -> None:
    found = patterns(np.array([0, 0, 1, 1, 2, 4]), np.array([3, 1, 1, 3, 3, 3]), 5, 4)
    assert sorted(found.times.tolist()) == [2, 2]
    assert found.pattern_of_unit[0] == found.pattern_of_unit[1] != found.pattern_of_unit[2] == found.pattern_of_unit[4]
    assert found.pattern_of_unit[3] == -1
    assert found.counts(found.times).tolist() == [0, 2, 0, 4]


def test_the_bootstrap_on_counts_is_that_of_the_rows(world: Callable) -> None:
    made = world(n=400)
    counts = cohort_tables(made.rows(["gender"]), made.flag)[1].cells
    drawn = resample(counts, 4000, seed=0)
    assert (drawn.sum(axis=(1, 2)) == 400).all()
    rows = np.concatenate(list(bootstrap_weights(400, 4000, seed=0)))
    code = made.rows(["gender"]).cohorts["gender"].code * 4 + np.where(made.flag, 0, 2) + (made.frame["target"] == 0)
    by_row = rows @ np.eye(8)[code.to_numpy()]
    assert drawn.reshape(-1, 8).mean(0) == pytest.approx(by_row.mean(0), rel=0.05)
    assert np.cov(drawn.reshape(-1, 8).T) == pytest.approx(np.cov(by_row.T), abs=8)


def test_the_bootstrap_of_learners_takes_all_rows_of_one_together(world: Callable) -> None:
    made = world(n=600, repeat=True)
    _, table = cohort_tables(made.rows(["gender"]), made.flag)
    assert table.repeats is not None
    drawn = resample_learners(table.repeats, 4000, seed=0)
    unit = made.frame["unit"].astype("category").cat.codes.to_numpy(int)
    weights = np.concatenate(list(bootstrap_weights(unit.max() + 1, 4000, seed=0)))
    code = made.rows(["gender"]).cohorts["gender"].code * 4 + np.where(made.flag, 0, 2) + (made.frame["target"] == 0)
    by_row = weights[:, unit] @ np.eye(8)[code.to_numpy()]
    assert drawn.std(0) == pytest.approx(by_row.std(0), rel=0.06)


def test_nobody_can_be_drawn_from_nothing() -> None:
    assert resample(np.zeros((2, 4), dtype=int), 3, seed=0).sum() == 0
