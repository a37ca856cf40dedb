"""Suites run as people run them: whole, interrupted, killed, two at once, with models that fail."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.serve.source import fetch, find
from attain.suite import record, report
from attain.suite.canary import _experiment
from attain.suite.config import read_suite
from attain.suite.execute import Execution, Outcome
from attain.suite.plan import Job, make_plan
from attain.suite.progress import View
from attain.suite.training import trained
from attain.tasks.canaries import canaries
from attain.tracking.entities import Run
from attain.tracking.store import Store, default_uri, open_store

Write = Callable[..., Path]
PATIENCE = 180
WAITS = """
from pathlib import Path
import time
if context.rng is not None and not Path("go").exists() and Path("block").exists():
    for step in range(1, 41):
        context.report(step, loss=1 / step)
    Path("waiting").touch()
    while not Path("go").exists():
        time.sleep(0.02)
"""


def execute(path: Path, workers: int = 1) -> Outcome:
    plan = make_plan(read_suite(str(path)))
    return Execution(plan, default_uri(), workers=workers, threads=1, view=View()).run()


def runs_of(store: Store, kind: str) -> list[Run]:
    experiments = [e.experiment_id for e in store.list_experiments().items]
    return store.search_runs(experiments, f"tags.`{record.KIND}` = '{kind}'", order_by=["start_time ASC"]).items


def until(condition: Callable[[], bool]) -> None:
    """Wait for something that another process does."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.02)


def start(path: Path, *options: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "attain.cli", "run", str(path), "--workers", "1", *options]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, **pipes, text=True, start_new_session=True, preexec_fn=hear_ctrl_c)


def hear_ctrl_c() -> None:
    """As in a terminal, also where the tests themselves run in the background, deaf to it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_a_suite_leaves_a_tree_of_runs_with_all_that_is_needed(write_suite: Write) -> None:
    outcome = execute(write_suite(models="models: [prior_rate, bkt]", cohorts="cohorts: [gender]"))
    store = open_store()
    suite = store.get_run(outcome.suite_run)
    models = report.model_runs(store, suite)
    assert suite.status == "FINISHED"
    assert {run.tags[record.LABEL] for run in models} == {"prior_rate", "bkt"}
    for run in models:
        assert run.status == "FINISHED"
        assert 0 < run.metrics["auc/low"] <= run.metrics["auc"] <= run.metrics["auc/high"] < 1
        assert {"predictions.parquet", "values.json"} <= {file.path for file in store.artifacts_under(run.run_id)}
        assert run.inputs[0].name == "simulated"
        told = json.loads(run.inputs[0].profile or "")
        assert set(told["cohorts"]) == {"gender", "school"}
        assert all(count in ("hidden", "<10") or count >= 10 for count in told["cohorts"]["gender"].values())
        folds = [r for r in runs_of(store, "fold") if r.parent_run_id == run.run_id]
        assert sorted(r.params["fold"] for r in folds) == ["0", "1"]
        assert all(r.metrics["seconds/fit"] > 0 for r in folds)
    kept = {file.path for file in store.artifacts_under(suite.run_id)}
    assert {"suite.yaml", "environment.txt", "differences.json"} <= kept
    (table,) = report.tables(store, outcome.suite_run)
    assert [column.label for column in table.columns] == ["bkt", "prior_rate"]
    assert {v.cohort for v in table.columns[0].by_cohort} >= {"gender=F", "gender=M"}


def test_a_finished_job_is_never_run_twice(write_suite: Write) -> None:
    execute(write_suite())
    execute(write_suite(models="models: [prior_rate, bkt]"))
    folds = runs_of(open_store(), "fold")
    assert sorted(run.params["model"] for run in folds) == ["bkt", "bkt", "prior_rate", "prior_rate"]


def test_the_same_suite_gives_the_same_scores_on_any_number_of_workers(write_suite: Write) -> None:
    def scores(home: str, workers: int) -> dict[str, float]:
        os.environ["ATTAIN_HOME"] = home
        outcome = execute(write_suite(models="models: [prior_rate, bkt, pfa]"), workers)
        (table,) = report.tables(open_store(), outcome.suite_run)
        return {f"{c.label} {m}": v.value or 0.0 for c in table.columns for m, v in c.values.items()}

    before = os.environ["ATTAIN_HOME"]
    try:
        assert scores(f"{before}-one", 1) == scores(f"{before}-two", 2)
    finally:
        os.environ["ATTAIN_HOME"] = before


def test_a_model_that_fails_costs_only_itself(write_suite: Write, write_model: Write) -> None:
    write_model("raise ValueError('no such luck')")
    outcome = execute(write_suite(models="models: ['own:Own', prior_rate]"))
    store = open_store()
    assert [label for _, label in outcome.finished] == ["prior_rate"]
    assert "ValueError: no such luck" in outcome.failed[0]
    failed = [run for run in runs_of(store, "fold") if run.status == "FAILED"]
    assert len(failed) == 1, "the other folds of a model that failed are not begun"
    assert {file.path for file in store.artifacts_under(failed[0].run_id)} == {"error.txt"}
    assert store.get_run(outcome.suite_run).status == "FAILED"


def test_a_worker_that_dies_is_replaced_and_its_job_begun_again(write_suite: Write, write_model: Write) -> None:
    write_model(
        "from pathlib import Path\nimport os\nif not Path('died').exists():\n    Path('died').touch()\n    os._exit(9)"
    )
    outcome = execute(write_suite(models="models: ['own:Own']"))
    assert not outcome.failed
    statuses = [run.shown_status for run in runs_of(open_store(), "fold")]
    assert sorted(statuses) == ["finished", "finished", "interrupted"]


def test_a_job_that_kills_every_worker_is_given_up(write_suite: Write, write_model: Write) -> None:
    write_model("import os\nos._exit(9)")
    outcome = execute(write_suite(models="models: ['own:Own', prior_rate]"))
    assert [label for _, label in outcome.finished] == ["prior_rate"]
    assert "its process ended with status 9" in outcome.failed[0]


def test_a_killed_suite_keeps_what_it_logged_and_goes_on_where_it_was(
    write_suite: Write, write_model: Write, home: Path
) -> None:
    write_model(WAITS)
    path = write_suite(models="models: [prior_rate, 'own:Own']")
    (home / "block").touch()
    process = start(path)
    until(lambda: (home / "waiting").exists())
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()

    store = open_store()
    until(lambda: all(run.shown_status != "running" for run in runs_of(store, "fold")))
    interrupted = [run for run in runs_of(store, "fold") if run.shown_status == "interrupted"]
    assert [run.params["model"] for run in interrupted] == ["own:Own"]
    run_id = interrupted[0].run_id
    # Opening takes in what the killed worker had still to write, once the last of its threads is gone.
    until(lambda: len(open_store().metric_history(run_id, "loss").items) == 41)  # 1 by the model, 40 by the loop
    assert [run.shown_status for run in runs_of(store, "suite")] == ["interrupted"]

    (home / "go").touch()
    outcome = execute(path)
    assert not outcome.failed
    folds = runs_of(store, "fold")
    assert sum(run.params["model"] == "prior_rate" for run in folds) == 2, "finished jobs are not repeated"
    assert sum(run.params["model"] == "own:Own" for run in folds) == 3
    assert [run.shown_status for run in runs_of(store, "suite")] == ["interrupted", "finished"]


def test_ctrl_c_stops_cleanly_and_marks_what_was_running(write_suite: Write, write_model: Write, home: Path) -> None:
    write_model(WAITS)
    (home / "block").touch()
    process = start(write_suite(models="models: ['own:Own']"))
    until(lambda: (home / "waiting").exists())
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the whole group
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Stopped. 0 of 3 jobs are finished; the same command goes on from there." in said
    assert "Traceback" not in said
    store = open_store()
    for kind in ("suite", "model", "fold"):
        assert [run.status for run in runs_of(store, kind)] == ["KILLED"], kind


def test_a_job_that_will_not_stop_is_ended_and_marked(write_suite: Write, write_model: Write, home: Path) -> None:
    write_model("import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + WAITS.lstrip())
    (home / "block").touch()
    process = start(write_suite(models="models: ['own:Own']"))
    until(lambda: (home / "waiting").exists())
    os.killpg(process.pid, signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert {run.status for kind in ("suite", "model", "fold") for run in runs_of(open_store(), kind)} == {"KILLED"}


def test_two_suites_at_once_share_the_work_in_one_store(write_suite: Write) -> None:
    path = write_suite(models="models: [prior_rate, bkt, pfa, irt]", split="split: {by: learner, folds: 3}")
    both = [start(path), start(path)]
    for process in both:
        _, said = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, said
    folds = runs_of(open_store(), "fold")
    finished = [run.tags["attain.key"] for run in folds if run.status == "FINISHED"]
    assert len(finished) == len(set(finished)) == 12, "no job is done twice"


def test_what_a_model_prints_does_not_disturb_the_suite(write_suite: Write, write_model: Write) -> None:
    write_model("print('hello')\nimport sys\nsys.stdout.flush()")
    assert not execute(write_suite(models="models: ['own:Own']")).failed


def test_scores_out_of_range_are_refused_in_words(write_suite: Write, write_model: Write) -> None:
    path = write_model()
    path.write_text(path.read_text().replace("0.5)", "1.5)"))
    (why,) = execute(write_suite(models="models: ['own:Own']")).failed
    assert "scores that are not numbers in [0, 1]" in why
    assert "UserError" not in why


@pytest.mark.parametrize("lines", [{"metrics": "metrics: ['mastered_share[model>=0.95,10]', auc]"}])
def test_a_metric_that_one_model_lacks_is_undefined_there_with_a_reason(
    write_suite: Write, lines: dict[str, str]
) -> None:
    outcome = execute(write_suite(models="models: [prior_rate, bkt]", **lines))
    (table,) = report.tables(open_store(), outcome.suite_run)
    by_label = {column.label: column.values[table.metrics[0].id] for column in table.columns}
    assert by_label["bkt"].value is not None
    assert by_label["prior_rate"].value is None
    assert "mastery" in by_label["prior_rate"].reason


def test_a_job_whose_results_cannot_be_kept_fails_in_words(write_suite: Write, write_model: Write) -> None:
    write_model(
        "from pathlib import Path\nimport shutil\n"
        "shutil.rmtree('.attain/artifacts/blobs')\nPath('.attain/artifacts/blobs').touch()"
    )
    (why,) = execute(write_suite(models="models: ['own:Own']")).failed
    assert "Artifacts cannot be written" in why
    assert "Traceback" not in why
    assert [run.status for run in runs_of(open_store(), "fold")] == ["FAILED"]


def test_a_metric_that_raises_costs_the_scores_and_says_so(write_suite: Write, home: Path) -> None:
    (home / "mine.py").write_text(
        "from attain.core.metric import metric\n\n\n"
        '@metric(direction="min", unit="share", needs="score")\n'
        "def broken(rows):\n"
        '    """Broken."""\n'
        "    raise ValueError('no such luck')\n"
    )
    outcome = execute(write_suite(metrics="metrics: [auc, 'mine:broken']"))
    assert not outcome.finished
    assert "ValueError: no such luck" in outcome.failed[0]
    (model,) = runs_of(open_store(), "model")
    assert (model.status, [f.path for f in open_store().artifacts_under(model.run_id)]) == ("FAILED", ["error.txt"])


def test_what_numpy_reports_is_a_number_too(write_suite: Write, write_model: Write) -> None:
    write_model("context.report(np.int64(2), loss=np.float32(0.25))")
    assert not execute(write_suite(models="models: ['own:Own']")).failed
    store = open_store()
    assert store.metric_history(runs_of(store, "fold")[0].run_id, "loss").items[-1].value == 0.25


def test_a_child_that_a_dead_worker_leaves_behind_does_not_hold_the_suite(
    write_suite: Write, write_model: Write, home: Path
) -> None:
    write_model(
        "import os, time\nfrom pathlib import Path\n"
        "if os.fork() == 0:\n    Path(f'child-{os.getpid()}').touch()\n    time.sleep(600)\nos._exit(9)"
    )
    try:
        (why,) = execute(write_suite(models="models: ['own:Own']")).failed
        assert "its process ended with status 9" in why
    finally:
        for path in home.glob("child-*"):
            os.kill(int(path.name.partition("-")[2]), signal.SIGKILL)


def test_two_models_of_one_name_in_two_files_are_told_apart(write_suite: Write, write_model: Write, home: Path) -> None:
    (home / "other.py").write_text(write_model().read_text().replace("0.5)", "0.25)"))
    outcome = execute(write_suite(models="models: ['own:Own', 'other:Own']"))
    assert [label for _, label in outcome.finished] == ["own:Own", "other:Own"]


def test_a_model_that_looks_ahead_is_refused_and_not_crowned(write_suite: Write, write_model: Write) -> None:
    path = write_model()
    path.write_text(path.read_text().replace("np.full(len(log), 0.5)", "0.3 + 0.4 * log.correct"))
    outcome = execute(write_suite(models="models: ['own:Own', prior_rate]"))
    assert [label for _, label in outcome.finished] == ["prior_rate"]
    assert "'own' looks ahead" in outcome.failed[0]


def test_scores_that_are_finished_are_not_computed_again(write_suite: Write, write_model: Write, home: Path) -> None:
    execute(write_suite())
    write_model()
    outcome = execute(write_suite(models="models: [prior_rate, 'own:Own']"))
    store = open_store()
    assert sorted(run.tags[record.LABEL] for run in runs_of(store, "model")) == ["own", "prior_rate"]
    (table,) = report.tables(store, outcome.suite_run)
    assert [column.label for column in table.columns] == ["prior_rate", "own"]


def test_the_canaries_are_asked_first_and_kept_with_the_runs(write_suite: Write) -> None:
    outcome = execute(write_suite(canaries="canaries: true"))
    store = open_store()
    assert not outcome.failed
    (asked,) = report.canaries(store, outcome.suite_run)
    assert (asked.model, asked.dataset) == ("prior_rate", "simulated")
    assert [c.name for c in asked.canaries] == ["random answers", "turned answers", "learners apart", "fitted inside"]
    assert all(canary.passed for canary in asked.canaries)
    (run,) = runs_of(store, "canary")
    assert run.metrics["canary/random_answers"] == asked.canaries[0].value
    assert run.metrics["canary/random_answers/standard_error"] > 0
    again = execute(write_suite(canaries="canaries: true", metrics="metrics: [brier]"))
    assert report.canaries(store, again.suite_run) == [asked], "they are not asked twice of the same"
    assert len(runs_of(store, "canary")) == 1


def test_canaries_are_asked_of_every_fit_that_is_used(write_suite: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    fitted: list[str] = []

    def noted(job: Job, *others: Any) -> Any:
        fitted.append(str(job.training.get("on", "all")))
        return trained(job, *others)

    monkeypatch.setattr("attain.suite.canary.trained", noted)
    training = "training: [all, segment, all_and_simulated]\nsegment: gender\nsimulated_learners: 20"
    plan = make_plan(read_suite(str(write_suite(canaries="canaries: true", baselines=training, seeds="seeds: [0, 1]"))))
    for job in [job for job in plan.jobs if job.kind == "canary"]:
        assert all(canary.passed for canary in canaries(_experiment(job), job.seed))
    assert list(dict.fromkeys(fitted)) == ["all", "segment", "all_and_simulated"]


def test_what_a_fit_found_out_about_itself_stands_with_the_scores(write_suite: Write) -> None:
    outcome = execute(write_suite(models="models: [{name: bkt, params: {starts: 2}}]"))
    store = open_store()
    (run,) = report.model_runs(store, store.get_run(outcome.suite_run))
    folds = [r.metrics["unidentified_skill_share"] for r in runs_of(store, "fold")]
    assert run.metrics["unidentified_skill_share"] == pytest.approx(sum(folds) / len(folds))
    assert run.metrics["unidentified_skill_share/n"] >= 3  # the data's skills, and their combinations


def test_canaries_of_a_suite_that_is_finished_are_asked_without_fitting_it_again(write_suite: Write) -> None:
    execute(write_suite())
    outcome = execute(write_suite(canaries="canaries: true"))
    store = open_store()
    assert len(report.canaries(store, outcome.suite_run)) == 1
    assert len(runs_of(store, "fold")) == 2
    assert [column.label for column in report.tables(store, outcome.suite_run)[0].columns] == ["prior_rate"]


def test_a_model_of_which_a_canary_dies_is_in_no_table(write_suite: Write, write_model: Write) -> None:
    path = write_model("self.names = len(log.items)")
    path.write_text(path.read_text().replace("len(log), 0.5)", "len(log), 0.5 + 0.01 * (self.names % 7))"))
    outcome = execute(write_suite(models="models: ['own:Own', prior_rate]", canaries="canaries: true"))
    assert [label for _, label in outcome.finished] == ["prior_rate"]
    assert "canary 'fitted inside'" in outcome.failed[0]
    (own,) = [asked for asked in report.canaries(open_store(), outcome.suite_run) if asked.model == "own"]
    assert [canary.passed for canary in own.canaries] == [True, True, True, False]


def test_baselines_stand_in_every_table_beside_the_models(write_suite: Write) -> None:
    outcome = execute(write_suite(models="models: [bkt, prior_rate]", baselines="baselines: true"))
    store = open_store()
    (table,) = report.tables(store, outcome.suite_run)
    assert [column.label for column in table.columns] == ["bkt", "prior_rate"]
    assert {column.label for column in table.baselines} == {"learner_mean", "item_mean", "last_mean"}
    best = table.baselines[0].values["auc"].value
    assert best is not None
    assert best == max(c.values["auc"].value or 0 for c in table.baselines)
    said = table.verdicts()
    assert any(sentence.endswith("(the best baseline)") for sentence in said), said


def test_cohorts_bring_the_area_between_their_curves_with_its_test(write_suite: Write) -> None:
    text = write_suite(cohorts="cohorts: [school]").read_text().replace("learners: 40", "learners: 120")
    path = write_suite(text)
    (table,) = report.tables(open_store(), execute(path).suite_run)
    areas = [v for v in table.columns[0].by_cohort if v.metric == "abroca"]
    assert {v.cohort for v in areas} >= {"school=Hillside against all others", "school=Lakeview against all others"}
    assert all(v.value is not None and "randomisation p" in v.note for v in areas)


def test_a_fold_keeps_its_model_with_the_items_that_it_was_fitted_to(write_suite: Write) -> None:
    execute(write_suite(models="models: [bkt]"))
    store = open_store()
    fold = runs_of(store, "fold")[0]
    served = fetch(store, find(store, fold.run_id))
    assert served.each_answer_alike
    assert served.items is not None
    assert len(served.items) == 9
    assert len(served.skills or ()) == 3
