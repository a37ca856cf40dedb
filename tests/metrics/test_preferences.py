"""Bradley-Terry strengths against scipy's maximiser, a closed form, and simulated judges."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.stats import binomtest

from attain.metrics.preferences import PRIOR, bradley_terry, components, preferences

NAMES = ["a", "b", "c", "d"]


def judgements(
    strength: NDArray[np.float64], n: int, seed: int = 0, *, first_bonus: float = 0.0
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.int64]]:
    generator = np.random.default_rng(seed)
    pairs = np.array([generator.permutation(len(strength))[:2] for _ in range(n)])
    chance = 1 / (1 + np.exp(strength[pairs[:, 1]] - strength[pairs[:, 0]] - first_bonus))
    won = (generator.random(n) < chance).astype(float)
    won[generator.random(n) < 0.1] = 0.5
    return pairs[:, 0], pairs[:, 1], won, generator.integers(0, 40, n)


@pytest.mark.parametrize("prior", [0.0, PRIOR, 2.0])
def test_strengths_are_those_that_scipy_finds_most_likely(prior: float) -> None:
    wins = np.random.default_rng(4).integers(1, 12, (4, 4)).astype(float)
    np.fill_diagonal(wins, 0)

    def unlikely(logs: NDArray[np.float64]) -> float:
        apart = logs[:, None] - logs
        own = prior / 2 * (np.logaddexp(0, -logs) + np.logaddexp(0, logs)).sum()
        return float((wins * np.logaddexp(0, -apart)).sum() + own + (logs.mean() ** 2 if prior == 0 else 0))

    best = minimize(unlikely, np.zeros(4), tol=1e-12).x
    assert bradley_terry(wins[None], prior)[0] == pytest.approx(best - best.mean(), abs=1e-4)


def test_two_systems_have_the_closed_form_the_log_odds_of_winning() -> None:
    logs = bradley_terry(np.array([[[0, 30], [10, 0]]], dtype=float), 0)[0]
    assert logs[0] - logs[1] == pytest.approx(np.log(3))


def test_known_strengths_lie_in_their_intervals_and_come_in_order() -> None:
    truth = np.array([0.9, 0.3, -0.3, -0.9])
    found = preferences(*judgements(truth, 1200), NAMES, replicates=300)
    assert [s.system for s in found.strengths] == NAMES
    ends = [(s.low or 0.0, s.high or 0.0) for s in found.strengths]
    assert sum(low < true < high for (low, high), true in zip(ends, truth, strict=True)) >= 3
    assert found.unclear == ()
    assert found.n == 1200
    assert found.ties == pytest.approx(120, abs=40)
    assert sum(s.wins for s in found.strengths) == 1200
    assert sum(s.n for s in found.strengths) == 2400


def test_the_order_of_judgements_does_not_matter() -> None:
    first, second, won, unit = judgements(np.array([0.5, 0, -0.5]), 300)
    shuffled = np.random.default_rng(1).permutation(300)
    one = preferences(first, second, won, unit, NAMES[:3], replicates=0)
    other = preferences(first[shuffled], second[shuffled], won[shuffled], unit[shuffled], NAMES[:3], replicates=0)
    assert [s.value for s in one.strengths] == pytest.approx([s.value for s in other.strengths])


def test_equal_systems_are_told_apart_by_nothing() -> None:
    found = preferences(*judgements(np.zeros(3), 300), NAMES[:3], replicates=300)
    assert len(found.unclear) == 2


def test_an_undefeated_system_is_finite_and_its_strength_is_said_to_be_the_priors() -> None:
    first, second, won = np.array([0, 0, 1, 1]), np.array([1, 2, 2, 2]), np.array([1.0, 1.0, 1.0, 0.0])
    found = preferences(first, second, won, np.arange(4), NAMES[:3], replicates=50)
    assert found.strengths[0].system == "a"
    assert np.isfinite(found.strengths[0].value)
    assert found.notes == (
        "a never lost: only the prior (0.1 judgements against an average system, half of them won) keeps its strength "
        "finite.",
    )


def test_systems_that_no_judgement_connects_have_no_common_scale_and_are_named() -> None:
    found = preferences(np.array([0, 2]), np.array([1, 3]), np.ones(2), np.arange(2), NAMES)
    assert found.strengths == ()
    assert found.reason.endswith("so their strengths have no common scale: a, b; c, d")
    assert components(np.eye(3, dtype=bool)) == [[0], [1], [2]]


def test_a_bias_for_the_first_place_is_found_and_none_is_not() -> None:
    biased = preferences(*judgements(np.zeros(3), 600, first_bonus=0.6), NAMES[:3], replicates=0).position
    fair = preferences(*judgements(np.zeros(3), 600), NAMES[:3], replicates=0).position
    assert biased is not None
    assert fair is not None
    assert biased.low > 0.5
    assert biased.p < 0.001
    assert fair.low < 0.5 < fair.high
    assert fair.n < 600
    test = binomtest(round(fair.share * fair.n), fair.n)
    ends = test.proportion_ci(method="wilson")
    assert [fair.low, fair.high, fair.p] == pytest.approx([ends.low, ends.high, test.pvalue])
    only_ties = preferences(np.array([0]), np.array([1]), np.array([0.5]), np.array([0]), NAMES[:2], replicates=0)
    assert only_ties.position is None
