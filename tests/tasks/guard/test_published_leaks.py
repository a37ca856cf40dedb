"""On real courses, each mistake of the published kind has its inflated figure and is caught by name."""

import os
from pathlib import Path

import pytest

from attain.data.dataset import Dataset
from attain.data.enrolment_split import ByTerm, EnrolmentSplit
from attain.data.enrolments import Enrolments
from attain.data.load import load
from attain.data.split import ByLearner
from attain.models.dropout_prediction.gradient_boosting import GradientBoosting
from attain.tasks import guard
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import make_fold, run
from attain.tasks.guard.features import auc

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


def test_the_optimism_of_a_random_split_is_that_of_the_reference() -> None:
    dataset: Dataset[Enrolments] = load("oulad", {"as_of": 28})
    found = guard.optimism(
        lambda: GradientBoosting.create(features=SETS), dataset, at_random=ByLearner(folds=5, only=1)
    )
    assert found.by_time == pytest.approx(0.711, abs=0.01)
    assert found.gap == pytest.approx(0.055, abs=0.02)
