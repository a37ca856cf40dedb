"""On real courses, each mistake of the published kind has its inflated figure and is caught by name."""

import os
from pathlib import Path

import numpy as np
import pytest
from imblearn.over_sampling import SMOTE
from sklearn.ensemble import HistGradientBoostingClassifier

from attain.data.dataset import Dataset
from attain.data.enrolment_split import ByTerm, EnrolmentSplit
from attain.data.enrolments import Enrolments
from attain.data.features.table import feature_table
from attain.data.load import load
from attain.data.split import ByLearner
from attain.models.dropout_prediction._features import Columns
from attain.models.dropout_prediction.gradient_boosting import GradientBoosting
from attain.models.dropout_prediction.logistic_regression import LogisticRegression
from attain.tasks import guard
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import make_fold, run
from attain.tasks.guard.features import auc
from attain.tasks.optimism import optimism

pytestmark = pytest.mark.data

SETS = ["course", "demographics", "registration", "prior_results", "assessments"]


@pytest.fixture(autouse=True)
def places(home: Path) -> None:
    folders = [Path(p) for p in os.environ.get("ATTAIN_DATA", "").split(os.pathsep) if p]
    if not any((folder / "oulad").is_dir() for folder in folders):
        pytest.skip("no folder of ATTAIN_DATA holds 'oulad'")


@pytest.mark.parametrize(
    ("split", "mistakes", "figure", "caught"),
    [
        (ByTerm(), [], 0.711, set()),
        (ByLearner(), [], 0.766, {"not_by_time"}),
        (ByTerm(), ["left_already"], 0.781, {"left_already"}),
        (ByTerm(), ["end_day"], 0.847, {"label_in_feature"}),
        (ByTerm(), ["later_events"], 0.971, {"later_events"}),
        (
            ByLearner(),
            ["left_already", "end_day", "later_events"],
            0.985,
            {"left_already", "label_in_feature", "later_events", "not_by_time"},
        ),
    ],
)
def test_each_leak_of_the_published_kind_is_caught_with_its_figure(
    split: EnrolmentSplit, mistakes: list[str], figure: float, caught: set[str]
) -> None:
    fold = make_fold(split, load("oulad", {"as_of": 28, "mistakes": mistakes}), 0)
    assert {finding.detector for finding in guard.check(fold)} == caught
    table = run(GradientBoosting.create(features=SETS), fold, FitContext()).frame
    assert auc(table["score"].to_numpy(float), table["target"].to_numpy(float)) == pytest.approx(figure, abs=0.025)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("oulad", {"as_of": 0}),
        ("oulad", {"as_of": 196}),
        ("oulad", {"as_of": 28, "outcome": "withdrawn_within"}),
        ("uci_dropout", {"as_of": 2}),
        ("uci_student_performance", {"as_of": 0}),
        ("uci_student_performance", {"as_of": 1}),
        ("xapi_edu", {"as_of": 1}),
    ],
)
def test_an_honest_fold_of_a_real_set_passes(name: str, options: dict[str, object]) -> None:
    dataset: Dataset[Enrolments] = load(name, options)
    fold = make_fold(ByTerm() if name == "oulad" else ByLearner(), dataset, 0)
    assert [finding.sentence for finding in guard.check(fold) if finding.stops] == []


def test_smote_before_the_split_is_worth_what_was_published_and_ours_is_not() -> None:
    dataset: Dataset[Enrolments] = load("oulad", {"as_of": 28, "outcome": "withdrawn_within"})
    features = feature_table(dataset.log, SETS)
    x, y = SMOTE(random_state=0).fit_resample(Columns.learn(features).scaled(features), dataset.log.outcome)
    out = np.random.default_rng(0).random(len(y)) < 0.2
    before = HistGradientBoostingClassifier(random_state=0).fit(x[~out], y[~out]).predict_proba(x[out])[:, 1]
    assert auc(before, y[out]) == pytest.approx(0.992, abs=0.005)
    model = GradientBoosting.create(features=SETS, imbalance="smote")
    table = run(model, make_fold(ByLearner(), dataset, 0), FitContext()).frame
    assert auc(table["score"].to_numpy(float), table["target"].to_numpy(float)) == pytest.approx(0.747, abs=0.03)


@pytest.mark.parametrize(("as_of", "figure"), [(0, 0.689), (1, 0.925), (2, 0.974)])
def test_pupils_of_mathematics_by_period(as_of: int, figure: float) -> None:
    dataset = load("uci_student_performance", {"as_of": as_of, "courses": ["mathematics"]})
    found = []
    for index in range(10):
        fold = make_fold(ByLearner(folds=10), dataset, index)
        table = run(LogisticRegression.create(), fold, FitContext()).frame
        found.append(auc(table["score"].to_numpy(float), table["target"].to_numpy(float)))
    assert np.mean(found) == pytest.approx(figure, abs=0.03)  # the reference had absences, which are of the whole year


def test_the_optimism_of_a_random_split_is_that_of_the_reference() -> None:
    dataset: Dataset[Enrolments] = load("oulad", {"as_of": 28})
    found = optimism(lambda: GradientBoosting.create(features=SETS), dataset, at_random=ByLearner(folds=5, only=1))
    assert found.by_time == pytest.approx(0.711, abs=0.01)
    assert found.gap == pytest.approx(0.055, abs=0.02)
