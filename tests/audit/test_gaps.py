from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from fairlearn.metrics import demographic_parity_difference, equalized_odds_difference
from scipy.stats import fisher_exact

from attain.audit.gaps import Gap, gaps
from attain.audit.rates import rates
from attain.audit.rows import audit_rows
from attain.audit.suppression import Hidden

ALL = rates(["false_positive_rate", "false_negative_rate", "false_discovery_rate", "selection_rate"])


def one(found: list[Gap], attribute: str, rate: str, kind: str = "rest", within: str = "") -> Gap:
    (gap,) = [g for g in found if (g.attribute, g.rate, g.kind, g.within) == (attribute, rate, kind, within)]
    return gap


def test_differences_are_those_of_fairlearn(world: Callable) -> None:
    made = world(2, n=3000)
    rows = made.rows(["age"])
    found = gaps(rows, made.flag, ALL)
    age = made.cohorts.loc[made.frame["unit"], "age"].to_numpy()
    peers = {"sensitive_features": age, "y_true": rows.target, "y_pred": made.flag * 1}
    assert one(found, "age", "selection_rate", "range").value == pytest.approx(demographic_parity_difference(**peers))
    odds = one(found, "age", "equalized_odds", "equalized_odds")
    assert odds.value == pytest.approx(equalized_odds_difference(**peers))


def test_the_p_value_of_two_cohorts_is_fishers(world: Callable) -> None:
    made = world(5, n=300, bias=0.5)
    rows = made.rows(["gender"], None)
    gap = one(gaps(rows, made.flag, ALL, replicates=20_000), "gender", "false_positive_rate")
    women = rows.cohorts["gender"].code == 0
    passed = rows.target == 0
    table = [[(passed & (women == w) & (made.flag == f)).sum() for f in (True, False)] for w in (True, False)]
    assert gap.p == pytest.approx(fisher_exact(table).pvalue, abs=0.02)


def test_a_gap_that_is_the_courses_is_none_within_courses(world: Callable) -> None:
    made = world(1, n=6000, of_course=0.7)
    found = gaps(made.rows(["gender"]), made.flag, ALL)
    crude = one(found, "gender", "false_positive_rate")
    within = one(found, "gender", "false_positive_rate", within="course")
    assert crude.value is not None
    assert within.value is not None
    assert (crude.level, crude.value > 0.1, crude.p < 0.005) == ("gender: F", True, True)
    assert abs(within.value) < 0.03
    assert within.low < 0 < within.high


def test_of_two_cohorts_the_one_with_the_higher_rate_is_told_of(world: Callable) -> None:
    made = world(3, bias=1.0)
    found = gaps(made.rows(["gender"]), made.flag, ALL)
    assert all(gap.value > 0 for gap in found if gap.value is not None)
    assert one(found, "gender", "false_positive_rate").level == "gender: F"
    assert one(found, "gender", "false_negative_rate").level == "gender: M"


def test_with_learners_in_several_rows_a_gap_is_less_sure(world: Callable) -> None:
    made = world(4, n=800, bias=0.3)
    fivefold = replace(made, frame=pd.concat([made.frame] * 5), flag=np.tile(made.flag, 5))
    once, often = (
        one(gaps(m.rows(["gender"], None), m.flag, ALL), "gender", "selection_rate") for m in (made, fivefold)
    )
    assert often.value == pytest.approx(once.value)
    assert (often.low, often.high) == pytest.approx((once.low, once.high))
    assert often.p == pytest.approx(once.p, abs=0.03)
    assert often.detectable == pytest.approx(once.detectable, rel=0.02)


def test_hidden_cohorts_are_not_tested_and_nothing_is_told_of_them(world: Callable) -> None:
    made = world(n=1000)
    hidden = Hidden(frozenset({("age", 0, "selection_rate"), ("age", 1, "selection_rate")}))
    found = [g for g in gaps(made.rows(["age"]), made.flag, ALL, hidden=hidden) if g.rate == "selection_rate"]
    for gap in found:
        if gap.level in ("age: 18-24", "age: 25-34"):
            assert (gap.value, gap.p, gap.n, gap.n_rest, gap.here) == (None, None, None, None, None)
            assert gap.reason.startswith("not shown")
    shown = [g for g in found if g.kind == "rest" and not g.within and g.value is not None]
    widest = one(found, "age", "selection_rate", "range")
    assert widest.value == pytest.approx(max(g.here for g in shown) - min(g.here for g in shown))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (None, "there are no others"),
        ([*"F" * 50, *"M" * 50], "everybody had the outcome"),
    ],
)
def test_where_nothing_can_be_compared_the_reason_is_said(values: list[str] | None, words: str) -> None:
    names = [f"l{i}" for i in range(100)]
    frame = pd.DataFrame({"unit": names, "target": [1.0] * 50 + [0.0, 1.0] * 25, "score": 0.5})
    rows = audit_rows(frame, pd.DataFrame({"gender": values}, index=names), by=["gender"])
    found = gaps(rows, np.arange(100) % 3 == 0, rates(["false_positive_rate"]))
    assert {gap.value for gap in found} == {None}
    assert any(words in gap.reason for gap in found)
