"""Stretches of the histories against plain loops over the frame."""

import itertools
import math
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from attain.core.table import Predictions
from attain.metrics.by_history import BINS, auc_by_history, auc_by_opportunity, calibration_gap_by_history
from attain.metrics.discover import find

Simulate = Callable[..., Predictions]


def value(table: Predictions, identity: str) -> float:
    return float(find(identity).statistic(table).at(np.ones((1, len(table.units))))[0])


@pytest.mark.parametrize(("first", "last"), [(1, 2), (3, 5), (6, math.inf)])
def test_a_stretch_reads_the_answers_from_first_to_last_and_no_other(
    simulate: Simulate, first: int, last: float
) -> None:
    table = simulate(learners=60)
    frame = table.frame[(table.frame["step"] + 1 >= first) & (table.frame["step"] + 1 <= last)]
    assert value(table, f"auc_by_history[{first},{last:g}]") == pytest.approx(
        roc_auc_score(frame["target"], frame["score"])
    )
    gap = frame["score"].mean() - frame["target"].mean()
    assert value(table, f"calibration_gap_by_history[{first},{last:g}]") == pytest.approx(gap)


def test_the_stretches_of_the_figure_leave_no_answer_out_and_count_none_twice() -> None:
    assert BINS[0][0] == 1
    assert math.isinf(BINS[-1][1])
    assert all(b[0] == a[1] + 1 for a, b in itertools.pairwise(BINS))


def test_ids_hold_both_ends() -> None:
    assert auc_by_history().id == "auc_by_history[1,2]"
    assert find("auc_by_history[101,inf]").id == "auc_by_history[101,inf]"
    assert calibration_gap_by_history(3, 5).id == "calibration_gap_by_history[3,5]"


def test_first_attempts_are_the_first_on_each_skill(by_hand: Callable[..., Predictions]) -> None:
    table = by_hand({"ann": {"add": "10", "sub": "01"}, "bob": {"add": "01", "sub": "1"}})
    table = Predictions(table.frame.assign(score=[0.9, 0.1, 0.2, 0.3, 0.4, 0.1, 0.8]))
    frame = table.frame.iloc[[0, 2, 4, 6]]
    assert value(table, auc_by_opportunity().id) == roc_auc_score(frame["target"], frame["score"])


def test_no_such_answers_are_said() -> None:
    table = Predictions(
        pd.DataFrame({"fold": 0, "example": [0, 1], "unit": ["a", "b"], "target": [1.0, 0.0], "score": 0.5, "step": 0})
    )
    statistic = find("calibration_gap_by_history[3,5]").statistic(table)
    assert np.isnan(statistic.at(np.ones((1, 2)))).all()
    assert statistic.why(np.ones(2)) == "no learner has so many answers"
