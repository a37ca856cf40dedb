import json

import numpy as np
import pandas as pd
import pytest

from attain.audit.drift import drift
from attain.core.errors import UserError


def numbers(seed: int, n: int, shift: float = 0.0) -> pd.Series:
    return pd.Series(np.random.default_rng(seed).normal(shift, 1, n), name="clicks")


def test_the_index_is_that_of_the_reference_deciles() -> None:
    before, now = numbers(0, 1000), numbers(1, 400, 0.3)
    found = drift(before, now)
    edges = np.array(found.bins[:-1], dtype=float)
    assert np.diff(np.searchsorted(np.sort(before), edges, "right"), prepend=0).tolist() == [100] * 9
    old, new = (np.bincount(np.searchsorted(edges, side), minlength=10) / len(side) for side in (before, now))
    assert found.value == pytest.approx(((new - old) * np.log(new / old)).sum())
    assert found.before == pytest.approx(tuple(old))
    assert found.p < 0.01


def test_terms_that_do_not_differ_are_within_what_chance_makes_in_95_of_100() -> None:
    p = [drift(numbers(i, 500), numbers(1000 + i, 300), draws=200).p for i in range(100)]
    assert sum(one < 0.05 for one in p) <= 12
    assert np.mean(p) == pytest.approx(0.5, abs=0.1)


def test_missing_values_and_many_equal_ones_have_their_own_bins() -> None:
    before = pd.Series([0.0] * 70 + list(range(1, 21)) + [np.nan] * 10, name="clicks")
    found = drift(before, before.iloc[::-1], smallest=0)
    assert found.value == 0
    assert found.bins[0] == 0.0
    assert found.bins[-1] == "(unknown)"
    assert found.before[0] == 0.7
    assert found.before[-1] == pytest.approx(0.1)


def test_a_word_that_is_new_counts_though_it_never_occurred_before() -> None:
    before = pd.Series(["a"] * 50 + ["b"] * 50, name="region")
    found = drift(before, pd.Series(["a"] * 50 + ["c"] * 50, name="region"))
    assert found.bins == ("a", "b", "c")
    assert found.value > 1
    assert np.isfinite(found.value)


def test_shares_with_few_rows_behind_them_are_not_shown() -> None:
    found = drift(pd.Series(["a"] * 96 + ["b"] * 4, name="x"), pd.Series(["a"] * 100, name="x"))
    assert (found.before, found.now) == ((), ())
    assert found.reason.startswith("not shown")
    assert json.dumps(found.to_dict(), allow_nan=False)


def test_what_cannot_be_compared_says_why() -> None:
    with pytest.raises(UserError, match="'clicks': there is no row before"):
        drift(numbers(0, 0), numbers(0, 5))
    names = pd.Series([f"town {i}" for i in range(60)], name="town")
    with pytest.raises(UserError, match="'town' has 60 different values"):
        drift(names, names)
