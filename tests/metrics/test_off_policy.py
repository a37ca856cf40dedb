"""Estimates of a policy's value from another's log: formulas by hand, truth by simulation, and when none is given."""

from dataclasses import replace
from itertools import pairwise
from math import prod
from operator import mul

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.metrics.off_policy import OffPolicy, judge, sums, verdict
from attain.metrics.off_policy_log import Decisions

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


def estimate(log: Decisions, name: str) -> float:
    """An estimate as it would be, were the log not asked first whether it can tell."""
    over, under = sums(log)[name]
    return float((over.sum(axis=0) / under.sum(axis=0)).sum())


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
    assert estimate(THREE, name) == pytest.approx(expected)


def learner_by_learner(log: Decisions) -> dict[str, float]:
    """Every estimate by loops over learners and their decisions."""
    own = [range(a, b) for a, b in pairwise(log.start.tolist())]
    ratio = [e / b for e, b in zip(log.target.tolist(), log.propensity.tolist(), strict=True)]
    reward, n, horizon = log.reward.tolist(), len(own), max(map(len, own))
    assert log.q is not None
    assert log.v is not None
    whole = [prod(ratio[k] for k in ks) for ks in own]
    returned = [sum(reward[k] for k in ks) for ks in own]
    so_far = [[prod(ratio[k] for k in ks[: t + 1]) for t in range(horizon)] for ks in own]
    by_step = [[reward[ks[t]] if t < len(ks) else 0.0 for t in range(horizon)] for ks in own]
    doubly = 0.0
    for ks in own:
        value = 0.0
        for k in reversed(ks):
            value = log.v[k] + ratio[k] * (reward[k] + value - log.q[k])
        doubly += value / n
    weighted = [[w * r for w, r in zip(*two, strict=True)] for two in zip(so_far, by_step, strict=True)]
    return {
        "observed": sum(returned) / n,
        "ips": sum(map(mul, whole, returned)) / n,
        "snips": sum(map(mul, whole, returned)) / sum(whole),
        "pdis": sum(map(sum, weighted)) / n,
        "wpdis": sum(sum(w[t] for w in weighted) / sum(w[t] for w in so_far) for t in range(horizon)),
        "dm": sum(log.v[ks[0]] for ks in own) / n,
        "dr": doubly,
    }


def drawn(generator: np.random.Generator, n: int, longest: int) -> Decisions:
    """Any log: histories of unequal length, rewards and models of any size, targets that are never 0 all along."""
    lengths = generator.integers(1, longest + 1, n)
    start = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    size = int(lengths.sum())
    reward, q, v = generator.normal(size=(3, size))
    target = np.where(generator.random(size) < 0.1, 0, generator.uniform(0, 1, size))
    target[: lengths[0]] = 0.5
    return Decisions(start, reward, generator.uniform(0.2, 1, size), target, q, v, np.arange(n))


generators = st.integers(0, 2**32 - 1).map(np.random.default_rng)


@settings(deadline=None, max_examples=50)
@given(generators)
def test_estimates_are_those_of_a_loop_over_learners(generator: np.random.Generator) -> None:
    log = drawn(generator, 12, 6)
    assert {name: estimate(log, name) for name in sums(log)} == pytest.approx(learner_by_learner(log))


@settings(deadline=None, max_examples=20)
@given(generators)
def test_to_draw_clusters_is_to_repeat_their_learners(generator: np.random.Generator) -> None:
    log = replace(drawn(generator, 12, 4), cluster=np.repeat(np.arange(4), 3))
    times = np.array([2, 0, 1, 3])
    again = np.repeat(np.arange(12), times[log.cluster])
    rows = np.concatenate([np.arange(log.start[k], log.start[k + 1]) for k in again])
    start = np.concatenate([[0], np.cumsum(log.lengths[again])]).astype(np.int64)
    columns = {c: getattr(log, c)[rows] for c in ("reward", "propensity", "target", "q", "v")}
    repeated = learner_by_learner(Decisions(start, **columns, cluster=np.arange(len(again))))
    for name, (over, under) in sums(log).items():
        with np.errstate(invalid="ignore"):
            value = np.nansum((times @ over) / (times @ under))
        if np.isfinite(repeated[name]):
            assert value == pytest.approx(repeated[name])


@settings(deadline=None, max_examples=30)
@given(generators)
def test_the_logging_policy_itself_is_worth_what_was_observed(generator: np.random.Generator) -> None:
    lengths = generator.integers(1, 6, 80)
    p = [generator.uniform(0.2, 1, n).tolist() for n in lengths]
    r = [generator.normal(size=n).tolist() for n in lengths]
    found = judge(decisions(r, p, p), replicates=50)
    assert found.identifiable
    assert found.overlap.ess == pytest.approx(80)
    for one in found.estimates:
        assert one.value == pytest.approx(found.observed)
        assert (one.gain, one.gain_low, one.gain_high) == pytest.approx((0, 0, 0))


@settings(deadline=None, max_examples=30)
@given(generators)
def test_a_self_normalised_estimate_lies_within_the_rewards(generator: np.random.Generator) -> None:
    p, e = generator.uniform(0.1, 1, (50, 3)), generator.uniform(0, 1, (50, 3))
    r = generator.uniform(2, 5, (50, 3))
    log = decisions(r.tolist(), p.tolist(), e.tolist())
    low, high = r.sum(axis=1).min(), r.sum(axis=1).max()
    assert low - 1e-9 <= estimate(log, "snips") <= high + 1e-9


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
    """The trap: nearly every log would give a figure near 0 with a narrow interval, and the truth is 35."""
    told, held = [], 0
    for seed in range(20):
        log, true = world(600, 50, seed=seed, sharp=5)
        found = judge(log, replicates=100)
        assert found.estimates == ()
        assert "are needed" in found.overlap.reasons[0]
        ips = np.exp(np.add.reduceat(log.log_ratio(), log.start[:-1])) * np.add.reduceat(log.reward, log.start[:-1])
        told.append(ips.mean())
        held += abs(ips.mean() - true) < 1.96 * ips.std() / np.sqrt(len(ips))
    assert true > 30
    assert np.median(told) < 0.1
    assert held == 0


@pytest.mark.parametrize(
    ("horizon", "share", "told"),
    [(1, 0.84, True), (5, 0.43, True), (9, 0.23, True), (30, 0.03, False), (50, 0.01, False)],
)
def test_the_longer_histories_are_the_fewer_learners_carry_the_weight(horizon: int, share: float, told: bool) -> None:
    logs = [world(600, horizon, seed=seed)[0] for seed in range(5)]
    found = [judge(log, replicates=100) for log in logs]
    assert np.mean([one.overlap.ess_share for one in found]) == pytest.approx(share, abs=0.04)
    assert {one.identifiable for one in found} == {told}


def test_it_says_of_how_many_decisions_the_log_can_tell() -> None:
    log, _ = world(2000, 30, seed=0)
    found = judge(log)
    assert not found.identifiable
    told = found.overlap.told_up_to
    assert 1 <= told < 30
    assert judge(log, steps=told, replicates=100).identifiable
    assert not judge(log, steps=told + 1, replicates=100).identifiable


def test_probabilities_that_are_not_those_of_the_log_are_noticed() -> None:
    log, _ = world(3000, 1, seed=0)
    wrong = replace(log, propensity=log.propensity * 0.6)
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
    together = replace(alone, cluster=of_class)
    width = {}
    for name, log in (("alone", alone), ("together", together)):
        one = judge(log, replicates=500).estimates[0]
        assert one.low is not None
        assert one.high is not None
        width[name] = one.high - one.low
    assert width["together"] > 3 * width["alone"]


def test_a_mean_weight_is_as_sure_as_there_are_classes_that_were_decided_for() -> None:
    of_class = np.repeat(np.arange(25), 40)
    target = np.random.default_rng(1).uniform(0.2, 0.9, 25)
    log = decisions([[1.0]] * 1000, [[0.5]] * 1000, [[x] for x in target[of_class]])
    together = judge(replace(log, cluster=of_class), replicates=100).overlap
    assert together.mean_weight == pytest.approx((target / 0.5).mean())
    assert together.mean_weight_se == pytest.approx((target / 0.5).std(ddof=1) / 5)


def test_a_model_whose_parts_do_not_agree_is_noted() -> None:
    log, _ = world(600, 2, seed=0)
    assert log.v is not None
    off = replace(log, v=log.v + 0.2)
    assert not any("dr is biased" in note for note in judge(log, replicates=100).overlap.warnings)
    assert any("dr is biased" in note for note in judge(off, replicates=100).overlap.warnings)


def one_of_twenty(behaviour: str, seed: int, *, n: int = 5000) -> tuple[Decisions, float]:
    """One decision among 20 items a learner; the judged policy gives the best for this learner in .85 of cases.

    Items succeed between .05 and .55, in another order for each of 20 kinds of learner, and .4 more often with half of
    the kinds. `sure` logs another favourite with .95, and anything else by chance.
    """
    generator = np.random.default_rng(seed)
    kind = generator.integers(20, size=n)
    chance = 0.05 + 0.5 * ((np.arange(20) + kind[:, None]) % 20) / 19 + 0.4 * (kind[:, None] > 9)
    target, logged = np.full((n, 20), 0.15 / 20), np.full((n, 20), 0.05)
    target[np.arange(n), (19 - kind) % 20] += 0.85
    if behaviour == "sure":
        logged = np.full((n, 20), 0.05 / 20)
        logged[np.arange(n), (9 - kind) % 20] += 0.95
    item = (logged.cumsum(axis=1) > generator.random((n, 1))).argmax(axis=1)
    at = (np.arange(n), item)
    reward = (generator.random(n) < chance[at]).astype(float)
    q = 0.5 + 0.75 * (chance - 0.5)  # a model that sees three quarters of what items differ by
    log = Decisions(
        np.arange(n + 1), reward, logged[at], target[at], q[at], (target * q).sum(axis=1), np.arange(n, dtype=np.int64)
    )
    return log, float((target * chance).sum(axis=1).mean())


def test_of_one_decision_the_corrected_model_errs_least_and_the_model_alone_is_off() -> None:
    errors: dict[str, list[float]] = {}
    for seed in range(40):
        log, true = one_of_twenty("by chance", seed)
        found = judge(log, replicates=100)
        assert found.overlap.ess_share == pytest.approx(0.068, abs=0.015)
        for one in found.estimates:
            errors.setdefault(one.name, []).append(one.value - true)
    rmse = {name: float(np.sqrt(np.mean(np.square(own)))) for name, own in errors.items()}
    assert rmse["dr"] < rmse["snips"] < rmse["ips"] < rmse["dm"]
    assert abs(np.mean(errors["dr"])) < 0.01
    assert np.mean(errors["dm"]) < -0.05


def test_a_policy_that_hardly_ever_tries_another_item_is_no_log_to_judge_by() -> None:
    log, _ = one_of_twenty("sure", 0)
    assert judge(log).overlap.ess_share < 0.02
    assert judge(log).estimates == ()


def test_weights_are_looked_at_after_every_decision() -> None:
    """One learner weighs as much as thousands after the first decision and nothing after the second."""
    n = 200
    log = decisions([[1.0, 1.0]] * n, [[0.5, 0.5]] * (n - 1) + [[0.0005, 0.5]], [[0.5, 0.5]] * (n - 1) + [[0.5, 0.0]])
    found = judge(log, replicates=100)
    assert found.overlap.ess == pytest.approx(n - 1)
    assert found.overlap.told_up_to == 0
    assert found.overlap.reasons[0].startswith("after 1 of 2 decisions, the weight of 200 learners is that of")


@pytest.mark.parametrize("learners", [3, 200])
def test_weights_too_large_to_hold_are_no_answer(learners: int) -> None:
    found = judge(decisions([[1.0]] * learners, [[1e-320]] * learners, [[0.5]] * learners))
    assert not found.identifiable
    long = judge(decisions([[1.0] * 800] * learners, [[0.25] * 800] * learners, [[0.75] * 800] * learners))
    assert not long.identifiable
    assert long.overlap.told_up_to == 0


def test_a_policy_that_would_have_taught_nobody_so_has_no_weight() -> None:
    found = judge(decisions([[1.0]] * 60, [[0.5]] * 60, [[0.0]] * 60))
    assert found.overlap.reasons == ("no learner was taught as the judged policy could have taught",)
    assert (found.overlap.supported, found.overlap.ess, found.overlap.largest_share) == (0, 0, None)


def test_beyond_ten_decisions_whole_histories_are_not_weighed() -> None:
    log, _ = world(300, 11, seed=0, sharp=0.2)
    long = judge(log, replicates=100)
    assert [one.name for one in long.estimates] == ["pdis", "wpdis", "dm", "dr"]
    assert any("ips and snips are left out" in note for note in long.overlap.warnings)
    assert [one.name for one in judge(log, steps=10, replicates=100).estimates][:2] == ["ips", "snips"]


def test_a_model_that_looks_beyond_the_decisions_judged_is_left_out() -> None:
    log, _ = world(600, 3, seed=0)
    found = judge(log, steps=1, replicates=100)
    assert [one.name for one in found.estimates] == ["ips", "snips", "pdis", "wpdis"]
    assert any("dm and dr are left out" in note for note in found.overlap.warnings)
    assert len(judge(log, steps=3, replicates=100).estimates) == 6


def test_one_cluster_has_no_interval_and_no_verdict() -> None:
    log, _ = world(600, 1, seed=0)
    found = judge(replace(log, cluster=np.zeros(600, dtype=np.int64)), replicates=100)
    assert {(one.low, one.gain_high) for one in found.estimates} == {(None, None)}
    assert found.observed_low is None
    assert "there is one cluster" in found.overlap.warnings[0]
    assert "without intervals it cannot be said" in verdict(found)


def test_that_propensities_were_not_logged_is_said_beside_the_estimates() -> None:
    log, _ = world(600, 1, seed=0)
    assert any("were not logged" in note for note in judge(log, estimated=True, replicates=100).overlap.warnings)


def test_what_cannot_be_held_is_refused_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attain.metrics.off_policy_log.LARGEST", 1000)
    long = [[0.5] * 12] + [[0.5]] * 99
    with pytest.raises(UserError, match=r"100 learners by up to 12 decisions are too many.*--steps 10, or fewer"):
        judge(decisions(long, long, long))
    assert judge(decisions(long, long, long), steps=10, replicates=100).observed == pytest.approx((10 + 99) / 200)


def judged(*gains: tuple[str, float, float]) -> OffPolicy:
    """A judgement whose estimates have these intervals of the gain."""
    found = judge(world(600, 1, seed=0)[0], replicates=100)
    blank = found.estimates[0]
    return replace(found, estimates=tuple(replace(blank, name=n, gain_low=a, gain_high=b) for n, a, b in gains))


@pytest.mark.parametrize(
    ("gains", "expected"),
    [
        ([("ips", 0.1, 0.2), ("dr", 0.1, 0.3)], "would earn more than the logged one, by every estimate"),
        ([("ips", -0.2, -0.1), ("dr", -0.3, -0.1)], "would earn less"),
        ([("ips", -0.1, 0.2), ("dr", 0.1, 0.3)], "more than the logged policy by dr, but not clear by ips"),
        ([("ips", -0.1, 0.2), ("dr", -0.1, 0.3)], "no clear difference"),
        ([("ips", -0.2, -0.1), ("dr", 0.1, 0.3)], "contradict each other: more by dr, less by ips"),
        ([("ips", -0.1, 0.2), ("dm", 0.1, 0.3)], "no clear difference"),
    ],
)
def test_a_policy_is_better_only_where_every_estimate_from_the_log_says_so(
    gains: list[tuple[str, float, float]], expected: str
) -> None:
    assert expected in verdict(judged(*gains))
