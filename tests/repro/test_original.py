"""What is asked for again of one model of a suite: what its jobs need and how its params are sought are in it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from attain.repro.original import original, suite_of
from attain.suite.config import Suite
from attain.tracking.entities import Run
from attain.tracking.store import Store, open_store

pytest.importorskip("optuna")

Attain = Callable[..., Any]  # conftest's `Said`, which no test file can import

SUITE = """\
suite: two
datasets: [{name: simulated, options: {learners: 20, skills: 2, items: 6, answers: 10}}]
split: {by: learner, folds: 2}
baselines: false
models:
  - {name: item_mean, resources: {threads: 2, memory_gb: 0.1}}
  - {name: prior_rate, search: {space: {shrink: [1.0, 5.0]}, trials: 2, folds: 2, metric: log_loss}}
metrics: [auc, log_loss]
replicates: 100
"""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("two")
    (folder / "two.yaml").write_text(SUITE)
    uri = f"sqlite:///{folder / 'attain.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("ATTAIN_HOME", str(folder / "home"))
        patch.setenv("GIT_CEILING_DIRECTORIES", str(folder.parent))
        command = [sys.executable, "-m", "attain.cli", "run", "two.yaml", "--store", uri, "--workers", "1"]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    return open_store(uri)


def models(store: Store) -> dict[str, Run]:
    experiment = store.experiment_named("two")
    assert experiment is not None
    found = store.search_runs([experiment.experiment_id], "tags.`attain.kind` = 'model'").items
    return {run.params["model"]: run for run in found}


def test_what_the_jobs_of_a_model_ask_for_is_asked_for_again(store: Store) -> None:
    for model, run in models(store).items():
        whole = Suite.model_validate(suite_of(original(store, run.parent_run_id or ""), None))
        one = Suite.model_validate(suite_of(original(store, run.run_id), None))
        (asked,) = [choice for choice in whole.models if choice.name == model]
        (choice,) = one.models
        assert choice.resources == (asked.resources or whole.resources)
        assert choice.search == asked.search


def test_a_model_whose_params_were_sought_is_identical(
    attain: Attain, home: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(home.parent))
    said = attain("reproduce", models(store)["prior_rate"].run_id, "--store", f"sqlite:///{store.place}", "--json")
    assert said.out, said.err
    assert json.loads(said.out)["verdict"] == "identical"
