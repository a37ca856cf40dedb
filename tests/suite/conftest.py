"""A small suite on simulated learners, in a folder of its own."""

from collections.abc import Callable
from pathlib import Path

import pytest

from attain.suite.plan import Job

SUITE = """\
suite: tiny
datasets:
  - name: simulated
    options: {learners: 40, skills: 3, items: 9, answers: 20}
split: {by: learner, folds: 2}
baselines: false
models: [prior_rate]
metrics: [auc, log_loss]
replicates: 100
"""

MODEL = '''
import json
import numpy as np
from attain.core.component import Params
from attain.tasks.knowledge_tracing import KnowledgeTracer


class Own(KnowledgeTracer):
    """Half and half."""

    name = "own"
    params: Params

    def fit(self, log, context):
        context.report(1, loss=0.5)
        BODY

    def predict(self, log):
        return np.full(len(log), 0.5)

    def save(self, folder):
        (folder / "model.json").write_text("{}")

    @classmethod
    def load(cls, folder):
        return cls()
'''

Write = Callable[..., Path]


@pytest.fixture
def write_suite(home: Path) -> Write:
    """Writes `tiny.yaml` with lines of the tiny suite replaced: `write_suite(models="models: [bkt]")`."""

    def write(text: str = SUITE, **lines: str) -> Path:
        out = []
        for line in text.splitlines():
            key = line.partition(":")[0]
            out.append(lines.pop(key, line) if not line.startswith(" ") else line)
        path = home / "tiny.yaml"
        path.write_text("\n".join([*out, *lines.values(), ""]))
        return path

    return write


@pytest.fixture
def write_model(home: Path) -> Write:
    """Writes `own.py` with a model `Own` whose `fit` does what the given lines say."""

    def write(body: str = "pass", head: str = "") -> Path:
        path = home / "own.py"
        path.write_text(head + MODEL.replace("BODY", body.replace("\n", "\n        ")))
        return path

    return write


@pytest.fixture
def job() -> Job:
    """One fold of a model, as it is planned; nothing of it is there."""
    return Job(
        key="ab12",
        task="knowledge_tracing",
        dataset="any",
        prepared="",
        data_fingerprint="",
        model="dkt",
        params={},
        seed=0,
        split={},
        fold=0,
        folder="",
    )
