"""A suite of enrolments goes the same way as one of answers, from a file to verdicts."""

import os
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.suite.config import read_suite
from attain.suite.execute import Execution
from attain.suite.plan import make_plan
from attain.suite.progress import View
from attain.suite.report import tables
from attain.tracking.store import open_store

SUITE = """\
suite: small
task: dropout_prediction
datasets:
  - {name: uci_dropout, grid: {as_of: [0, 1]}}
split: {by: learner, folds: 2}
models:
  - course_rate
  - {name: logistic_regression, grid: {imbalance: [none, class_weights]}}
replicates: 100
"""


def written(text: str) -> str:
    Path("small.yaml").write_text(text)
    return "small.yaml"


@pytest.mark.data
def test_models_features_and_cut_offs_are_compared(home: Path) -> None:
    if not any((Path(p) / "uci_dropout").is_dir() for p in os.environ.get("ATTAIN_DATA", "").split(os.pathsep) if p):
        pytest.skip("no folder of ATTAIN_DATA holds 'uci_dropout'")
    plan = make_plan(read_suite(written(SUITE)))
    uri = f"sqlite:///{home / 'attain.db'}"
    outcome = Execution(plan, uri, workers=1, threads=1, view=View()).run()
    assert not outcome.failed
    found = tables(open_store(uri), outcome.suite_run)
    assert [table.dataset for table in found] == ["uci_dropout as_of=0", "uci_dropout as_of=1"]
    auc = {(t.dataset[-1], c.label): c.values["auc"].value or 0 for t in found for c in t.columns}
    assert auc["0", "logistic_regression imbalance=none"] == pytest.approx(0.824, abs=0.01)
    assert auc["1", "logistic_regression imbalance=none"] == pytest.approx(0.905, abs=0.01)
    assert auc["0", "course_rate"] < 0.7
    assert "how much that flatters cannot be told" in found[0].columns[0].beside


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("uci_dropout, grid: {as_of: [0, 1]}", "simulated", "small.yaml:4: .*'simulated' holds interactions"),
        ("replicates: 100", "canaries: true", "small.yaml:9: canaries: There are no canaries for dropout_prediction"),
        (
            "replicates: 100",
            "training: [all, segment]\nsegment: gender",
            "small.yaml:9: training.1: 'segment' is not for dropout_prediction. Known: all",
        ),
        ("dropout_prediction", "dropout", "small.yaml:2: task: 'dropout' is not right"),
        ("[0, 1]}", "[]}", "small.yaml:4: .*the list for 'as_of' is empty"),
        ("grid: {as_of: [0, 1]}", "options: {as_of: 0}, grid: {as_of: [0]}", "'as_of' is in options and in grid"),
    ],
)
def test_a_mistake_in_the_file_is_told_before_anything_runs(home: Path, old: str, new: str, words: str) -> None:
    assert old in SUITE
    with pytest.raises(UserError, match=words):
        make_plan(read_suite(written(SUITE.replace(old, new))))


@pytest.mark.data
def test_what_would_flatter_stops_a_suite_unless_it_says_why(home: Path) -> None:
    if not any((Path(p) / "oulad").is_dir() for p in os.environ.get("ATTAIN_DATA", "").split(os.pathsep) if p):
        pytest.skip("no folder of ATTAIN_DATA holds 'oulad'")
    leaky = SUITE.replace("uci_dropout, grid: {as_of: [0, 1]}", "oulad, options: {mistakes: [end_day]}")
    leaky = leaky.replace("by: learner, folds: 2", "by: term")
    with pytest.raises(UserError, match=r"(?s)small.yaml:4: .*The protocol guard stops this run.*label_in_feature"):
        make_plan(read_suite(written(leaky)))
    plan = make_plan(read_suite(written(f"{leaky}allow: {{label_in_feature: to show what it does}}\n")))
    assert plan.jobs[0].allow == {"label_in_feature": "to show what it does"}
    with pytest.raises(UserError, match="names 'label_in_feature' without a reason"):
        make_plan(read_suite(written(f"{leaky}allow: {{label_in_feature: ' '}}\n")))


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ("features: [clics]", "Unknown feature set 'clics'. Did you mean 'clicks'"),
        ("actionable: [attendance]", "Unknown feature set 'attendance'"),
    ],
)
def test_sets_of_features_are_looked_for_in_the_data_before_anything_runs(home: Path, params: str, words: str) -> None:
    made = SUITE.replace("uci_dropout, grid: {as_of: [0, 1]}", "simulated_courses, options: {learners: 40}")
    made = made.replace("grid: {imbalance: [none, class_weights]}", f"params: {{{params}}}")
    with pytest.raises(UserError, match=f"small.yaml:8: .*{words}"):
        make_plan(read_suite(written(made)))
