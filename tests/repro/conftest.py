"""A repository with a suite on a file of answers and a model of one's own, run once with uncommitted changes."""

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from attain.suite import record
from attain.tracking.store import open_store

SUITE = """\
suite: mine
datasets:
  - {file: answers.csv, columns: {learner: who, item: what, correct: right, skill: topic}}
split: {by: learner, folds: 2}
baselines: false
models: ["own.py:Own"]
seeds: [0, 1, 2, 3]
metrics: [auc, log_loss]
replicates: 100
"""

MODEL = '''
import os
import numpy as np
from added import CENTRE
from attain.core.component import Params
from attain.tasks.knowledge_tracing import KnowledgeTracer


class Own(KnowledgeTracer):
    """The share of right answers, and a little chance."""

    name = "own"
    params: Params

    def fit(self, log, context):
        self._noise = float(context.rng.normal(0, 0.02))
        self._chance = int(context.rng.integers(1, 1000))

    def predict(self, log):
        noise = np.random.default_rng(self._chance).normal(0, 0.02, len(log.items))
        outside = float(os.environ.get("OUTSIDE", "0"))  # nothing that a run keeps
        return np.clip(CENTRE + self._noise + noise[log.item] + outside, 0.01, 0.99)

    def save(self, folder):
        (folder / "model.json").write_text(f"[{self._noise}, {self._chance}]")

    @classmethod
    def load(cls, folder):
        return cls()
'''


def run_git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    return subprocess.run(
        ["git", *identity, *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout.strip()


@dataclass(frozen=True)
class Place:
    """Where the suite was run: a clone of `origin`, its store, and the run of the model with seed 0."""

    origin: Path
    clone: Path
    store: str
    suite_run: str
    model_run: str


@pytest.fixture(scope="session")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    top = tmp_path_factory.mktemp("place")
    origin, clone = top / "origin", top / "clone"
    origin.mkdir()
    run_git(origin, "init", "--quiet", "--initial-branch=work")
    (origin / "own.py").write_text("# to be written\n")
    (origin / ".gitignore").write_text("answers.csv\n")
    run_git(origin, "add", ".")
    run_git(origin, "commit", "--quiet", "-m", "first")
    run_git(top, "clone", "--quiet", str(origin), str(clone))
    (clone / "own.py").write_text(MODEL)  # uncommitted
    (clone / "added.py").write_text("CENTRE = 0.6\n")  # untracked
    (clone / "mine.yaml").write_text(SUITE)
    write_answers(clone / "answers.csv")
    store = f"sqlite:///{clone / '.attain' / 'attain.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(clone)
        patch.setenv("ATTAIN_HOME", str(clone / ".attain"))
        patch.delenv("ATTAIN_TRACKING_URI", raising=False)
        command = [sys.executable, "-m", "attain.cli"]
        done = subprocess.run([*command, "run", "mine.yaml", "--workers", "2"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        opened = open_store(store)
        everywhere = [one.experiment_id for one in opened.list_experiments().items]
        kind = f"tags.`{record.KIND}`"
        (suite_run,) = opened.search_runs(everywhere, f"{kind} = 'suite'").items
        (model_run,) = opened.search_runs(everywhere, f"{kind} = 'model' AND params.seed = '0'").items
    return Place(origin, clone, store, suite_run.run_id, model_run.run_id)


def write_answers(path: Path) -> None:
    rng = np.random.default_rng(5)
    lines = ["who,what,right,topic"]
    for learner in range(30):
        for item in rng.integers(0, 12, 15):
            lines.append(f"learner{learner},item{item},{int(rng.random() < 0.4 + item / 30)},topic{item % 3}")
    path.write_text("\n".join([*lines, ""]))


@pytest.fixture
def elsewhere(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fresh clone with a home of its own, in which we are."""
    folder = tmp_path / "elsewhere"
    run_git(tmp_path, "clone", "--quiet", str(place.origin), str(folder))
    monkeypatch.chdir(folder)
    monkeypatch.setenv("ATTAIN_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("ATTAIN_TRACKING_URI", raising=False)
    return folder
