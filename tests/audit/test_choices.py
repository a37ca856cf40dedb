import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from attain.audit.capacity import Capacity, flag_highest
from attain.audit.choices import SHOWN, cheapest, choices_of, cost, curve_of
from attain.audit.findings import audit
from attain.audit.policy import Calls, Policy, Prices
from attain.audit.rows import AuditRows, audit_rows
from attain.audit.suppression import SHOW_ALL

PARTS = {  # of flagged and others, with the outcome and without: what a rate counts, and among whom
    "false_positive_rate": ([(1, 0)], [(1, 0), (0, 0)]),
    "false_negative_rate": ([(0, 1)], [(0, 1), (1, 1)]),
    "false_discovery_rate": ([(1, 0)], [(1, 0), (1, 1)]),
    "selection_rate": ([(1, 0), (1, 1)], [(1, 0), (1, 1), (0, 0), (0, 1)]),
}
OPEN = Policy(smallest=0, by=["gender"])


def people(seed: int, sizes: list[int]) -> AuditRows:
    """Learners by gender and age, so many of each of the six pairs; scores tell something of the outcome."""
    rng = np.random.default_rng(seed)
    pair = np.repeat(np.arange(6), sizes)
    target = rng.random(len(pair)) < 0.2 + 0.1 * (pair % 4)
    names = [f"l{i:04}" for i in range(len(pair))]
    score = rng.permutation(len(pair)) / len(pair) / 2 + 0.4 * target
    frame = pd.DataFrame({"unit": names, "target": target * 1.0, "score": score})
    cohorts = pd.DataFrame(
        {"gender": np.array(["F", "M", "X"])[pair // 2], "age": np.array(["a", "b"])[pair % 2]}, names
    )
    return audit_rows(frame, cohorts, by=["gender", "age", "gender*age"])


def shown_curve(rows: AuditRows, policy: Policy) -> list[dict]:
    """The curve where nothing of the policy's own capacity is hidden."""
    return curve_of(rows, policy, SHOW_ALL, choices_of(rows, policy, SHOW_ALL))


def test_each_choice_counts_whom_its_flags_find_and_miss(world: Callable) -> None:
    rows = world(1, n=900).rows(["gender"], stratum=None)
    policy = Policy(smallest=0, capacity={"count": 80})
    found = choices_of(rows, policy, SHOW_ALL)
    assert [(one["rule"], one["own"]) for one in found] == [
        ("the highest scores: 40 in all", False),
        ("the highest scores: 80 in all", True),
        ("the highest scores: 160 in all", False),
    ]
    for one, size in zip(found, (40, 80, 160), strict=True):
        flag = flag_highest(rows, Capacity(count=size)).flag
        for code, cohort in enumerate(one["tables"][1]["cohorts"]):
            here = rows.cohorts["gender"].code == code
            vain, missed = (cohort["rates"][name] for name in SHOWN)
            assert vain["n"] == (flag & here).sum()
            assert vain["count"] == (flag & here & (rows.target == 0)).sum()
            assert (missed["count"], missed["n"]) == ((~flag & here & rows.target).sum(), (here & rows.target).sum())


def test_choices_at_equal_capacity_flag_equally_many_but_not_the_same_cohorts(world: Callable) -> None:
    rows = world(1, n=4000, of_course=0.7).rows(["gender"])
    of_all, of_each = (
        next(one for one in choices_of(rows, policy, SHOW_ALL) if one["own"])["tables"]
        for policy in (Policy(capacity={"share": 0.2}), Policy(capacity={"share": 0.2, "per_course": True}))
    )
    flagged = [tables[0]["cohorts"][0]["rates"]["false_discovery_rate"]["n"] for tables in (of_all, of_each)]
    vain = [tables[1]["cohorts"][0]["rates"]["false_discovery_rate"]["count"] for tables in (of_all, of_each)]
    assert abs(flagged[0] - flagged[1]) <= 4
    assert vain[0] > 1.2 * vain[1]


class Reader:
    """Who knows all that is shown, and that those whom a capacity flags are flagged by every larger one."""

    def __init__(self, rows: AuditRows, flags: list[np.ndarray]) -> None:
        self.rows, self.sizes = rows, sorted({int(flag.sum()) for flag in flags})
        self.shape = (3, 2, len(self.sizes) + 1, 2)
        self.left: list[np.ndarray] = []
        self.right: list[float] = []
        self.few: list[np.ndarray] = []

    def mask(self, values: dict[str, str], size: int, cells: list[tuple[int, int]]) -> np.ndarray:
        """Where (flagged, had the outcome) is one of the cells, if so many are flagged."""
        out, flagged = np.zeros(self.shape), self.sizes.index(size) + 1
        for g, a, band, had in np.ndindex(self.shape):
            here = values.get("gender", "FMX"[g]) == "FMX"[g] and values.get("age", "ab"[a]) == "ab"[a]
            out[g, a, band, had] = here and (int(band < flagged), had) in cells
        return out.ravel()

    def read(self, values: dict[str, str], rates: dict[str, dict], size: int) -> None:
        for name, rate in rates.items():
            for key, cells in zip(("count", "n"), PARTS[name], strict=True):
                if key in rate:
                    self.left.append(self.mask(values, size, cells))
                    self.right.append(rate[key])
            if {"under", "over"} & set(rate):
                top, bottom = PARTS[name]
                cells = top if "under" in rate else [cell for cell in bottom if cell not in top]
                self.few.append(self.mask(values, size, cells))

    def most(self, wanted: np.ndarray) -> float:
        bound = {"A_ub": np.array(self.few), "b_ub": np.full(len(self.few), 2)} if self.few else {}
        equal = {"A_eq": np.array(self.left), "b_eq": self.right} if self.left else {}
        there = np.ones(self.shape)
        for g, a in np.ndindex(3, 2):
            both = (self.rows.cohorts["gender"].code == g) & (self.rows.cohorts["age"].code == a)
            there[g, a] = both.any()
        limits = np.column_stack([np.zeros(there.size), 5000 * there.ravel()])
        return -linprog(-wanted, **equal, **bound, bounds=limits).fun


@given(
    seed=st.integers(0, 1000),
    sizes=st.lists(st.sampled_from([2, 5, 12, 25, 40, 90]), min_size=6, max_size=6),
    count=st.sampled_from([12, 20, 30, 60]),
    names=st.permutations(list(PARTS)),
    wanted=st.integers(1, 4),
)
@example(seed=0, sizes=[2, 2, 5, 40, 12, 25], count=60, names=list(PARTS), wanted=1)  # a step at a hidden choice
@example(seed=1, sizes=[2, 5, 90, 40, 25, 2], count=20, names=["false_positive_rate", "selection_rate"], wanted=2)
@settings(max_examples=12, deadline=None)
def test_nobody_between_two_choices_can_be_worked_out(
    seed: int, sizes: list[int], count: int, names: list[str], wanted: int
) -> None:
    rows = people(seed, sizes)
    policy = Policy(capacity={"count": count}, metrics=names[:wanted], replicates=100)
    own = flag_highest(rows, policy.flags).flag
    numbers = audit(rows, own, policy.rates, policy.rules(0.1))
    choices = json.loads(json.dumps(choices_of(rows, policy, numbers.hidden)))
    curve = curve_of(rows, policy, numbers.hidden, choices)
    flags = [flag_highest(rows, Capacity(count=int(one["rule"].split()[3]))).flag for one in choices]
    steps = [flag_highest(rows, Capacity(count=point["flagged"])).flag for point in curve]
    reader, without = (Reader(rows, [own, *flags, *steps]) for _ in range(2))
    for one in (reader, without):
        for table in numbers.tables:
            for cohort in table["cohorts"]:
                one.read(cohort["values"], cohort["rates"], int(own.sum()))
        one.read({}, numbers.readings, int(own.sum()))
    for point in curve:
        for key, cell in (("found", (1, 1)), ("in_vain", (1, 0)), ("missed", (0, 1))):
            reader.left.append(reader.mask({}, point["flagged"], [cell]))
            reader.right.append(point[key])
    for choice, flag in zip(choices, flags, strict=True):
        for table in choice["tables"]:
            for cohort in table["cohorts"]:
                reader.read(cohort["values"], cohort["rates"], int(flag.sum()))
    for values in [{"gender": "X"}, {"gender": "M"}, {"age": "a"}, {"gender": "X", "age": "b"}]:
        here = np.array([all(rows.cohorts[k].levels[c[k]] == (v,) for k, v in values.items()) for c in codes(rows)])
        for small, large in zip([np.zeros(len(rows), bool), *flags], flags, strict=False):
            size = int((here & large & ~small).sum())
            group = reader.mask(values, int(large.sum()), [(1, 0), (1, 1)])
            if small.any():
                group = group - reader.mask(values, int(small.sum()), [(1, 0), (1, 1)])
            if 0 < size < 10:
                target = min(max(10, size + 5), without.most(group))
                assert reader.most(group) >= target - 1e-6, (values, size)


def codes(rows: AuditRows) -> list[dict[str, int]]:
    return [
        {"gender": int(g), "age": int(a)}
        for g, a in zip(rows.cohorts["gender"].code, rows.cohorts["age"].code, strict=True)
    ]


def test_the_curve_counts_whom_each_number_of_calls_finds_and_misses(world: Callable) -> None:
    rows = world(3, n=400).rows([], stratum=None)
    curve = shown_curve(rows, Policy(costs={"missed": 5, "in_vain": 1, "call": 0.25}))
    assert [point["flagged"] for point in curve] == list(range(20, 401, 20))
    for point in curve:
        flag = flag_highest(rows, Capacity(count=point["flagged"])).flag
        assert point["found"] == (flag & (rows.target == 1)).sum() == point["flagged"] - point["in_vain"]
        assert point["missed"] == (~flag & (rows.target == 1)).sum()
        assert point["cost"] == 5 * point["missed"] + point["in_vain"] + 0.25 * point["flagged"]
    least = min(point["cost"] for point in curve)
    assert {point["flagged"] for point in curve if point["cost"] == least} >= set(cheapest(curve))


def test_what_scores_meant_between_two_points_follows_from_their_counts(world: Callable) -> None:
    curve = shown_curve(world(3, n=400).rows([], stratum=None), Policy())
    before = {"flagged": 0, "found": 0, "between": {"score": 1.0}}
    for point in curve:
        own, n = point["between"], point["flagged"] - before["flagged"]
        assert own["n"] == n
        assert own["share"] == pytest.approx((point["found"] - before["found"]) / n, abs=1e-4)
        assert own["low"] <= own["share"] <= own["high"]
        assert own["low"] < own["high"]
        assert 0 < own["score"] <= before["between"]["score"]
        before = point


def test_a_step_a_few_people_from_a_choice_is_left_out(world: Callable) -> None:
    rows = world(3, n=400).rows([], stratum=None)
    curve = shown_curve(rows, Policy(capacity={"count": 83}))
    assert [point["flagged"] for point in curve] == [n for n in range(20, 401, 20) if n not in (40, 80, 160)]


def test_steps_that_would_tell_of_few_are_left_out(world: Callable) -> None:
    curve = shown_curve(world(3, n=60).rows([], stratum=None), Policy())
    flagged = [point["flagged"] for point in curve]
    assert all(b - a >= 10 for a, b in zip([0, *flagged], flagged, strict=False))
    assert 0 < len(flagged) <= 6


@pytest.mark.parametrize(("prices", "end"), [({"missed": 1, "in_vain": 0}, -1), ({"missed": 0, "in_vain": 1}, 0)])
def test_what_costs_nothing_is_done_as_much_as_can_be(world: Callable, prices: dict, end: int) -> None:
    curve = shown_curve(world(n=400).rows([], stratum=None), Policy(costs=prices))
    assert cheapest(curve)[end] == curve[end]["flagged"]
    assert cost(curve[end], Prices(**prices)) == curve[end]["cost"]
    assert cheapest(shown_curve(world(n=400).rows([], stratum=None), Policy())) is None


def test_whom_few_capacities_tell_apart_is_told_for_the_policys_own_alone(world: Callable) -> None:
    found = choices_of(world(n=200).rows(["age"], stratum=None), Policy(capacity=Calls(count=8)), SHOW_ALL)
    assert [one["own"] for one in found] == [True]
