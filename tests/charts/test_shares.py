import numpy as np
import pytest
from scipy.stats import binomtest

from attain.charts.shares import shares


def test_shares_have_the_wilson_interval_of_their_counts() -> None:
    group = np.array([0, 0, 0, 2, 2, 2, 2])
    facts = shares(group, np.array([1, 0, 1, 1, 1, 1, 1]), 3)
    assert facts.n.tolist() == [3, 0, 4]
    assert facts.share.tolist() == pytest.approx([2 / 3, np.nan, 1], nan_ok=True)
    for place, right in ((0, 2), (2, 4)):
        peer = binomtest(right, int(facts.n[place])).proportion_ci(method="wilson")
        assert (facts.low[place], facts.high[place]) == pytest.approx((peer.low, peer.high))
    assert np.isnan(facts.low[1])
