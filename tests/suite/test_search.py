"""Searches of params: inside the training learners, the same after an interruption, nested, drawn."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.core.rng import rng
from attain.data.split import ByLearner
from attain.suite import record, report
from attain.suite.config import read_suite
from attain.suite.execute import Execution, Outcome
from attain.suite.plan import make_plan
from attain.suite.progress import View
from attain.tasks.context import FitContext
from attain.tasks.find import task as find_task
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.store import Store, default_uri, open_store

pytest.importorskip("optuna")

Write = Callable[..., Path]
PATIENCE = 240
MODEL = """
import json
import time
from pathlib import Path
import numpy as np
from attain.core.component import Params
from attain.tasks.knowledge_tracing import KnowledgeTracer


class Values(Params):
    x: float = 0.5
    kind: str = "a"


class Own(KnowledgeTracer):
    '''Better the nearer x is to 0.7, and with kind b.'''

    name = "own"
    params: Values

    def fit(self, log, context):
        with open(Path(__file__).parent / "learners.txt", "a") as seen:
            seen.write(json.dumps(sorted(map(str, np.asarray(log.learners, dtype=object)[log.present]))) + "\\n")
        if self.params.x < -1:
            raise ValueError("too small")
        if (Path(__file__).parent / "slow").exists():
            time.sleep(0.3)

    def predict(self, log):
        share = 0.3 + 0.4 * (1 - abs(self.params.x - 0.7)) + 0.05 * (self.params.kind == "b")
        return np.full(len(log), min(share, 0.99))

    def save(self, folder):
        (folder / "model.json").write_text("{}")

    @classmethod
    def load(cls, folder):
        return cls()
"""
SEARCH = (
    "models: [{{name: 'own:Own', search: {{space: {{x: {{low: 0.0, high: 1.0}}, kind: [a, b]}}, "
    "trials: {trials}, folds: 2, metric: log_loss{more}}}}}]"
)


def models(trials: int = 6, more: str = "") -> str:
    return SEARCH.format(trials=trials, more=more)


@pytest.fixture
def own(home: Path) -> Path:
    (home / "own.py").write_text(MODEL)
    return home


def execute(path: Path, workers: int = 1) -> Outcome:
    plan = make_plan(read_suite(str(path)))
    return Execution(plan, default_uri(), workers=workers, threads=1, view=View()).run()


def runs_of(store: Store, kind: str) -> list[Run]:
    experiments = [e.experiment_id for e in store.list_experiments().items]
    return store.search_runs(experiments, f"tags.`{record.KIND}` = '{kind}'", order_by=["start_time ASC"]).items


def tried(store: Store) -> dict[str, list[object]]:
    """Fold to its trials, as the finished searches keep them."""
    found = {}
    for run in runs_of(store, "search"):
        if run.status == "FINISHED":
            kept = json.loads(artifacts.read_bytes(store, run.run_id, "trials.json"))
            found[run.params["fold"]] = [(t["params"], t["steps"], t["state"]) for t in kept]
    return found


def test_each_fold_gets_the_best_params_of_its_own_search(write_suite: Write, own: Path) -> None:
    outcome = execute(write_suite(models=models()))
    store = open_store()
    assert not outcome.failed
    searches = {run.params["fold"]: run for run in runs_of(store, "search")}
    (model,) = runs_of(store, "model")
    assert model.params["model.x"] == "searched"
    assert model.params["search.trials"] == "6"
    for fold in [run for run in runs_of(store, "fold") if run.params["model"] == "own:Own"]:
        search = searches[fold.params["fold"]]
        assert search.parent_run_id == model.run_id
        assert (fold.params["model.x"], fold.params["model.kind"]) == (
            search.params["best.x"],
            search.params["best.kind"],
        )
        trials = [run for run in runs_of(store, "trial") if run.parent_run_id == search.run_id]
        assert len(trials) == 6
        assert search.metrics["best"] == min(run.metrics["trial"] for run in trials)
        kept = {file.path for file in store.artifacts_under(search.run_id)}
        assert {"trials.json", "figures/history.svg", "figures/importance.svg"} <= kept


def test_no_trial_ever_sees_a_learner_of_the_test_part(write_suite: Write, own: Path) -> None:
    execute(write_suite(models=models(trials=3), split="split: {by: learner, folds: 2, only: 1}"))
    fitted = [set(json.loads(line)) for line in (own / "learners.txt").read_text().splitlines()]
    *inside, last = fitted
    assert len(inside) == 6
    assert len(last) == 20
    assert all(learners < last for learners in inside), "only parts of the training learners"


def test_a_search_that_was_killed_tries_the_same_params_when_it_goes_on(
    write_suite: Write, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_suite(models=models(trials=12, more=", at_once: 2, pruning: median"))
    (own / "slow").touch()
    process = subprocess.Popen([sys.executable, "-m", "attain.cli", "run", str(path), "--workers", "2"])
    store, end = open_store(), time.monotonic() + PATIENCE
    while sum(run.status == "FINISHED" for run in runs_of(store, "trial")) < 5:
        assert time.monotonic() < end
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    (own / "slow").unlink()
    before = {run.run_id for run in runs_of(store, "trial") if run.status == "FINISHED"}
    assert not execute(path, workers=2).failed
    after = {run.run_id for run in runs_of(store, "trial") if run.status == "FINISHED"}
    assert before < after
    keys = [store.get_run(run_id).tags["attain.key"] for run_id in after]
    assert len(keys) == len(set(keys)), "finished trials are not repeated"
    interrupted = tried(store)

    monkeypatch.setenv("ATTAIN_HOME", f"{os.environ['ATTAIN_HOME']}-whole")
    assert not execute(path).failed
    assert tried(open_store()) == interrupted


def test_trials_that_are_worse_than_the_median_are_given_up(write_suite: Write, own: Path) -> None:
    execute(write_suite(models=models(trials=14, more=", pruning: median, sampler: random")))
    for trials in tried(open_store()).values():
        states = [(state, len(steps)) for _, steps, state in trials]  # type: ignore[misc]
        assert ("pruned", 1) in states
        assert set(states) <= {("pruned", 1), ("complete", 2)}
        assert all(state == ("complete", 2) for state in states[:4])


def test_a_trial_that_fails_costs_only_itself(write_suite: Write, own: Path) -> None:
    (own / "own.py").write_text(MODEL.replace("x < -1", "x < 0.5"))
    outcome = execute(write_suite(models=models(trials=8, more=", sampler: random")))
    assert not outcome.failed
    states = {state for trials in tried(open_store()).values() for _, _, state in trials}  # type: ignore[misc]
    assert states == {"complete", "failed"}


def test_a_search_of_which_every_trial_fails_costs_the_model(write_suite: Write, own: Path) -> None:
    (own / "own.py").write_text(MODEL.replace("x < -1", "x < 2"))
    outcome = execute(write_suite(models=models(trials=2).replace("}]", "}, prior_rate]")))
    assert [label for _, label in outcome.finished] == ["prior_rate"]
    assert "no trial of its search could be completed" in outcome.failed[0]


def test_a_finished_search_is_not_repeated(write_suite: Write, own: Path) -> None:
    execute(write_suite(models=models(trials=3)))
    outcome = execute(write_suite(models=models(trials=3), metrics="metrics: [auc, brier]"))
    store = open_store()
    assert len(runs_of(store, "trial")) == 6
    (table,) = report.tables(store, outcome.suite_run)
    assert table.columns[0].values["brier"].value is not None


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("space: {y: [1, 2]}", r"tiny.yaml:7: models.0.search.space.y: Unknown param of 'own' 'y'"),
        ("space: {x: {low: 1, high: 0}}", r"tiny.yaml:7: models.0.search.space.x: give `low` and a greater `high`"),
        ("space: {x: {low: 0.0, high: 1.0, log: true}}", r"space.x: `log` needs a `low` above 0"),
        ("space: {x: []}", r"space.x: give either a list of values that is not empty"),
        ("space: {x: {low: a, high: 1}}", r"space.x.low: 'a' is not right"),
        ("space: {kind: [1, 2]}", r"space.kind: Param 'kind' of 'own' is 1"),
        ("space: {x: {lo: 0.0, high: 1.0}}", r"space.x.lo: Unknown field 'lo'. Did you mean 'low'"),
        ("space: {x: [0.1]}, trails: 3", r"models.0.search.trails: Unknown field 'trails'. Did you mean 'trials'"),
        ("space: {x: [0.1]}, metric: aucc", r"models.0.search.metric: Unknown metric 'aucc'"),
        ("space: {x: [0.1]}, trials: 2, at_once: 3", r"search.at_once: there are fewer trials than that in all"),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(write_suite: Write, own: Path, written: str, said: str) -> None:
    path = write_suite(models=f"models: [{{name: 'own:Own', search: {{{written}}}}}]")
    with pytest.raises(UserError, match=said) as caught:
        make_plan(read_suite(str(path)))
    assert "\n" not in str(caught.value)


def test_a_param_that_is_given_is_not_sought_too(write_suite: Write, own: Path) -> None:
    path = write_suite(models="models: [{name: 'own:Own', params: {x: 0.1}, search: {space: {x: [0.1, 0.2]}}}]")
    with pytest.raises(UserError, match=r"search.space.x: 'x' is in params or grid, and in the space of the search"):
        make_plan(read_suite(str(path)))


OTHER_TASKS = {
    "dropout_prediction": """
task: dropout_prediction
datasets: [{name: simulated_courses, options: {learners: 150}}]
split: {by: term}
models: [{name: logistic_regression, search: {space: {strength: [0.001, 1.0, 100.0]}, trials: 3, folds: 2}}]
metrics: [auc]
""",
    "recommendation": """
task: recommendation
datasets: [{name: simulated, options: {learners: 60, skills: 3, items: 30, answers: 20}}]
split: {by: order}
models: [{name: item_knn, search: {space: {neighbours: [1, 5, 20]}, trials: 3}}]
metrics: [ndcg@10]
""",
}


@pytest.mark.parametrize("task", OTHER_TASKS)
def test_params_of_other_tasks_are_sought_in_the_training_part_too(home: Path, task: str) -> None:
    path = home / "other.yaml"
    path.write_text(f"suite: other\nbaselines: false\nreplicates: 100\n{OTHER_TASKS[task]}")
    outcome = execute(path)
    assert not outcome.failed
    store = open_store()
    (fold,) = runs_of(store, "fold")
    (search,) = runs_of(store, "search")
    trials = runs_of(store, "trial")
    ((name, chosen),) = [(k.removeprefix("best."), v) for k, v in search.params.items() if k.startswith("best.")]
    assert fold.params[f"model.{name}"] == chosen
    assert search.metrics["best"] == max(run.metrics["trial"] for run in trials)
    for run in trials:
        assert run.metrics["trial"] == pytest.approx(by_hand(path, task, {name: run.params[f"model.{name}"]}))


def by_hand(path: Path, name: str, params: dict[str, str]) -> float:
    """A trial's value, worked out without the suite: the training part alone, parted once more."""
    module, plan = find_task(name), make_plan(read_suite(str(path)))
    run, metric = plan.runs[0], plan.metrics[0]
    fold = module.make_fold(run.split, run.dataset, 0)
    inside, values = replace(run.dataset, log=fold.train), []
    parts = 2 if name == "dropout_prediction" else 1
    again = ByLearner(folds=2, seed=0) if name == "dropout_prediction" else run.split
    for part in range(parts):
        own = module.make_fold(again, inside, part)
        model = run.adapter.create(**{key: json.loads(value) for key, value in params.items()})
        table = module.run(model, own, FitContext(rng(0, "fit", 0, part)))
        values.append(metric.statistic(table).at(np.ones((1, len(table.units))))[0])
    return float(np.mean(values))
