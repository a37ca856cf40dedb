from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from attain.core.facts import Facts
from attain.core.metric import Metric, metric
from attain.core.table import Predictions, Rows
from attain.metrics.compare import compare
from attain.metrics.discover import find, metric_ids
from attain.metrics.evaluate import Value, by_fold, evaluate
from attain.metrics.intervals import bootstrap_weights

Simulate = Callable[..., Predictions]


def only(values: list[Value], cohort: str | None = None) -> Value:
    (found,) = [value for value in values if value.cohort == cohort]
    return found


def genders(table: Predictions, text: str) -> pd.DataFrame:
    """One letter a learner, in turn."""
    return pd.DataFrame({"gender": [text[i % len(text)] for i in range(len(table.units))]}, index=table.units)


def test_the_interval_is_that_of_a_loop_that_resamples_learners(simulate: Simulate) -> None:
    table = simulate()
    value = only(evaluate(table, [find("auc")], replicates=200, seed=5))
    rows = [table.frame[table.frame["unit"] == unit] for unit in table.units]
    replicates = []
    for weights in np.concatenate(list(bootstrap_weights(25, 200, seed=5))):
        drawn = pd.concat([rows[u] for u in np.repeat(np.arange(25), weights.astype(int))])
        replicates.append(roc_auc_score(drawn["target"], drawn["score"]))
    assert (value.low, value.high) == pytest.approx(tuple(np.quantile(replicates, [0.025, 0.975])))
    assert value.low is not None
    assert value.low < value.value < value.high  # type: ignore[operator]  # all three are there
    assert (value.n, value.n_units, value.reason) == (len(table.frame), 25, "")


def test_n_counts_the_rows_that_a_metric_reads(simulate: Simulate) -> None:
    frame = simulate().frame
    rng = np.random.default_rng(0)
    for column, share in (("duration_s", 0.3), ("time_s", 0.2), ("target", 0.1)):
        frame[column] = frame[column].where(rng.random(len(frame)) > share)
    judged = frame[frame["target"].notna()]
    classes = judged.groupby("unit")["target"].transform("nunique")
    skills = judged["skill"].str.count("~~") + 1
    expected = {
        "auc": len(judged),
        "rmse": len(judged),
        "ece[15,quantile]": len(judged),
        "ece[5,uniform]": len(judged),
        "calibration_slope": len(judged),
        "cold_start_auc@5": (judged["step"] < 5).sum(),
        "auc_learner_mean": (classes == 2).sum(),
        "auc_skill_mean": skills.sum(),
        "seconds_per_correct_answer": judged["duration_s"].notna().sum(),
        "seconds_of_correct_answers": ((judged["target"] == 1) & judged["duration_s"].notna()).sum(),
        "sessions[30m]": frame["time_s"].notna().sum(),
        "active_days": frame["time_s"].notna().sum(),
        "over_practice_rate[three_in_a_row]": skills.sum(),
        "under_practice_rate[three_in_a_row]": skills.sum(),
        "mastered_share[three_in_a_row,5]": skills.sum(),
    }
    values = evaluate(Predictions(frame), [find(identity) for identity in expected], replicates=0)
    assert {value.metric: value.n for value in values} == expected


@pytest.mark.parametrize("identity", metric_ids())
@given(seed=st.integers(0, 10_000))
@example(seed=3451)  # a mean of .6875, to the last digit or the one before
@settings(max_examples=5, deadline=None)
def test_a_cohorts_value_is_the_value_of_its_rows_alone(simulate: Simulate, identity: str, seed: int) -> None:
    table = simulate(seed=seed)
    cohorts = genders(table, "FM")
    members = cohorts.index[cohorts["gender"] == "F"]
    alone = Predictions(table.frame[table.frame["unit"].isin(members)])
    options = {"replicates": 0, "smallest_cohort": 0}
    found = [v for v in evaluate(table, [find(identity)], cohorts=cohorts, **options) if v.cohort == "gender=F"]
    expected = only(evaluate(alone, [find(identity)], **options))
    for value in found:
        assert value.value == pytest.approx(expected.value)
        assert (value.n, value.n_units, value.note) == (expected.n, expected.n_units, expected.note)


def test_a_cohort_below_ten_is_hidden(simulate: Simulate) -> None:
    table = simulate(learners=40)
    cohorts = genders(table, "FFFX")
    cohorts.loc[cohorts.index[:8], "gender"] = [*"MMMMMMMF"]
    values = evaluate(table, [find("auc")], cohorts=cohorts, replicates=10, smallest_cohort=9)
    hidden = only(values, "gender=X")
    assert (hidden.value, hidden.low, hidden.n, hidden.n_units) == (None, None, None, None)
    assert hidden.reason == "fewer than 9 learners"
    assert only(values, "gender=F").value is not None


def test_where_one_small_cohort_could_be_worked_out_the_next_smallest_is_hidden_too(simulate: Simulate) -> None:
    table = simulate(learners=50)
    cohorts = genders(table, "FFM")
    cohorts.loc[cohorts.index[:4], "gender"] = "X"
    values = evaluate(table, [find("share_correct")], cohorts=cohorts, replicates=0)
    assert only(values, "gender=M").value is None
    assert "worked out" in only(values, "gender=M").reason
    assert only(values, "gender=F").value is not None


def test_a_cohort_is_measured_by_the_learners_that_the_value_counts(simulate: Simulate) -> None:
    table = simulate(learners=30)
    one_class = Predictions(
        table.frame.assign(target=np.where(table.frame["unit"] < "learner 021", 1.0, table.frame["target"]))
    )
    values = evaluate(one_class, [find("auc_learner_mean")], cohorts=genders(table, "F"), replicates=0)
    assert only(values, "gender=F").reason == "fewer than 10 learners"


def test_learners_without_the_attribute_are_a_cohort_of_their_own(simulate: Simulate) -> None:
    table = simulate()
    cohorts = genders(table, "F").iloc[:13].astype(object)
    cohorts.iloc[0, 0] = None
    values = evaluate(table, [find("auc")], cohorts=cohorts, replicates=0)
    assert only(values, "gender=(unknown)").n_units == 13
    assert only(values, "gender=F").n_units == 12


def test_a_missing_column_gives_a_reason_and_stops_nothing(simulate: Simulate) -> None:
    table = Predictions(simulate().frame.drop(columns="skill"))
    values = evaluate(table, [find("auc_skill_mean"), find("auc")], replicates=10)
    assert values[0].value is None
    assert values[0].reason == "needs skill, which this run does not have"
    assert values[1].value is not None


def test_one_learner_has_a_value_without_an_interval(by_hand: Callable[..., Predictions]) -> None:
    value = only(evaluate(by_hand({"ann": {"add": "0110"}}), [find("share_correct")]))
    assert (value.value, value.low, value.high) == (0.5, None, None)
    assert "1 learner(s) cannot be resampled" in value.reason


def test_a_value_on_few_learners_is_shown_with_a_note_where_it_is_that_of_all(simulate: Simulate) -> None:
    value = only(evaluate(simulate(learners=3), [find("share_correct")], replicates=50))
    assert value.value is not None
    assert value.note.startswith("only 3 learners")
    assert only(evaluate(simulate(learners=10), [find("share_correct")], replicates=50)).note == ""


def test_too_few_defined_replicates_give_no_interval(by_hand: Callable[..., Predictions]) -> None:
    table = by_hand({"ann": {"add": "11"}, "bob": {"add": "00"}})
    value = only(evaluate(table, [find("auc")], replicates=400))
    assert value.value == 0.5
    assert value.low is None
    assert "undefined in 5" in value.reason or "undefined in 4" in value.reason


def test_an_undefined_value_has_the_metrics_reason(by_hand: Callable[..., Predictions]) -> None:
    value = only(evaluate(by_hand({"ann": {"add": "11"}, "bob": {"add": "1"}}), [find("auc")]))
    assert (value.value, value.reason) == (None, "all answers are right, or all are wrong")


@pytest.mark.parametrize("identity", [i for i in metric_ids() if find(i).grain != "answer"])
def test_without_a_skill_metrics_of_practice_say_so(simulate: Simulate, identity: str) -> None:
    none = pd.DataFrame({name: [] for name in ("learner", "skill", "known_at", "needs")}, dtype=object)
    table = Predictions(simulate().frame.assign(skill=""), facts=Facts(none, none))
    value = only(evaluate(table, [find(identity)]))
    assert (value.value, value.n, value.reason) == (None, 0, "no answer has a skill")
    other = compare(table, table, [find(identity)])
    assert other[0].reason == "no answer has a skill"


def test_a_metric_that_means_nothing_on_a_part_has_no_cohorts(simulate: Simulate) -> None:
    @metric(direction="none", unit="count", needs="target", by_cohort=False)
    def everyone(rows: Rows) -> object:
        """All answers."""
        return find("share_correct").function(rows)

    whole: Metric = everyone()
    values = evaluate(simulate(), [whole], cohorts=genders(simulate(), "FM"), replicates=0)
    assert [value.cohort for value in values] == [None]


def test_values_come_metric_by_metric_and_then_cohort_by_cohort(simulate: Simulate) -> None:
    values = evaluate(simulate(), [find("auc"), find("rmse")], cohorts=genders(simulate(), "FM"), replicates=0)
    order = [(v.metric, v.cohort) for v in values]
    assert order == [(m, c) for m in ("auc", "rmse") for c in (None, "gender=F", "gender=M")]


def test_by_fold_gives_the_value_of_each_fold_with_mean_and_sd(simulate: Simulate) -> None:
    table = simulate()
    expected = [roc_auc_score(part["target"], part["score"]) for _, part in table.frame.groupby("fold")]
    found = by_fold(table, find("auc"))
    assert list(found.values) == [0, 1, 2]
    assert list(found.values.values()) == pytest.approx(expected)
    assert found.mean == pytest.approx(np.mean(expected))
    assert found.sd == pytest.approx(np.std(expected, ddof=1))


def test_a_fold_where_the_value_does_not_exist_is_left_out_of_the_mean(simulate: Simulate) -> None:
    frame = simulate().frame
    found = by_fold(Predictions(frame.assign(target=frame["target"].where(frame["fold"] > 1, 1.0))), find("auc"))
    assert list(found.values.values())[:2] == [None, None]
    assert found.mean == found.values[2]
    assert found.sd is None
