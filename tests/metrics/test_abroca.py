"""The area between ROC curves against scikit-learn's curves on a fine grid, and its test against chance."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score, roc_curve

from attain.core.table import Predictions
from attain.metrics.abroca import OTHERS, abroca

Simulate = Callable[..., Predictions]


def cohorts_of(table: Predictions, levels: list[str], seed: int = 0) -> pd.DataFrame:
    drawn = np.random.default_rng(seed).choice(levels, len(table.units))
    return pd.DataFrame({"gender": drawn}, index=pd.Index(table.units))


def on_a_grid(frame: pd.DataFrame, mask: pd.Series) -> float:
    grid = np.linspace(0, 1, 200_001)
    curves = []
    for part in (frame[mask], frame[~mask]):
        fpr, tpr, _ = roc_curve(part["target"], part["score"], drop_intermediate=False)
        curves.append(np.interp(grid, fpr, tpr))
    return float(np.trapezoid(np.abs(curves[0] - curves[1]), grid))


@pytest.mark.parametrize("digits", [1, 6])
def test_the_area_is_that_between_scikit_learns_curves(simulate: Simulate, digits: int) -> None:
    table = simulate(learners=80, digits=digits)
    cohorts = cohorts_of(table, ["F", "M"])
    (found,) = abroca(table, cohorts, shuffles=50)
    mask = table.frame["unit"].map(cohorts["gender"]) == "F"
    assert found.names == ("F", "M")
    assert found.value == pytest.approx(on_a_grid(table.frame, mask), abs=2e-5)
    assert found.aucs == pytest.approx(
        [roc_auc_score(table.frame["target"][m], table.frame["score"][m]) for m in (mask, ~mask)]
    )


def test_equal_cohorts_have_a_large_p_and_a_planted_gap_a_small_one(simulate: Simulate) -> None:
    table = simulate(learners=150, digits=6)
    cohorts = cohorts_of(table, ["F", "M"])
    (fair,) = abroca(table, cohorts, shuffles=200)
    assert fair.p is not None
    assert fair.p > 0.05
    mask = (table.frame["unit"].map(cohorts["gender"]) == "F").to_numpy()
    worse = table.frame.assign(score=np.where(mask, np.random.default_rng(1).random(len(mask)), table.frame["score"]))
    (found,) = abroca(Predictions(worse), cohorts, shuffles=200)
    assert found.p == pytest.approx(1 / 201)
    assert found.value is not None
    assert found.by_chance is not None
    assert found.value > found.by_chance
    assert "randomisation p 0.005" in found.note
    assert "missed one time in five" in found.note


def test_of_more_than_two_cohorts_each_stands_against_all_others_and_small_ones_are_left_out(
    simulate: Simulate,
) -> None:
    table = simulate(learners=100, digits=6)
    cohorts = cohorts_of(table, ["A", "B", "C"])
    cohorts.iloc[:4, 0] = "small"
    found = abroca(table, cohorts, shuffles=20)
    assert [one.names for one in found] == [("A", OTHERS), ("B", OTHERS), ("C", OTHERS)]
    assert all(sum(one.n_units) == 96 for one in found)
    assert all(one.p is not None and one.p_holm is not None and one.p <= one.p_holm for one in found)


def test_a_cohort_with_one_class_is_undefined_with_a_reason(simulate: Simulate) -> None:
    table = simulate(learners=60)
    cohorts = cohorts_of(table, ["F", "M"])
    mask = table.frame["unit"].map(cohorts["gender"]) == "F"
    (found,) = abroca(Predictions(table.frame.assign(target=np.where(mask, 1.0, table.frame["target"]))), cohorts)
    assert found.value is None
    assert found.reason == "a cohort's answers are all right, or all wrong"
    assert found.note == ""


def test_one_cohort_alone_is_not_compared(simulate: Simulate) -> None:
    assert abroca(simulate(), cohorts_of(simulate(), ["F"])) == []
