"""A reader who knows all that is shown, and how it was made, tries to work out what is not."""

import json
from collections.abc import Iterator
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from attain.audit.confusion import CohortTable
from attain.audit.rates import RATES, rates
from attain.audit.suppression import NOT_SHOWN, SHOW_ALL, Hidden, SuppressionRule, shown_table, suppress
from attain.core.errors import UserError

ALL = ["false_positive_rate", "false_negative_rate", "false_discovery_rate", "selection_rate"]
GENDER, AGE = ("F", "M", "X"), ("a", "b")
CELL = {"true_positive": 0, "false_positive": 1, "false_negative": 2, "true_negative": 3}
PARTS = {
    "false_positive_rate": ([1], [1, 3]),
    "false_negative_rate": ([2], [0, 2]),
    "recall": ([0], [0, 2]),
    "false_discovery_rate": ([1], [0, 1]),
    "precision": ([0], [0, 1]),
    "selection_rate": ([0, 1], [0, 1, 2, 3]),
}


def tables_of(joint: np.ndarray, *, crossed: bool) -> list[CohortTable]:
    """All tables that are shown of counts by gender, age and cell, shape (3, 2, 4)."""
    levels = [(g, a) for g, a in product(GENDER, AGE)]
    here = [place for place in np.ndindex(3, 2) if joint[place].any()]
    tables = [
        CohortTable((), ((),), joint.sum(axis=(0, 1))[None]),
        CohortTable(("gender",), tuple((g,) for g in GENDER), joint.sum(axis=1)),
        CohortTable(("age",), tuple((a,) for a in AGE), joint.sum(axis=0)),
    ]
    kept = [levels[g * 2 + a] for g, a in here]
    cross = CohortTable(("gender", "age"), tuple(kept), np.array([joint[place] for place in here]).reshape(-1, 4))
    return [*tables, cross] if crossed else tables


def everything_shown(tables: list[CohortTable], hidden: Hidden, names: list[str]) -> list[dict]:
    shown = [shown_table(table, rates(names), hidden, SuppressionRule()) for table in tables]
    return json.loads(json.dumps(shown, allow_nan=False))


def mask(values: dict[str, str], cells: list[int]) -> np.ndarray:
    out = np.zeros((3, 2, 4))
    for g, a in np.ndindex(3, 2):
        if values.get("gender", GENDER[g]) == GENDER[g] and values.get("age", AGE[a]) == AGE[a]:
            out[g, a, cells] = 1
    return out.ravel()


def known(shown: list[dict]) -> tuple[np.ndarray, np.ndarray]:
    """What the JSON says, as equations."""
    left, right = [], []
    for table in shown:
        for cohort in table["cohorts"]:
            for name, rate in cohort["rates"].items():
                for key, cells in zip(("count", "n"), PARTS[name], strict=True):
                    if key in rate:
                        left.append(mask(cohort["values"], cells))
                        right.append(rate[key])
        if len(table["attributes"]) == 2:
            there = [tuple(cohort["values"].values()) for cohort in table["cohorts"]]
            for pair in set(product(GENDER, AGE)) - set(there):
                left.append(mask(dict(zip(("gender", "age"), pair, strict=True)), [0, 1, 2, 3]))
                right.append(0)
    return np.array(left).reshape(-1, 24), np.array(right)


def small(tables: list[CohortTable], shown: list[dict], names: list[str]) -> Iterator[tuple[dict[str, str], str, int]]:
    for table, seen in zip(tables, shown, strict=True):
        for cells, cohort in zip(table.cells, seen["cohorts"], strict=True):
            for name in names:
                size = int(cells[PARTS[name][1]].sum())
                if size < 10 and tables[0].cells[0, PARTS[name][1]].sum():
                    assert cohort["rates"][name] == {"value": None, "reason": NOT_SHOWN}
                    yield cohort["values"], name, size


@given(
    joint=st.lists(st.sampled_from([0, 1, 2, 3, 7, 9, 12, 15, 30, 80]), min_size=24, max_size=24),
    crossed=st.booleans(),
    order=st.permutations([*ALL, "recall", "precision"]),
    wanted=st.integers(1, 6),
)
@settings(max_examples=30)
def test_no_suppressed_cell_can_be_solved_from_everything_shown(
    joint: list[int], crossed: bool, order: list[str], wanted: int
) -> None:
    names = order[:wanted]
    tables = tables_of(np.array(joint).reshape(3, 2, 4), crossed=crossed)
    shown = everything_shown(tables, suppress(tables, rates(names)), names)
    left, right = known(shown)
    for values, name, size in small(tables, shown, names):
        wanted_sum = mask(values, PARTS[name][1])
        if len(left):
            with_it = np.linalg.matrix_rank(np.vstack([left, wanted_sum]))
            assert with_it > np.linalg.matrix_rank(left), (values, name)
        ends = [
            linprog(
                sign * wanted_sum, A_eq=left if len(left) else None, b_eq=right if len(left) else None, bounds=(0, 5000)
            )
            for sign in (1, -1)
        ]
        low, high = ends[0].fun, -ends[1].fun
        assert low <= size + 1e-6
        assert high >= max(10, size + 5) - 1e-6, (values, name, low, high)


def test_a_rate_is_hidden_by_its_own_denominator_and_not_by_the_cohorts_size() -> None:
    tables = tables_of(np.array([[[30, 20, 30, 40]] * 2, [[30, 20, 30, 40]] * 2, [[40, 2, 40, 2]] * 2]), crossed=False)
    hidden = suppress(tables, rates(ALL))
    assert ("gender", 2, "false_positive_rate") in hidden
    assert ("gender", 2, "false_negative_rate") not in hidden


def test_of_a_cohort_the_rates_named_first_are_kept() -> None:
    """Three of 200 women are flagged: what could give that away goes, beginning with the last rate named."""
    joint = np.array([[[2, 1, 60, 140]] * 2, [[50, 50, 50, 50]] * 2, [[50, 50, 50, 50]] * 2])
    first = suppress(tables_of(joint, crossed=False), rates(ALL))
    last = suppress(tables_of(joint, crossed=False), rates(ALL[::-1]))
    assert ("gender", 0, "false_discovery_rate") in first
    assert ("gender", 0, "false_positive_rate") not in first
    assert ("gender", 0, "selection_rate") in first
    assert ("gender", 0, "false_discovery_rate") in last


def test_one_small_cohort_takes_another_with_it() -> None:
    joint = np.array([[[30, 20, 30, 40]] * 2, [[30, 25, 30, 45]] * 2, [[1, 1, 1, 1], [0, 1, 0, 0]]])
    hidden = suppress(tables_of(joint, crossed=False), rates(["selection_rate"]))
    assert set(hidden.places) == {("gender", 0, "selection_rate"), ("gender", 2, "selection_rate")}


def test_a_small_cell_of_a_crossed_table_takes_its_row_and_column_with_it() -> None:
    joint = np.full((3, 2, 4), 30)
    joint[0, 0] = 1
    hidden = suppress(tables_of(joint, crossed=True), rates(["selection_rate"]))
    crossed = {place for place in hidden.places if place[0] == "gender*age"}
    assert len(crossed) == 4
    assert len(hidden.places) == 4


def test_large_cohorts_are_all_shown() -> None:
    assert suppress(tables_of(np.full((3, 2, 4), 50), crossed=True), rates(ALL)) == SHOW_ALL


def test_that_nobody_at_all_was_flagged_is_no_secret() -> None:
    joint = np.zeros((3, 2, 4), dtype=int)
    joint[..., 2:] = 40
    tables = tables_of(joint, crossed=True)
    hidden = suppress(tables, rates(["precision", "selection_rate"]))
    assert hidden == SHOW_ALL
    whole = shown_table(tables[0], rates(["precision"]), hidden, SuppressionRule())
    assert whole["cohorts"][0]["rates"]["precision"]["reason"] == "nobody was flagged"


def test_what_is_shown_is_rounded_as_the_rule_says() -> None:
    table = CohortTable((), ((),), np.array([[13, 8, 30, 60]]))
    shown = shown_table(table, [RATES["precision"]], SHOW_ALL, SuppressionRule(rounding="nearest_5"))
    assert shown["cohorts"][0]["rates"]["precision"] == {"value": 0.62, "low": 0.41, "high": 0.79, "count": 15, "n": 20}


@pytest.mark.parametrize(("count", "rounded"), [(0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10), (13, 15)])
def test_counts_are_rounded_to_the_nearest_five(count: int, rounded: int) -> None:
    assert SuppressionRule(rounding="nearest_5").count(count) == rounded


def test_more_combinations_than_can_be_checked_are_refused() -> None:
    many = [CohortTable((f"a{i}",), tuple((str(v),) for v in range(20)), np.full((20, 4), 5)) for i in range(4)]
    names = tuple(f"a{i}" for i in range(4))
    crossed = CohortTable(names, (("0", "0", "0", "0"),), np.full((1, 4), 100))
    whole = CohortTable((), ((),), np.full((1, 4), 100))
    with pytest.raises(UserError, match="160,000 combinations of values, too many"):
        suppress([whole, *many, crossed], rates(ALL))
