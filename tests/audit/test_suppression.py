"""A reader who knows all that is shown, and how it was made, tries to work out what is not."""

import json
from collections.abc import Iterator
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from attain.audit.confusion import CohortTable, cohort_tables
from attain.audit.findings import AuditRules, audit
from attain.audit.rates import RATES, rates
from attain.audit.rows import AuditRows, audit_rows
from attain.audit.shown import FEW_ON_A_SIDE, shown_table
from attain.audit.small_groups import NOT_SHOWN, SuppressionRule
from attain.audit.suppression import SHOW_ALL, Hidden, suppress
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


def known(shown: list[dict]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What the JSON says, as equations, and as sums that are no more than two."""
    left, right, few = [], [], []
    for table in shown:
        for cohort in table["cohorts"]:
            for name, rate in cohort["rates"].items():
                for key, cells in zip(("count", "n"), PARTS[name], strict=True):
                    if key in rate:
                        left.append(mask(cohort["values"], cells))
                        right.append(rate[key])
                few += [mask(cohort["values"], few_of(name, rate))] if {"under", "over"} & set(rate) else []
        if len(table["attributes"]) == 2:
            there = [tuple(cohort["values"].values()) for cohort in table["cohorts"]]
            for pair in set(product(GENDER, AGE)) - set(there):
                left.append(mask(dict(zip(("gender", "age"), pair, strict=True)), [0, 1, 2, 3]))
                right.append(0)
    return np.array(left).reshape(-1, 24), np.array(right), np.array(few).reshape(-1, 24)


def few_of(name: str, rate: dict) -> list[int]:
    """The cells of whom there are fewer than three, if a rate has a bound in place of a value."""
    top, bottom = PARTS[name]
    return top if "under" in rate else sorted(set(bottom) - set(top))


def most(wanted: np.ndarray, left: np.ndarray, right: np.ndarray, few: np.ndarray) -> float:
    """How large a sum can be, for all that a reader knows."""
    equal = {"A_eq": left, "b_eq": right} if len(left) else {}
    bound = {"A_ub": few, "b_ub": np.full(len(few), 2)} if len(few) else {}
    return -linprog(-wanted, **equal, **bound, bounds=(0, 5000)).fun


def bounded(shown: list[dict]) -> Iterator[tuple[dict[str, str], list[int]]]:
    for table in shown:
        for cohort in table["cohorts"]:
            for name, rate in cohort["rates"].items():
                if {"under", "over"} & set(rate):
                    yield cohort["values"], few_of(name, rate)


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
@settings(max_examples=20)
def test_no_suppressed_cell_can_be_solved_from_everything_shown(
    joint: list[int], crossed: bool, order: list[str], wanted: int
) -> None:
    names = order[:wanted]
    tables = tables_of(np.array(joint).reshape(3, 2, 4), crossed=crossed)
    shown = everything_shown(tables, suppress(tables, rates(names)), names)
    left, right, few = known(shown)
    for values, name, size in small(tables, shown, names):
        wanted_sum = mask(values, PARTS[name][1])
        if len(left):
            with_it = np.linalg.matrix_rank(np.vstack([left, wanted_sum]))
            assert with_it > np.linalg.matrix_rank(left), (values, name)
        low, high = (sign * most(sign * wanted_sum, left, right, few) for sign in (-1, 1))
        assert low <= size + 1e-6
        assert high >= max(10, size + 5) - 1e-6, (values, name, low, high)
    for values, cells in bounded(shown):
        assert most(mask(values, cells), left, right, few) >= 2 - 1e-6, (values, cells)


@given(joint=st.lists(st.sampled_from([0, 1, 3, 9, 12, 30, 80]), min_size=24, max_size=24), crossed=st.booleans())
@example([80] * 23 + [3], True)
@settings(max_examples=8)
def test_nothing_in_the_json_of_an_audit_gives_a_suppressed_cell_away(joint: list[int], crossed: bool) -> None:
    """Tables, denominators of the findings, and the outcomes that calibration tells of, taken together."""
    counts = np.array(joint).reshape(3, 2, 4)
    assume(counts.sum() > 0)
    rows, flag = learners(counts, crossed=crossed)
    rules = AuditRules(replicates=50, ranking=True)
    plain = json.loads(json.dumps(audit(rows, flag, rates(ALL), rules).to_dict(rules.suppression), allow_nan=False))
    left, right, few = (list(part) for part in known(plain["tables"]))
    for name, rate in plain["readings"].items():
        left += [mask({}, cells) for key, cells in zip(("count", "n"), PARTS[name], strict=True) if key in rate]
        right += [rate[key] for key in ("count", "n") if key in rate]
    for one in plain["calibration"]:
        if one["n"] is not None:
            left += [mask(cohort(one["level"]), cells) for cells in ([0, 1, 2, 3], [0, 2])]
            right += [one["n"], round(one["n"] * one["mean_target"])]
    for one in plain["findings"]:
        if one["kind"] == "abroca" and one["n"] is not None:  # every learner has one row
            left.append(mask(cohort(one["level"]), [0, 1, 2, 3]))
            right.append(one["n"])
        if one["kind"] == "rest" and one["n"] is not None:
            sizes, tops = (
                mask(cohort(one["level"]), PARTS[one["rate"]][1]),
                mask(cohort(one["level"]), PARTS[one["rate"]][0]),
            )
            rest, rest_tops = (mask({}, PARTS[one["rate"]][part]) - own for part, own in ((1, sizes), (0, tops)))
            left += [sizes, rest, tops, rest_tops]
            right += [one["n"], one["n_rest"], round(one["here"] * one["n"]), round(one["rest"] * one["n_rest"])]
    for values, cells in bounded(plain["tables"]):
        assert most(mask(values, cells), np.array(left), np.array(right), np.array(few)) >= 2 - 1e-6, (values, cells)
    for values, name, size in small(cohort_tables(rows, flag), plain["tables"], ALL):
        wanted = mask(values, PARTS[name][1])
        high = most(wanted, np.array(left), np.array(right), np.array(few))
        assert high >= max(10, size + 5) - 1e-6, (values, name, high)


def cohort(label: str) -> dict[str, str]:
    return {} if label in ("all", "") else dict(pair.split(": ") for pair in label.split(", "))


def learners(joint: np.ndarray, *, crossed: bool) -> tuple[AuditRows, np.ndarray]:
    g, a, cell = (np.repeat(part.ravel(), joint.ravel()) for part in np.indices(joint.shape))
    names = [f"l{i}" for i in range(len(g))]
    frame = pd.DataFrame({"unit": names, "target": (cell % 2 == 0) * 1.0, "score": np.where(cell < 2, 0.8, 0.3)})
    cohorts = pd.DataFrame({"gender": np.array(GENDER)[g], "age": np.array(AGE)[a]}, index=names)
    return audit_rows(frame, cohorts, by=["gender", "age", "gender*age"] if crossed else ["gender", "age"]), cell < 2


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


def test_where_nearly_all_of_few_are_alike_only_a_bound_is_shown() -> None:
    """Of 14 women none is flagged, which tells of each, and the others' counts would give it away; of 22 not."""
    names = ["selection_rate"]
    for women, flagged in (([0, 0, 3, 4], None), ([0, 0, 5, 6], 0)):
        tables = tables_of(np.array([[women] * 2, [[50, 50, 50, 50]] * 2, [[50, 50, 50, 50]] * 2]), crossed=False)
        shown = everything_shown(tables, suppress(tables, rates(names)), names)
        one, *others = (cohort["rates"]["selection_rate"] for cohort in shown[1]["cohorts"])
        assert one.get("count") == flagged
        assert [other["value"] is None for other in others].count(True) == (flagged is None)
        if flagged is None:
            bound = {"value": None, "under": 0.2143, "low": 0.0, "high": 0.3994, "n": 14}
            assert one == bound | {"reason": FEW_ON_A_SIDE}


def test_a_bound_is_not_shown_where_it_would_tell_that_a_denominator_is_small() -> None:
    """That fewer than three women are flagged is the denominator of their false-discovery rate."""
    tables = tables_of(np.array([[[0, 0, 3, 4]] * 2, [[50, 50, 50, 50]] * 2, [[50, 50, 50, 50]] * 2]), crossed=False)
    shown = everything_shown(tables, suppress(tables, rates(ALL)), ALL)
    women = shown[1]["cohorts"][0]["rates"]
    assert women["selection_rate"] == women["false_discovery_rate"] == {"value": None, "reason": NOT_SHOWN}


@pytest.mark.parametrize("rounding", ["exact", "nearest_5"])
def test_what_stands_in_place_of_a_bounded_rate_is_the_same_for_all_that_it_may_be(rounding: str) -> None:
    rule = SuppressionRule(rounding=rounding)
    for side in (0, 3):
        said = set()
        for few in (0, 1, 2):
            cells = [few, 5, 15 - few, 5] if side == 0 else [15 - few, 5, few, 5]
            table = CohortTable((), ((),), np.array([cells]))
            said.add(json.dumps(shown_table(table, rates(["recall"]), suppress([table], rates(["recall"])), rule)))
        assert len(said) == 1
        (one,) = said
        assert ('"under": 0.2, ' if side == 0 else '"over": 0.8, ') in one


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
