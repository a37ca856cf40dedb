from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import MetricFrame, false_negative_rate, false_positive_rate, selection_rate
from sklearn.metrics import precision_score, recall_score

from attain.audit.confusion import CohortTable, cohort_tables, reason, strata_counts
from attain.audit.rates import RATES, rates
from attain.audit.rows import audit_rows
from attain.core.errors import UserError

PEERS = {
    "precision": precision_score,
    "recall": recall_score,
    "false_positive_rate": false_positive_rate,
    "false_negative_rate": false_negative_rate,
    "selection_rate": selection_rate,
}


def by_hand(*cells: list[int]) -> CohortTable:
    return CohortTable(("gender",), tuple((chr(ord("A") + i),) for i in range(len(cells))), np.array(cells))


@pytest.mark.parametrize("by", ["gender", "age", "gender*age"])
@pytest.mark.parametrize("name", PEERS)
def test_rates_are_those_of_fairlearn_where_both_have_one(world: Callable, by: str, name: str) -> None:
    made = world(3, n=1500)
    rows = made.rows([by])
    features = made.cohorts.loc[made.frame["unit"], by.split("*")].reset_index(drop=True)
    peer = MetricFrame(metrics=PEERS[name], y_true=rows.target, y_pred=made.flag * 1, sensitive_features=features)
    whole, table = cohort_tables(rows, made.flag)
    column = table.column(RATES[name])
    assert peer.overall == pytest.approx(whole.column(RATES[name]).value[0])
    for level, value, n in zip(table.levels, column.value, column.n, strict=True):
        if n:
            assert peer.by_group[level if len(level) > 1 else level[0]] == pytest.approx(value)


def test_the_four_counts_add_up_to_all_rows_whose_outcome_is_known(world: Callable) -> None:
    made = world(n=500)
    frame = made.frame.assign(target=made.frame["target"].mask(made.frame.index < 20))
    rows = audit_rows(frame, made.cohorts, by=["gender", "gender*age"], stratum="course")
    for table in cohort_tables(rows, made.flag):
        assert table.cells.sum() == 480
    assert strata_counts(rows, made.flag, rows.cohorts["gender"]).sum() == 480


def test_an_undefined_rate_is_undefined_and_says_why() -> None:
    table = by_hand([0, 0, 0, 9], [3, 0, 5, 0])
    for name, level, words in [
        ("precision", 0, "nobody was flagged"),
        ("recall", 0, "nobody had the outcome"),
        ("false_negative_rate", 0, "nobody had the outcome"),
        ("false_positive_rate", 1, "everybody had the outcome"),
    ]:
        column = table.column(RATES[name])
        assert np.isnan([column.value[level], column.low[level], column.high[level]]).all()
        assert reason(column, level) == words
    assert table.column(RATES["selection_rate"]).value[0] == 0


def test_precision_and_false_discovery_rate_make_up_one() -> None:
    table = by_hand([3, 2, 5, 9], [0, 4, 1, 1])
    for a, b in [("precision", "false_discovery_rate"), ("recall", "false_negative_rate")]:
        assert (table.column(RATES[a]).value + table.column(RATES[b]).value).tolist() == [1, 1]


def test_one_person_is_a_cohort_with_an_interval_that_says_nothing() -> None:
    column = by_hand([1, 0, 0, 0]).column(RATES["precision"])
    assert (column.value[0], column.n[0]) == (1, 1)
    assert column.low[0] < 0.21


def test_a_learner_who_stands_in_many_rows_counts_once_in_the_denominators_learners(world: Callable) -> None:
    made = world(n=800, repeat=True)
    _, table = cohort_tables(made.rows(["gender"]), made.flag)
    column = table.column(RATES["recall"])
    positive = made.frame[made.frame["target"] == 1]
    gender = made.cohorts.loc[positive["unit"], "gender"].to_numpy()
    assert column.learners.tolist() == [positive["unit"][gender == g].nunique() for g in "FM"]
    assert column.n.tolist() == [(gender == g).sum() for g in "FM"]


def test_rows_that_are_all_copies_of_others_make_no_interval_narrower(world: Callable) -> None:
    made = world(n=600)
    once = cohort_tables(made.rows(["gender"]), made.flag)[1].column(RATES["false_positive_rate"])
    twice = replace(made, frame=pd.concat([made.frame, made.frame]), flag=np.tile(made.flag, 2))
    again = cohort_tables(twice.rows(["gender"]), twice.flag)[1].column(RATES["false_positive_rate"])
    assert again.n.tolist() == (2 * once.n).tolist()
    assert again.low.tolist() == pytest.approx(once.low.tolist())
    assert again.high.tolist() == pytest.approx(once.high.tolist())


def test_an_unknown_rate_offers_the_nearest() -> None:
    with pytest.raises(UserError, match="Unknown rate 'false_alarm_rate'"):
        rates(["false_alarm_rate"])
