"""Mantel-Haenszel against a table worked out by hand, its null distribution, and statsmodels where it is installed."""

import numpy as np
import pytest
from scipy.stats import binom

from attain.data.simulate.exposure import exposed
from attain.metrics.items.dif import DELTA, mantel_haenszel, strata, tables

TABLE = np.array([[[30.0, 10], [20, 20]], [[38, 2], [30, 10]], [[12, 18], [5, 25]]])


def test_a_table_worked_out_by_hand() -> None:
    up = 30 * 20 / 80 + 38 * 10 / 80 + 12 * 25 / 60
    down = 10 * 20 / 80 + 2 * 30 / 80 + 18 * 5 / 60
    found = mantel_haenszel(TABLE)
    assert found.odds == pytest.approx(up / down)
    assert found.delta == pytest.approx(DELTA * np.log(up / down))
    expected = sum((t[0].sum() * t[:, 0].sum()) / t.sum() for t in TABLE)
    variance = sum(
        t[0].sum() * t[1].sum() * t[:, 0].sum() * t[:, 1].sum() / (t.sum() ** 2 * (t.sum() - 1)) for t in TABLE
    )
    statistic = (abs(TABLE[:, 0, 0].sum() - expected) - 0.5) ** 2 / variance
    from scipy.stats import chi2

    assert found.p == pytest.approx(chi2.sf(statistic, 1))
    assert found.size == "C"


def test_statsmodels_says_the_same() -> None:
    stratified = pytest.importorskip("statsmodels.stats.contingency_tables", reason="statsmodels is not installed")
    peer = stratified.StratifiedTable(np.moveaxis(TABLE, 0, 2))
    found = mantel_haenszel(TABLE)
    assert found.odds == pytest.approx(peer.oddsratio_pooled)
    assert found.se == pytest.approx(abs(DELTA) * peer.logodds_pooled_se)
    assert found.p == pytest.approx(peer.test_null_odds(correction=True).pvalue)


def test_with_one_stratum_the_error_is_woolfs() -> None:
    """Robins, Breslow & Greenland's variance of one table is the sum of the reciprocals of its cells."""
    found = mantel_haenszel(TABLE[:1])
    assert found.se == pytest.approx(abs(DELTA) * np.sqrt(1 / 30 + 1 / 10 + 1 / 20 + 1 / 20))


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ([[[5.0, 5], [0, 0]], [[0, 0], [3, 4]]], "no stratum"),
        ([[[5.0, 0], [3, 4]]], "always or never right"),
        (np.zeros((0, 2, 2)), "no stratum"),
    ],
)
def test_where_nothing_can_be_compared_the_reason_is_said(table: object, why: str) -> None:
    found = mantel_haenszel(np.asarray(table))
    assert (found.odds, found.size) == (None, None)
    assert why in found.reason


def test_sizes_are_those_of_ets() -> None:
    def size(odds: float, n: int) -> str | None:
        right = n * odds / (1 + odds)
        return mantel_haenszel(np.array([[[right, n - right], [n / 2, n / 2]]])).size

    assert size(1.0, 5000) == "A"
    assert size(1.4, 5000) == "A"  # delta 0.79, however sure
    assert size(1.75, 5000) == "B"  # delta 1.32
    assert size(2.5, 5000) == "C"  # delta 2.15
    assert size(2.5, 20) == "A"  # not significant
    assert size(2.0, 200) == "B"  # delta 1.63, but not clearly above 1


def test_without_a_difference_hardly_any_item_is_large_and_p_values_hold() -> None:
    large, small_p, seen = 0, 0, 0
    for seed in range(3):
        world = exposed(np.random.default_rng(seed), learners=400, items=30, answers=15, width=1.0)
        for item in range(30):
            own = world.item == item
            ability = world.ability[world.learner[own]]
            found = mantel_haenszel(tables(world.correct[own], world.focal[world.learner[own]], strata(ability)))
            seen += 1
            large += found.size == "C"
            small_p += (found.p if found.p is not None else 1) < 0.05
    assert seen == 90
    assert large <= 2
    assert small_p <= binom.ppf(0.9999, 90, 0.05)


def test_an_item_that_is_harder_for_a_cohort_is_found_and_its_sign_is_below_zero() -> None:
    harder = np.zeros(20)
    harder[3] = 1.5
    world = exposed(np.random.default_rng(0), learners=600, items=20, answers=20, by="lot", harder_for_focal=harder)
    own = world.item == 3
    ability = world.ability[world.learner[own]]
    found = mantel_haenszel(tables(world.correct[own], world.focal[world.learner[own]], strata(ability)))
    assert found.size == "C"
    assert found.delta is not None
    assert found.delta < -1.5
