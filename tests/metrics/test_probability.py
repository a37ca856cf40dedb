from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sk

from attain.core.metric import Metric
from attain.core.table import Predictions
from attain.metrics import probability
from attain.metrics.discover import find, metric_ids

Simulate = Callable[..., Predictions]


def value(metric: Metric, table: Predictions, weights: np.ndarray | None = None) -> float:
    weights = np.ones(len(table.units)) if weights is None else weights
    return float(metric.statistic(table).at(weights[None, :].astype(float))[0])


def repeated(table: Predictions, weights: np.ndarray) -> Predictions:
    """The table in which each learner stands as often as its weight says, under new names."""
    parts = []
    for unit, weight in zip(table.units, weights, strict=True):
        own = table.frame[table.frame["unit"] == unit]
        parts += [own.assign(unit=f"{unit} copy {k}") for k in range(int(weight))]
    return Predictions(pd.concat(parts, ignore_index=True), table.mastery)


@pytest.mark.parametrize("seed", range(3))
def test_pooled_metrics_agree_with_scikit_learn(simulate: Simulate, seed: int) -> None:
    frame = simulate(seed=seed).frame
    table = Predictions(frame.assign(score=frame["score"].clip(0.02, 0.98)))
    target, score = table.frame["target"], table.frame["score"]
    assert value(probability.auc(), table) == pytest.approx(sk.roc_auc_score(target, score))
    assert value(probability.brier(), table) == pytest.approx(sk.brier_score_loss(target, score))
    assert value(probability.rmse(), table) == pytest.approx(sk.root_mean_squared_error(target, score))
    assert value(probability.log_loss(), table) == pytest.approx(sk.log_loss(target, score))
    assert value(probability.accuracy(0.4), table) == pytest.approx(sk.accuracy_score(target, score >= 0.4))
    assert value(probability.share_correct(), table) == pytest.approx(target.mean())


def mean_auc(frame: pd.DataFrame, by: str) -> tuple[float, int]:
    groups = [g for _, g in frame.groupby(by) if g["target"].nunique() == 2]
    left_out = frame[by].nunique() - len(groups)
    return float(np.mean([sk.roc_auc_score(g["target"], g["score"]) for g in groups])), left_out


def test_the_mean_auc_over_learners_leaves_out_those_with_one_class_and_says_so(simulate: Simulate) -> None:
    table = simulate()
    expected, left_out = mean_auc(table.frame, "unit")
    assert left_out > 0
    assert value(probability.auc_learner_mean(), table) == pytest.approx(expected)
    statistic = probability.auc_learner_mean().statistic(table)
    assert statistic.note(np.ones(25)).startswith(f"{left_out} of 25 learners left out")
    assert statistic.counted.sum() == 25 - left_out


def test_an_answer_counts_for_each_of_its_skills_in_the_mean_over_skills(simulate: Simulate) -> None:
    table = simulate(skills=12)
    expanded = table.frame.assign(skill=table.frame["skill"].str.split("~~")).explode("skill")
    rare = expanded["skill"] == "s0"
    table = Predictions(table.frame[~table.frame["skill"].str.contains("s0") | (table.frame["target"] == 1)])
    expanded = expanded[~rare | (expanded["target"] == 1)]
    expanded = expanded[expanded["example"].isin(table.frame["example"])]
    expected, left_out = mean_auc(expanded, "skill")
    assert left_out == 1
    assert value(probability.auc_skill_mean(), table) == pytest.approx(expected)
    said = probability.auc_skill_mean().statistic(table).note(np.ones(25))
    assert said == "1 of 12 skills left out: only right or only wrong answers"


def test_cold_start_reads_the_first_k_answers_only(simulate: Simulate) -> None:
    table = simulate()
    first = table.frame[table.frame["step"] < 3]
    assert value(probability.cold_start_auc(3), table) == pytest.approx(
        sk.roc_auc_score(first["target"], first["score"])
    )


def test_answers_without_a_known_target_are_left_out(simulate: Simulate) -> None:
    table = simulate()
    unknown = table.frame["step"] == 1
    hidden = Predictions(table.frame.assign(target=table.frame["target"].mask(unknown)))
    rest = Predictions(table.frame[~unknown])
    for metric in (probability.auc(), probability.log_loss(), probability.share_correct()):
        assert value(metric, hidden) == pytest.approx(value(metric, rest))


def test_log_loss_counts_the_answers_that_the_model_held_to_be_impossible(simulate: Simulate) -> None:
    frame = simulate().frame.copy()
    frame["score"] = 0.5
    frame.loc[:2, "score"] = 1 - frame.loc[:2, "target"]
    statistic = probability.log_loss().statistic(Predictions(frame))
    expected = (3 * -np.log(1e-15) + (len(frame) - 3) * np.log(2)) / len(frame)
    assert statistic.at(np.ones((1, 25)))[0] == pytest.approx(expected)
    assert statistic.note(np.ones(25)).startswith(f"3 of {len(frame)} answers clipped")


@pytest.mark.parametrize("identity", metric_ids())
def test_without_an_answer_or_with_one_class_a_value_is_undefined_with_a_reason(
    simulate: Simulate, identity: str
) -> None:
    table = simulate()
    if find(identity).lacks(table):
        pytest.skip("needs a mastery table")
    statistic = find(identity).statistic(table)
    assert np.isnan(statistic.at(np.zeros((1, 25)))[0])
    assert statistic.why(np.zeros(25))


def test_one_class_has_no_auc(simulate: Simulate) -> None:
    table = Predictions(simulate().frame.assign(target=1.0))
    for metric in (probability.auc(), probability.auc_learner_mean(), probability.auc_skill_mean()):
        assert np.isnan(value(metric, table))


@given(seed=st.integers(0, 10_000), power=st.floats(0.2, 5))
@settings(max_examples=20, deadline=None)
def test_auc_does_not_change_under_a_monotone_transform(simulate: Simulate, seed: int, power: float) -> None:
    table = simulate(seed=seed)
    other = Predictions(table.frame.assign(score=table.frame["score"] ** power / 2))
    for metric in (probability.auc(), probability.auc_learner_mean()):
        assert value(metric, table) == pytest.approx(value(metric, other), nan_ok=True)


@pytest.mark.parametrize("identity", metric_ids())
@given(seed=st.integers(0, 10_000))
@settings(max_examples=8, deadline=None)
def test_a_weight_of_two_is_a_learner_who_stands_there_twice(simulate: Simulate, identity: str, seed: int) -> None:
    table = simulate(seed=seed)
    metric = find(identity)
    if metric.lacks(table):
        return
    weights = np.random.default_rng(seed).integers(0, 3, len(table.units))
    weights[0] = 1
    expected = value(metric, repeated(table, weights))
    assert value(metric, table, weights) == pytest.approx(expected, abs=1e-9, nan_ok=True)


def test_the_cold_start_is_in_the_first_answers_of_all_and_not_in_those_after_the_cut(simulate: Simulate) -> None:
    frame = simulate(learners=40, seed=2).frame
    newcomer = frame["unit"] >= "learner 020"
    table = Predictions(frame.assign(scored=newcomer | (frame["step"] >= 4)))
    first = frame[newcomer & (frame["step"] < 4)]
    expected = sk.roc_auc_score(first["target"], first["score"])
    assert find("cold_start_auc@4").statistic(table).at(np.ones((1, 40)))[0] == pytest.approx(expected)
