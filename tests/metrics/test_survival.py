from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time

from attain.metrics._survival import Watched


def observed(seed: int, n: int = 40) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.integers(1, 12, n).astype(float), rng.random(n) < 0.6, rng.integers(0, 5, n).astype(np.int32)


def exact_median(time: np.ndarray, event: np.ndarray) -> float:
    """In fractions, because lifelines takes a share of exactly one half for more than it after rounding."""
    share = Fraction(1)
    for t in np.unique(time[event]):
        share *= 1 - Fraction(int((event & (time == t)).sum()), int((time >= t).sum()))
        if share <= Fraction(1, 2):
            return float(t)
    return float("nan")


@given(seed=st.integers(0, 1000))
@example(seed=965)
@settings(max_examples=15, deadline=None)
def test_the_curve_under_weights_is_that_of_lifelines_on_copies(seed: int) -> None:
    time, event, unit = observed(seed)
    weights = np.random.default_rng(seed).integers(0, 3, 5)
    copies = np.repeat(np.arange(len(time)), weights[unit])
    if not len(copies) or time[copies].max() < 8:
        return
    peer = KaplanMeierFitter().fit(time[copies], event[copies])
    watched, given_weights = Watched.of(time, event, unit), weights[None, :].astype(float)
    assert watched.restricted_mean(8)(given_weights)[0] == pytest.approx(restricted_mean_survival_time(peer, t=8))
    assert watched.reached(5)(given_weights)[0] == pytest.approx(1 - float(peer.predict(5)))
    assert watched.median()(given_weights)[0] == pytest.approx(exact_median(time[copies], event[copies]), nan_ok=True)


def test_beyond_the_last_one_watched_the_mean_is_undefined_unless_all_have_had_the_event() -> None:
    unit = np.zeros(2, dtype=np.int32)
    lost = Watched.of(np.array([2.0, 4.0]), np.array([True, False]), unit)
    gone = Watched.of(np.array([2.0, 4.0]), np.array([True, True]), unit)
    one = np.ones((1, 1))
    assert lost.restricted_mean(4)(one)[0] == 3
    assert np.isnan(lost.restricted_mean(5)(one)[0])
    assert np.isnan(lost.reached(5)(one)[0])
    assert gone.restricted_mean(5)(one)[0] == 3
    assert gone.reached(5)(one)[0] == 1
