"""Metrics of flags against scikit-learn, and their laws; a table of enrolments at two cut-offs in two terms."""

import numpy as np
import pandas as pd
import pytest
import sklearn.metrics as sk
from hypothesis import given, settings
from hypothesis import strategies as st

from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.metrics.at_risk_drift import _psi, psi
from attain.metrics.discover import find
from attain.metrics.evaluate import evaluate

RATES = [
    "precision",
    "recall",
    "false_positive_rate",
    "false_negative_rate",
    "false_discovery_rate",
    "selection_rate",
    "lift",
]
WAYS = ["", "@7", "@20%", "@0.5"]
EVERY = [name + way for name in RATES for way in WAYS] + ["average_precision", "psi[deciles]", "psi[width]"]
EVERY += ["lead_time_weeks[0.5]", "lead_time_weeks[0.5,20%]"]


def enrolments(seed: int = 0, *, learners: int = 60, digits: int = 1) -> Predictions:
    rng = np.random.default_rng(seed)
    unit = rng.integers(0, learners, 2 * learners)
    score = rng.random(len(unit)).round(digits)
    return Predictions(
        pd.DataFrame(
            {
                "fold": 0,
                "example": np.arange(len(unit)),
                "unit": [f"learner {u:03}" for u in unit],
                "target": (rng.random(len(unit)) < 0.1 + 0.6 * score).astype(float),
                "score": score,
                "flag": score + rng.normal(0, 0.2, len(unit)) > 0.6,
                "term": rng.choice(["2013B", "2013J", "2014B"], len(unit)),
                "as_of": rng.choice([28, 56, 84], len(unit)),
            }
        )
    )


def value(identity: str, table: Predictions, weights: np.ndarray | None = None) -> float:
    statistic = find(identity).statistic(table)
    return float(statistic.at(np.ones((1, len(table.units))) if weights is None else weights[None].astype(float))[0])


@pytest.mark.parametrize("way", ["", "@0.5"])
def test_rates_of_flags_are_those_of_scikit_learn(way: str) -> None:
    table = enrolments(digits=3)
    target = table.frame["target"]
    flag = table.frame["flag"] if not way else table.frame["score"] >= 0.5
    (tn, fp), (fn, tp) = sk.confusion_matrix(target, flag)
    assert value("precision" + way, table) == pytest.approx(sk.precision_score(target, flag))
    assert value("recall" + way, table) == pytest.approx(sk.recall_score(target, flag))
    assert value("false_positive_rate" + way, table) == pytest.approx(fp / (fp + tn))
    assert value("false_negative_rate" + way, table) == pytest.approx(fn / (fn + tp))
    assert value("false_discovery_rate" + way, table) == pytest.approx(fp / (fp + tp))
    assert value("selection_rate" + way, table) == pytest.approx(flag.mean())
    assert value("lift" + way, table) == pytest.approx(sk.precision_score(target, flag) / target.mean())


def test_at_a_capacity_the_highest_scores_are_flagged() -> None:
    table = enrolments(digits=9)
    best = table.frame.nlargest(12, "score")["target"]
    assert value("precision@12", table) == value("precision@10%", table) == pytest.approx(best.mean())
    assert value("recall@12", table) == pytest.approx(best.sum() / table.frame["target"].sum())
    assert value("selection_rate@12", table) == pytest.approx(0.1)


def test_rows_that_tie_at_the_cut_count_as_if_one_drew_among_them() -> None:
    frame = pd.DataFrame({"example": range(5), "unit": list("abcde"), "score": [0.9, 0.5, 0.5, 0.5, 0.1]})
    table = Predictions(frame.assign(target=[1.0, 1, 0, 0, 1]))
    assert value("precision@2", table) == pytest.approx((1 + 1 / 3) / 2)
    assert find("precision@2").statistic(table).note(np.ones(5)) == "3 rows tie at the cut for 1 places"
    assert find("precision@4").statistic(table).note(np.ones(5)) == ""


def test_average_precision_is_that_of_scikit_learn() -> None:
    for digits in (1, 6):
        table = enrolments(3, digits=digits)
        peer = sk.average_precision_score(table.frame["target"], table.frame["score"])
        assert value("average_precision", table) == pytest.approx(peer)


@pytest.mark.parametrize("identity", EVERY)
@given(seed=st.integers(0, 10_000))
@settings(max_examples=4)
def test_a_weight_of_two_is_a_learner_who_stands_there_twice(identity: str, seed: int) -> None:
    table = enrolments(seed, learners=20)
    weights = np.random.default_rng(seed).integers(0, 3, len(table.units))
    times = weights[pd.Categorical(table.frame["unit"], table.units).codes]
    row = np.repeat(np.arange(len(times)), times)
    if len(row):
        copy = np.arange(len(row)) - np.repeat(np.cumsum(times) - times, times)
        names = table.frame["unit"].to_numpy()[row] + np.char.mod(" %d", copy).astype(object)
        twice = Predictions(table.frame.iloc[row].assign(unit=names, example=np.arange(len(row))))
        if identity.startswith("psi") and twice.frame["term"].nunique() < table.frame["term"].nunique():
            return  # other terms are compared
        assert value(identity, table, weights) == pytest.approx(value(identity, twice), abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("identity", [identity for identity in EVERY if find(identity).by_cohort])
def test_a_cohorts_value_and_denominator_are_those_of_its_rows_alone(identity: str) -> None:
    table = enrolments(4)
    cohorts = pd.DataFrame({"gender": ["F", "M"] * (len(table.units) // 2 + 1)}).iloc[: len(table.units)]
    cohorts.index = table.units
    of_women = [v for v in evaluate(table, [find(identity)], cohorts=cohorts, replicates=0) if v.cohort == "gender=F"]
    women = table.frame[table.frame["unit"].isin(cohorts.index[cohorts["gender"] == "F"])]
    (alone,) = evaluate(Predictions(women.reset_index(drop=True)), [find(identity)], replicates=0)
    assert (of_women[0].value, of_women[0].n, of_women[0].n_units) == (
        pytest.approx(alone.value),
        alone.n,
        alone.n_units,
    )


def test_n_is_the_rates_own_denominator() -> None:
    table = enrolments(5)
    frame = table.frame
    sizes = {v.metric: v.n for v in evaluate(table, [find(name) for name in RATES], replicates=0)}
    assert sizes["precision"] == frame["flag"].sum()
    assert sizes["recall"] == (frame["target"] == 1).sum()
    assert sizes["false_positive_rate"] == (frame["target"] == 0).sum()
    assert sizes["selection_rate"] == len(frame)


def test_a_cohort_has_no_capacity_of_its_own() -> None:
    assert [find(f"precision{way}").by_cohort for way in WAYS] == [True, False, False, True]


@pytest.mark.parametrize(
    ("identity", "change", "words"),
    [
        ("precision", {"flag": False}, "nobody is flagged"),
        ("recall", {"target": 0.0}, "nobody has the outcome"),
        ("false_positive_rate", {"target": 1.0}, "everybody has the outcome"),
        ("average_precision", {"target": 0.0}, "nobody has the outcome"),
        ("psi[deciles]", {"term": "2014J"}, "one term only"),
        ("lead_time_weeks[0.99]", {}, "precision of the last cut-off is below 0.99"),
    ],
)
def test_a_rate_without_a_denominator_is_undefined_and_says_why(identity: str, change: dict, words: str) -> None:
    table = Predictions(enrolments().frame.assign(**change))
    (found,) = evaluate(table, [find(identity)], replicates=0)
    assert found.value is None
    assert words in found.reason


def test_without_flags_the_bare_name_says_what_is_missing() -> None:
    table = Predictions(enrolments().frame.drop(columns="flag"))
    found = evaluate(table, [find("precision"), find("precision@10%")], replicates=0)
    assert found[0].reason == "needs flag, which this run does not have"
    assert found[1].value is not None


@pytest.mark.parametrize("by", ["0", "120%", "0%", "1.5", "-3", "ten"])
def test_a_way_of_flagging_that_cannot_be_is_named(by: str) -> None:
    with pytest.raises(UserError, match=r"how many are flagged \(40\), what share of all \(10%\), or from which score"):
        find(f"recall@{by}")


def test_lead_time_is_the_first_week_from_which_precision_lasts() -> None:
    right = {14: "1100", 28: "1110", 42: "1100", 56: "1111", 70: "1110"}
    rows = [
        {"unit": f"{day} {i}", "as_of": day, "target": float(x), "flag": True, "score": 0.5}
        for day, text in right.items()
        for i, x in enumerate(text)
    ]
    table = Predictions(pd.DataFrame(rows).assign(example=np.arange(len(rows))))
    assert value("lead_time_weeks[0.75]", table) == 8
    assert value("lead_time_weeks[0.5]", table) == 2
    assert np.isnan(value("lead_time_weeks[0.8]", table))


def test_psi_is_that_of_the_deciles_of_the_terms_before() -> None:
    table = enrolments(6, digits=6)
    frame = table.frame
    before, now = frame["score"][frame["term"] < "2014B"], frame["score"][frame["term"] == "2014B"]
    ordered = np.sort(before)
    edges = [ordered[int(np.ceil(len(ordered) * j / 10)) - 1] for j in range(1, 10)]
    shares = [
        np.maximum(np.bincount(np.searchsorted(edges, part, "left"), minlength=10), 0.5) / len(part)
        for part in (before, now)
    ]
    assert psi().id == "psi[deciles]"
    assert value("psi[deciles]", table) == pytest.approx(
        ((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum()
    )


def test_the_index_of_the_same_histogram_is_nothing_and_grows_with_the_shift() -> None:
    same, some, far = (_psi(np.array([50.0, 30, 20]), np.array(now)) for now in ([5.0, 3, 2], [4.0, 3, 3], [1.0, 0, 9]))
    assert same == 0 < some < far
