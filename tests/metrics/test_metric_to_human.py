"""Correlations against scipy's, weighted ones against repeated rows, and levels that disagree on the same data."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from attain.metrics.correlation import COEFFICIENTS, Coefficient, correlate, pearson_of_units
from attain.metrics.metric_to_human import Correlation, Level, correlations, draws

PEERS = {"pearson": stats.pearsonr, "spearman": stats.spearmanr, "kendall_b": stats.kendalltau}


def peer(x: NDArray[np.float64], y: NDArray[np.float64], coefficient: Coefficient) -> float:
    return float(PEERS[coefficient](x, y).statistic)


def pieces(systems: int = 9, prompts: int = 40, seed: int = 0) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    generator = np.random.default_rng(seed)
    human = generator.integers(1, 4, (systems, prompts)).astype(float) + np.linspace(0, 1, systems).round(1)[:, None]
    return (human + generator.normal(0, 2, human.shape)).round(1), human


def found(
    metric: NDArray[np.float64], human: NDArray[np.float64], replicates: int = 20
) -> dict[tuple[Level, str], Correlation]:
    weights = draws(human.shape[1], replicates)
    return {(c.level, c.coefficient): c for c in correlations(metric, human, weights)}


@given(st.integers(0, 10_000), st.sampled_from(get_args(Coefficient)))
def test_weights_are_repeated_rows_and_the_coefficients_are_scipys(seed: int, coefficient: Coefficient) -> None:
    generator = np.random.default_rng(seed)
    x, y = generator.integers(0, 9, 25).astype(float), generator.integers(0, 4, 25).astype(float)
    weights = generator.integers(0, 4, (3, 25)).astype(float)
    drawn = correlate(x, y, coefficient, weights)
    for row, value in zip(weights.astype(int), drawn, strict=True):
        assert value == pytest.approx(peer(np.repeat(x, row), np.repeat(y, row), coefficient), abs=1e-12)
        assert value == pytest.approx(correlate(y, x, coefficient, row[None] * 1.0)[0], abs=1e-12)


@given(st.integers(0, 10_000))
def test_sums_by_prompt_give_what_the_pieces_give_and_nothing_where_a_draw_has_equal_values(seed: int) -> None:
    generator = np.random.default_rng(seed)
    x, y, prompt = generator.random(30).round(3), generator.integers(1, 6, 30).astype(float), np.repeat([0, 1, 2], 10)
    x[:10] = x[0]
    weights = np.array([[1.0, 1, 1], [0, 2, 1], [3, 0, 0], [7, 0, 0]])
    expected = correlate(x, y, "pearson", weights[:, prompt])
    assert np.isnan(expected).tolist() == [False, False, True, True]
    assert pearson_of_units(x, y, prompt, weights) == pytest.approx(expected, nan_ok=True)


def test_finely_graded_values_on_both_sides_are_ranked_alike() -> None:
    x, y = np.random.default_rng(0).normal(0, 1, (2, 100))
    weights = np.random.default_rng(1).integers(0, 3, (2, 100)).astype(float)
    expected = [peer(np.repeat(x, row), np.repeat(y, row), "kendall_b") for row in weights.astype(int)]
    assert correlate(x, y, "kendall_b", weights) == pytest.approx(expected)


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_each_level_is_scipy_on_what_the_level_says(coefficient: Coefficient) -> None:
    metric, human = pieces()
    metric[2, 5] = human[1, 7] = np.nan
    told = ~np.isnan(metric) & ~np.isnan(human)
    of = found(metric, human, replicates=100)
    pooled = of["pooled", coefficient]
    assert pooled.value == pytest.approx(peer(metric[told], human[told], coefficient))
    means = [np.array([v[s][told[s]].mean() for s in range(9)]) for v in (metric, human)]
    assert of["system", coefficient].value == pytest.approx(peer(*means, coefficient))
    each = [peer(metric[told[:, p], p], human[told[:, p], p], coefficient) for p in range(40)]
    assert of["item", coefficient].value == pytest.approx(np.mean(each))
    assert (pooled.n, of["item", coefficient].n, of["system", coefficient].n) == (358, 40, 9)
    for one in of.values():
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.high
        assert (one.p, one.reason) == (None, "")


def test_intervals_are_those_of_prompts_drawn_anew() -> None:
    metric, human = pieces(prompts=30)
    of = found(metric, human, replicates=2000)
    generator = np.random.default_rng(9)
    plain: dict[tuple[str, str], list[float]] = {("pooled", "spearman"): [], ("system", "pearson"): []}
    for _ in range(600):
        drawn = generator.integers(0, 30, 30)
        x, y = metric[:, drawn], human[:, drawn]
        plain["pooled", "spearman"].append(peer(x.ravel(), y.ravel(), "spearman"))
        plain["system", "pearson"].append(peer(x.mean(axis=1), y.mean(axis=1), "pearson"))
    for (level, coefficient), values in plain.items():
        one = of[level, coefficient]  # type: ignore[index]  # the keys above are levels
        assert [one.low, one.high] == pytest.approx(np.quantile(values, [0.025, 0.975]), abs=0.05)


def test_the_same_data_agree_on_systems_and_hardly_on_pieces() -> None:
    generator = np.random.default_rng(2)
    quality = np.linspace(0, 1, 10)[:, None]
    metric, human = (quality + generator.normal(0, 2, (10, 400)) for _ in range(2))
    of = {c.level: c for c in correlations(metric, human, draws(400, 100), ["pearson"])}
    assert (of["system"].value or 0) > 0.8
    assert abs(of["item"].value or 0) < 0.1
    assert abs(of["pooled"].value or 0) < 0.1


@pytest.mark.parametrize("coefficient", COEFFICIENTS)
def test_few_systems_have_a_p_value_of_all_their_orders_and_no_interval(coefficient: Coefficient) -> None:
    human = np.array([[1.0, 2], [2, 3], [3, 4], [4, 5]])
    one = found(human**2, human)["system", coefficient]
    assert (one.low, one.high, one.n) == (None, None, 4)
    assert one.value == pytest.approx(1, abs=0.02)
    assert one.p == pytest.approx(2 / 24)
    assert one.reason == "4 systems are too few for an interval; p is of shuffled systems"


def test_what_is_flat_is_undefined_and_said() -> None:
    metric, human = pieces(prompts=6)
    human[:] = 3
    of = found(metric, human, replicates=20)
    assert {one.value for one in of.values()} == {None}
    assert of["pooled", "pearson"].reason == "all pieces have the same rating"
    assert of["system", "pearson"].reason == "all systems have the same rating"
    assert of["item", "pearson"].reason == "on every prompt all ratings, or all values, are equal"
    human[0, 0] = 2
    item = found(metric, human, replicates=20)["item", "kendall_b"]
    assert (item.n, item.left_out) == (1, 5)
    nothing = found(metric * np.nan, human)["pooled", "spearman"]
    assert (nothing.value, nothing.reason) == (None, "fewer than two pieces have both a value and a rating")
