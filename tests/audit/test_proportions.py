import numpy as np
import pytest
from scipy.stats import binom, binomtest

from attain.audit.proportions import detectable_gap, newcombe, wilson


@pytest.mark.parametrize(("count", "n"), [(0, 1), (0, 10), (3, 10), (10, 10), (7, 812)])
def test_wilsons_interval_is_that_of_scipy(count: int, n: int) -> None:
    low, high = wilson(count, n)
    peer = binomtest(count, n).proportion_ci(method="wilson")
    assert (float(low), float(high)) == pytest.approx((peer.low, peer.high), abs=1e-12)


def test_wilsons_interval_covers_a_rare_share_where_the_percentile_bootstrap_does_not() -> None:
    counts = np.arange(11)
    low, high = wilson(counts, 10)
    covered = binom.pmf(counts, 10, 0.05)[(low <= 0.05) & (high >= 0.05)].sum()
    assert covered > 0.9  # the percentile bootstrap: 0.383


def test_nobody_has_no_interval() -> None:
    assert np.isnan(wilson(0, 0)).all()


def test_newcombes_interval_is_that_of_the_paper() -> None:
    """Newcombe 1998, table II, example (a), 56/70 against 48/80, method 10."""
    low, high = newcombe(56, 70, 48, 80)
    assert (round(float(low), 4), round(float(high), 4)) == (0.0524, 0.3339)


def test_the_detectable_gap_is_found_in_four_samples_of_five() -> None:
    n, m, share = 300, 900, 0.2
    gap = float(detectable_gap(share, n, m, alpha=0.05))
    rng = np.random.default_rng(0)
    here, rest = rng.binomial(n, share + gap * 0.75, 4000) / n, rng.binomial(m, share - gap * 0.25, 4000) / m
    pooled = (here * n + rest * m) / (n + m)
    z = (here - rest) / np.sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    assert (z > 1.96).mean() == pytest.approx(0.8, abs=0.05)


def test_without_any_success_a_gap_cannot_be_seen_all_the_same() -> None:
    assert detectable_gap(0.0, 12, 400, alpha=0.05) > 0.05
