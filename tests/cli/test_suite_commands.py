"""From a suite file to a comparison, by commands only."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.suite.config import read_suite
from attain.suite.execute import Execution
from attain.suite.plan import make_plan
from attain.suite.progress import View

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import

SUITE = """\
suite: tiny
datasets:
  - name: simulated
    options: {learners: 60, skills: 3, items: 9, answers: 20}
baselines: false
split: {by: learner, folds: 2}
models: [prior_rate, bkt]
metrics: [auc, log_loss, "mastered_share[model>=0.95,10]", "mastered_share[three_in_a_row,10]"]
cohorts: [gender]
replicates: 100
"""


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the tiny suite was run once."""
    folder = tmp_path_factory.mktemp("done")
    (folder / "tiny.yaml").write_text(SUITE)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ATTAIN_HOME", str(folder / ".attain"))
        patch.delenv("ATTAIN_TRACKING_URI", raising=False)
        plan = make_plan(read_suite("tiny.yaml"))
        uri = f"sqlite:///{folder / '.attain' / 'attain.db'}"
        assert not Execution(plan, uri, workers=1, threads=1, view=View()).run().failed
    return folder


@pytest.fixture(autouse=True)
def there(done: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(done)
    monkeypatch.setenv("ATTAIN_HOME", str(done / ".attain"))
    monkeypatch.delenv("ATTAIN_TRACKING_URI", raising=False)


def run_id(attain: Attain, model: str) -> str:
    found = json.loads(attain("runs", f"params.model = '{model}'", "--json").out)
    return str(found["runs"][0]["run_id"])


def test_a_finished_suite_is_shown_and_not_run_again(attain: Attain) -> None:
    said = attain("run", "tiny.yaml")
    assert said.status == 0
    assert "Every job of this suite is finished already" in said.out
    assert "bkt is better than prior_rate on auc by" in said.out


def test_the_figures_are_opened_by_the_command_that_is_offered(
    attain: Attain, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (offered,) = [line for line in attain("run", "tiny.yaml").out.splitlines() if "attain files" in line]
    monkeypatch.chdir(tmp_path)
    assert attain(*offered.split()[1:5]).status == 0
    assert list((tmp_path / "figures").rglob("roc.svg"))


def test_results_as_json_carry_value_interval_and_n(attain: Attain) -> None:
    facts = json.loads(attain("run", "tiny.yaml", "--json").out)
    (table,) = facts["tables"]
    best = table["columns"][0]
    assert best["label"] == "bkt"
    auc = best["values"]["auc"]
    assert auc["low"] < auc["value"] < auc["high"]
    assert auc["n_units"] == 60


def test_check_counts_the_jobs(attain: Attain) -> None:
    said = attain("check", "tiny.yaml")
    assert "tiny.yaml: suite 'tiny' is fine." in said.out
    assert "2 runs, 6 jobs (4 folds, 2 scorings): prior_rate, bkt" in said.out
    assert "mastered_share[model>=0.95,10]" in said.out


def test_runs_are_searched_and_the_search_is_said_in_words(attain: Attain) -> None:
    said = attain("runs", "metrics.auc > 0.1 and params.model = 'bkt'")
    assert "1 of 1 model runs where auc > 0.1 and model = bkt" in said.out
    wrong = attain("runs", "metrics.auc >> 1")
    assert wrong.status == 2
    assert "at character 14" in wrong.err
    none = attain("runs", "metrics.auc > 2")
    assert none.status == 2
    assert "There are no runs where auc > 2" in none.err


def test_show_tells_all_about_a_run(attain: Attain) -> None:
    said = attain("show", run_id(attain, "bkt")[:8]).out
    files = ("predictions.parquet", "figures/calibration.svg")
    for part in ("bkt · simulated", "gender=F", "model.starts", "attain.data_fingerprint", *files):
        assert part in said, part


def test_a_wrong_run_is_answered_with_what_to_do(attain: Attain) -> None:
    assert "There is no run 'ffffffff'" in attain("show", "ffffffff").err
    assert "is not the id of a run" in attain("show", "'; drop").err
    assert attain("compare", "ffffffff").status == 2


def test_compare_says_what_differs_and_whether_it_matters(attain: Attain) -> None:
    said = attain("compare", "--suite", "tiny").out
    assert "prior_rate" in said
    assert "bkt is better than prior_rate on auc by" in said
    assert "mastered_share[three_in_a_row,10]" not in said, "it is the same for every model"
    assert "mastery by the last answer on simulated: share of learners' skills judged alike" in said
    assert "three in a row" in said
    facts = json.loads(attain("compare", "--suite", "tiny", "--metric", "auc", "--json").out)
    (difference,) = facts[0]["differences"]
    assert difference["clear"] is True
    assert difference["low"] < difference["difference"] < difference["high"] < 0


def test_another_metric_by_cohort_without_retraining(attain: Attain) -> None:
    run = run_id(attain, "bkt")
    said = attain("score", run[:10], "--metric", "brier", "--by", "gender,school")
    assert said.status == 0
    assert "gender=F" in said.out
    kept = json.loads(attain("show", run, "--json").out)
    assert 0 < kept["metrics"]["brier"] < 1
    assert {"brier", "auc"} <= {value["metric"] for value in kept["values"]}
    assert attain("run", "tiny.yaml").status == 0, "a model with more values than the others is still shown"
    shared = attain("score", run, "--metric", "precision@10%", "--by", "gender").out
    assert "precision@10% has no value by cohort: it speaks of all learners together." in shared
    assert "Unknown cohort attribute 'gendr'" in attain("score", run, "--metric", "brier", "--by", "gendr").err
    assert "Unknown metric 'briar'. Did you mean 'brier'" in attain("score", run, "--metric", "briar").err
    bare = attain("score", run_id(attain, "prior_rate"), "--metric", "mastered_share[model>=0.95,10]")
    assert bare.status == 2
    assert "mastery" in bare.err


def test_what_is_known_beside_the_answers_is_joined_when_a_run_is_scored(attain: Attain, done: Path) -> None:
    run = run_id(attain, "bkt")
    (done / "graph.csv").write_text("skill,needs\nskill_2,skill_1\nskill_1,skill_2\n")
    (done / "tests.csv").write_text("learner,pre,post\nlearner_01,0.2,0.6\n")
    files = ("--prerequisites", "graph.csv", "--tests", "tests.csv")
    wanted = ("learning_gain_class", "prerequisite_violation_rate[truth]", "mastery_accuracy")
    asked = [word for name in wanted for word in ("--metric", name)]
    alone = {v["metric"]: v for v in json.loads(attain("score", run, *asked, "--json").out)}
    assert 0.5 < alone["mastery_accuracy[three_in_a_row]"]["value"] < 1
    given = attain("score", run, *asked, *files, "--json")
    assert "'skill_1' needs 'skill_2' is left out: it would close a cycle." in given.err
    found = {v["metric"]: v for v in json.loads(given.out)}
    assert found["learning_gain_class"]["value"] == pytest.approx(0.5)
    assert alone["learning_gain_class"]["n_units"] > found["learning_gain_class"]["n_units"] == 1


def test_a_metric_in_a_file_of_ones_own(attain: Attain, done: Path) -> None:
    (done / "mine.py").write_text(
        "import numpy as np\n"
        "from attain.core.metric import Sums, metric\n\n\n"
        '@metric(direction="min", unit="share", needs="target score")\n'
        "def boldness(rows):\n"
        '    """Mean distance of the score from a half."""\n'
        '    far = rows.sum_by_unit(np.abs(rows["score"] - 0.5))\n'
        "    n = rows.sum_by_unit(np.ones(len(rows)))\n"
        '    return Sums(np.column_stack([far, n]), lambda s: s[:, 0] / s[:, 1], "no answers")\n'
    )
    said = attain("score", run_id(attain, "bkt"), "--metric", "mine.py:boldness")
    assert said.status == 0, said.err
    assert "boldness" in said.out


@pytest.mark.parametrize("what", ["models", "metrics", "datasets", "suites"])
def test_lists_name_what_suites_can_name(attain: Attain, what: str) -> None:
    rows = json.loads(attain("list", what, "--json").out)
    names = {row[what.removesuffix("s")] for row in rows}
    assert {"models": "bkt", "metrics": "auc", "datasets": "simulated", "suites": "quick"}[what] in names
    assert all(row["what"] for row in rows), "each has a line that says what it is"


def test_a_command_that_there_is_not_is_answered_with_the_nearest(attain: Attain) -> None:
    said = attain("repoduce", "run")
    assert said.status == 2
    assert "Unknown command 'repoduce'. Did you mean 'reproduce'?" in said.err


def test_help_and_version_are_there(attain: Attain) -> None:
    assert attain("--version").out.strip().count(".") == 2
    for command in ("run", "check", "runs", "show", "compare", "score", "list", "new-model", "data"):
        said = attain(command, "--help")
        assert said.status == 0
        assert "Usage" in said.out


def test_a_new_model_is_run_by_a_suite_without_another_edit(attain: Attain, done: Path) -> None:
    said = attain("new-model", "knowledge_tracing", "mean_so_far")
    assert "mean_so_far.py:MeanSoFar" in said.out
    more = ("tiny.yaml", "--model", "mean_so_far.py:MeanSoFar", "--json")
    plan = json.loads(attain("check", *more).out)
    assert plan["runs"] == ["prior_rate", "bkt", "mean_so_far"]
    facts = json.loads(attain("run", *more, "--workers", "1").out)
    assert "mean_so_far" in {column["label"] for column in facts["tables"][0]["columns"]}
    again = attain("new-model", "knowledge_tracing", "mean_so_far")
    assert again.status == 2
    assert "exists already" in again.err
    assert "cannot name a model" in attain("new-model", "knowledge_tracing", "My-Model").err
    assert "Unknown kind of model 'tracing'" in attain("new-model", "tracing", "other").err


def test_a_model_given_by_hand_is_not_blamed_on_the_suites_file(attain: Attain, done: Path) -> None:
    (done / "empty.py").write_text("")
    assert "attain: --model: there is no file 'gone.py'" in attain("check", "tiny.yaml", "--model", "gone.py:Gone").err
    assert "attain: --model: write gone.py:TheClass" in attain("check", "tiny.yaml", "--model", "gone.py").err
    said = attain("check", "tiny.yaml", "--model", "empty.py:Gone").err
    assert said.startswith("attain: --model: ")
    assert "has no 'Gone'" in said
    assert "--model: Unknown knowledge tracing model 'bktt'" in attain("check", "tiny.yaml", "--model", "bktt").err


def test_a_mistyped_word_gets_a_plain_sentence(attain: Attain, done: Path) -> None:
    assert "Did you mean 'tiny'" in attain("compare", "--suite", "tinny").err
    assert "has no finished run" in attain("compare", "--suite", "quick").err
    said = attain("list", "modles").err
    assert "'modles' is not one of 'models'" in said
    assert "Value error" not in said
    assert "`attain runs` lists those that there are" in attain("runs", "metrics.acu > 0.7", "--kind", "all").err


def test_canaries_are_shown_beside_each_other_and_a_leak_ends_in_status_one(attain: Attain, done: Path) -> None:
    said = attain("run", "tiny.yaml", "--canaries")
    assert said.status == 0
    assert "random answers" in said.out
    assert said.out.count("passed") == 8
    (done / "leaky.py").write_text(
        "from attain.models.knowledge_tracing.prior_rate import PriorRate\n\n\n"
        "class Leaky(PriorRate):\n"
        '    """Says the answer."""\n\n'
        '    name = "leaky"\n\n'
        "    def predict(self, log):\n"
        "        return 0.3 + 0.4 * log.correct\n"
    )
    said = attain("run", "tiny.yaml", "--canaries", "--model", "leaky.py:Leaky")
    assert said.status == 1
    assert "1.0000 ±0.0000 LEAK" in said.out
    assert "leaky on simulated leaks: AUC 1.0000 on answers drawn at random" in said.out


def test_runs_of_different_protocols_are_not_ranked_unless_on_shared_answers(attain: Attain, done: Path) -> None:
    (done / "other.yaml").write_text(SUITE.replace("suite: tiny", "suite: other").replace("folds: 2", "folds: 3"))
    assert attain("run", "other.yaml").status == 0
    found = json.loads(attain("runs", "params.model = 'bkt'", "--json").out)["runs"]
    ids = [run["run_id"] for run in found if run["tags"]["attain.suite"] in ("tiny", "other")]
    said = attain("compare", *ids)
    assert said.status == 2
    assert "different protocols (they differ in: split)" in said.err
    said = attain("compare", *ids, "--shared-answers")
    assert said.status == 0
    assert "Different protocols (split): only answers that all judged count." in said.out
