"""Estimates of a policy's value from another's log: formulas by hand, truth by simulation, and when none is given."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from attain.metrics.off_policy import Decisions, _Table, judge

Floats = NDArray[np.float64]


def decisions(
    rewards: list[list[float]],
    propensity: list[list[float]],
    target: list[list[float]],
    q: list[list[float]] | None = None,
    v: list[list[float]] | None = None,
) -> Decisions:
    parts = (rewards, propensity, target, q, v)
    flat = [None if part is None else np.array([x for own in part for x in own], dtype=float) for part in parts]
    start = np.concatenate([[0], np.cumsum([len(own) for own in rewards])]).astype(np.int64)
    assert flat[0] is not None
    assert flat[1] is not None
    assert flat[2] is not None
    return Decisions(start, flat[0], flat[1], flat[2], flat[3], flat[4], np.arange(len(rewards)))


THREE = decisions(
    rewards=[[1, 0], [0, 1], [1]],
    propensity=[[0.5, 0.5], [0.25, 0.5], [0.5]],
    target=[[1.0, 0.5], [0.25, 1.0], [0.25]],
    q=[[0.9, 0.4], [0.8, 0.6], [0.7]],
    v=[[0.8, 0.5], [0.8, 0.5], [0.6]],
)
"""Weights: learner 1: 2, 2; learner 2: 1, 2; learner 3: .5 (and .5 after its end)."""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("observed", (1 + 1 + 1) / 3),
        ("ips", (2 * 1 + 2 * 1 + 0.5 * 1) / 3),
        ("snips", (2 * 1 + 2 * 1 + 0.5 * 1) / (2 + 2 + 0.5)),
        ("pdis", ((2 * 1 + 2 * 0) + (1 * 0 + 2 * 1) + 0.5 * 1) / 3),
        ("wpdis", (2 * 1 + 1 * 0 + 0.5 * 1) / (2 + 1 + 0.5) + (2 * 0 + 2 * 1 + 0) / (2 + 2 + 0.5)),
        ("dm", (0.8 + 0.8 + 0.6) / 3),
        (
            "dr",
            (
                (0.8 + 2 * (1 + (0.5 + 1 * (0 - 0.4)) - 0.9))
                + (0.8 + 1 * (0 + (0.5 + 2 * (1 - 0.6)) - 0.8))
                + (0.6 + 0.5 * (1 - 0.7))
            )
            / 3,
        ),
    ],
)
def test_three_learners_worked_by_hand(name: str, expected: float) -> None:
    assert _Table(THREE).at(name, np.ones((1, 3)))[0] == pytest.approx(expected)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1).map(np.random.default_rng))
def test_the_logging_policy_itself_is_worth_what_was_observed(generator: np.random.Generator) -> None:
    lengths = generator.integers(1, 6, 80)
    p = [generator.uniform(0.2, 1, n).tolist() for n in lengths]
    r = [generator.normal(size=n).tolist() for n in lengths]
    found = judge(decisions(r, p, p), replicates=50)
    assert found.identifiable
    assert found.overlap.ess == pytest.approx(80)
    for one in found.estimates:
        assert one.value == pytest.approx(found.observed)
        assert one.gain == pytest.approx(0)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 2**32 - 1).map(np.random.default_rng))
def test_a_self_normalised_estimate_lies_within_the_rewards(generator: np.random.Generator) -> None:
    p, e = generator.uniform(0.1, 1, (50, 3)), generator.uniform(0, 1, (50, 3))
    r = generator.uniform(2, 5, (50, 3))
    table = _Table(decisions(r.tolist(), p.tolist(), e.tolist()))
    low, high = r.sum(axis=1).min(), r.sum(axis=1).max()
    assert low - 1e-9 <= table.at("snips", np.ones((1, 50)))[0] <= high + 1e-9


def world(n: int, horizon: int, *, seed: int, sharp: float = 2.0) -> tuple[Decisions, float]:
    """A log of a uniform policy over four actions, and the true value of a policy that prefers the better ones.

    An action succeeds with .2, .4, .6 or .8; the judged policy takes it in proportion to exp(sharp * that).
    """
    generator = np.random.default_rng(seed)
    chance = np.array([0.2, 0.4, 0.6, 0.8])
    wanted = np.exp(sharp * chance)
    wanted /= wanted.sum()
    action = generator.integers(4, size=(n, horizon))
    reward = (generator.random((n, horizon)) < chance[action]).astype(float)
    true = float(wanted @ chance)
    left = np.arange(horizon, 0, -1)  # decisions from here on
    q = chance[action] + (left - 1) * true + 0.1  # a model that is somewhat too hopeful
    v = np.broadcast_to(left * true, action.shape) + 0.1
    shape = [part.tolist() for part in (reward, np.full(action.shape, 0.25), wanted[action], q, v)]
    return decisions(*shape), horizon * true


@pytest.mark.parametrize("name", ["ips", "snips", "pdis", "wpdis", "dr"])
def test_estimates_are_right_on_average_and_intervals_cover_the_truth(name: str) -> None:
    found, covered = [], 0
    for seed in range(60):
        log, true = world(600, 2, seed=seed)
        one = next(e for e in judge(log, replicates=200, seed=seed).estimates if e.name == name)
        found.append(one.value)
        assert one.low is not None
        assert one.high is not None
        covered += one.low <= true <= one.high
    error = np.mean(found) - true
    assert abs(error) < 3 * np.std(found) / np.sqrt(60) + 0.01
    assert covered >= 51  # of 60 at 95 %


def test_the_corrected_model_varies_less_than_weights_alone() -> None:
    values = {name: [] for name in ("ips", "pdis", "dr")}  # type: dict[str, list[float]]
    for seed in range(40):
        log, _ = world(600, 3, seed=seed)
        for one in judge(log, replicates=100).estimates:
            if one.name in values:
                values[one.name].append(one.value)
    spread = {name: float(np.std(own)) for name, own in values.items()}
    assert spread["dr"] < spread["pdis"] < spread["ips"]


def test_where_weights_have_collapsed_no_number_is_given_however_small_its_spread() -> None:
    log, true = world(600, 50, seed=0)
    found = judge(log)
    assert not found.identifiable
    assert found.estimates == ()
    assert found.overlap.ess < 30
    assert "are needed" in found.overlap.reasons[0]
    collapsed = _Table(log).at("ips", np.ones((1, 600)))[0]
    assert abs(collapsed - true) > 5  # what would have been told


def test_it_says_of_how_many_decisions_the_log_can_tell() -> None:
    log, _ = world(2000, 30, seed=0)
    found = judge(log)
    assert not found.identifiable
    assert 1 <= found.told_up_to < 30
    assert judge(log.first(found.told_up_to), replicates=100).identifiable
    assert not judge(log.first(found.told_up_to + 1), replicates=100).identifiable


def test_probabilities_that_are_not_those_of_the_log_are_noticed() -> None:
    log, _ = world(3000, 1, seed=0)
    wrong = Decisions(log.start, log.reward, log.propensity * 0.6, log.target, None, None, log.cluster)
    found = judge(wrong)
    assert not found.identifiable
    assert "should be 1" in found.overlap.reasons[0]


def test_one_learner_who_carries_too_much_is_reason_enough() -> None:
    n = 100
    p = [[0.5]] * (n - 1) + [[0.01]]
    e = [[0.5]] * (n - 1) + [[0.5]]
    found = judge(decisions([[1.0]] * n, p, e))
    assert any("one learner carries" in reason for reason in found.overlap.reasons)


def test_propensities_that_were_cut_off_and_certain_decisions_are_noted() -> None:
    generator = np.random.default_rng(0)
    p = np.maximum(generator.uniform(0, 1, 300), 0.3)
    cut = judge(decisions([[1.0]] * 300, [[x] for x in p], [[x] for x in p]), replicates=100)
    assert any("look cut off" in note for note in cut.overlap.warnings)
    sure = judge(decisions([[1.0]] * 60, [[1.0]] * 60, [[1.0]] * 60), replicates=100)
    assert any("only a policy that decides the same" in note for note in sure.overlap.warnings)


def test_clusters_are_resampled_whole() -> None:
    generator = np.random.default_rng(0)
    of_class = np.repeat(np.arange(20), 20)
    reward = generator.normal(size=20)[of_class] + 0.1 * generator.normal(size=400)
    alone = decisions([[r] for r in reward], [[0.5]] * 400, [[0.5]] * 400)
    together = Decisions(alone.start, alone.reward, alone.propensity, alone.target, None, None, of_class)
    width = {}
    for name, log in (("alone", alone), ("together", together)):
        one = judge(log, replicates=500).estimates[0]
        assert one.low is not None
        assert one.high is not None
        width[name] = one.high - one.low
    assert width["together"] > 3 * width["alone"]


def test_a_model_whose_parts_do_not_agree_is_noted() -> None:
    log, _ = world(600, 2, seed=0)
    assert log.v is not None
    off = Decisions(log.start, log.reward, log.propensity, log.target, log.q, log.v + 0.2, log.cluster)
    assert not any("dr is biased" in note for note in judge(log, replicates=100).overlap.warnings)
    assert any("dr is biased" in note for note in judge(off, replicates=100).overlap.warnings)
