from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from attain.audit.capacity import Capacity, flag_highest
from attain.audit.equal_capacity import compare_at_capacity
from attain.core.errors import UserError


def noisy(rows: object, seed: int, spread: float = 2.0) -> object:
    noise = np.random.default_rng(seed).normal(0, spread, len(rows))
    return replace(rows, score=1 / (1 + np.exp(-np.log(rows.score / (1 - rows.score)) - noise)))


def test_a_model_does_not_differ_from_itself(world: Callable) -> None:
    rows = world(n=500).rows()
    same = compare_at_capacity(rows, rows, Capacity(count=50))
    assert (same.found, same.agreed, same.verdict) == (0, 50, "no clear difference")
    assert same.recall_difference == (0, 0, 0)


def test_a_model_that_finds_more_at_the_same_workload_is_named(world: Callable) -> None:
    rows = world(n=4000).rows()
    worse = noisy(rows, 0)
    result = compare_at_capacity(rows, worse, Capacity(share=0.1))
    assert result.flagged == (400, 400)
    hits = [(flag_highest(r, Capacity(share=0.1)).flag & (r.target == 1)).sum() for r in (rows, worse)]
    assert result.found == hits[0] - hits[1]
    assert result.precision == pytest.approx((hits[0] / 400, hits[1] / 400))
    assert result.recall == pytest.approx(tuple(h / (rows.target == 1).sum() for h in hits))
    assert result.verdict == "a finds more"
    assert compare_at_capacity(worse, rows, Capacity(share=0.1)).verdict == "b finds more"


def test_the_interval_holds_no_difference_in_95_of_100_worlds(world: Callable) -> None:
    held = 0
    for seed in range(100):
        rows = world(seed, n=500).rows()
        low, high = compare_at_capacity(
            noisy(rows, 1), noisy(rows, 2), Capacity(count=60), replicates=300
        ).recall_difference[1:]
        held += low <= 0 <= high
    assert held >= 88


def test_learners_in_several_rows_widen_the_interval(world: Callable) -> None:
    rows = world(3, n=400).rows()
    a, b = noisy(rows, 1), noisy(rows, 2)

    def fourfold(one: object) -> object:
        parts = {name: np.tile(getattr(one, name), 4) for name in ("target", "score", "unit")}
        stratum = replace(one.stratum, levels=tuple((str(i),) for i in range(4)), code=np.repeat(np.arange(4), 400))
        return replace(one, **parts, stratum=stratum)

    once = compare_at_capacity(a, b, Capacity(share=0.2)).recall_difference
    often = compare_at_capacity(fourfold(a), fourfold(b), Capacity(share=0.2)).recall_difference
    assert often[2] - often[1] == pytest.approx(once[2] - once[1], rel=0.25)


def test_nobody_flagged_or_at_risk_is_no_difference_but_undefined(world: Callable) -> None:
    rows = world(n=50).rows()
    none = compare_at_capacity(rows, noisy(rows, 0), Capacity(count=0))
    assert (none.precision, none.precision_difference) == (None, None)
    healthy = replace(rows, target=np.zeros(50, dtype=np.int8))
    assert compare_at_capacity(healthy, noisy(healthy, 0), Capacity(count=5)).verdict.startswith("cannot tell")


def test_other_rows_are_refused(world: Callable) -> None:
    with pytest.raises(UserError, match="different rows"):
        compare_at_capacity(world(0, n=50).rows(), world(1, n=50).rows(), Capacity(count=5))
