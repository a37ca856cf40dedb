"""Runs of dropout prediction that could be promoted, on every database: a champion's, better, worse and unfair ones."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attain.audit.policy import Policy, PolicyFile
from attain.suite.gates.promote import Decision, Terms, promote
from attain.suite.gates.register import register
from attain.testing.audits import at_risk_run, keep_run
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

LEARNERS = 2400
POLICY = PolicyFile(
    Policy(metrics=["false_positive_rate", "selection_rate"], by=["gender", "age"], replicates=200, tolerance=0.15)
)
NO_AUDIT = "a rehearsal"

Challenge = Callable[..., str]
Judge = Callable[..., Decision]


@pytest.fixture
def store(uri: str, home: Path) -> Iterator[Store]:
    store = open_database(uri)
    yield store
    store.close()


@pytest.fixture
def champion(store: Store, home: Path) -> Run:
    """A run on a data set with cohorts; version 1 of `dropout`, registered and the champion."""
    run = at_risk_run(store, home / "cache", learners=LEARNERS)
    artifacts.log_bytes(store, run.run_id, b"{}", "model/model.json")
    register(store, store.get_run(run.run_id), "dropout", "ada")
    promote(store, "dropout", "1", "champion", "the first", "ada", Terms(POLICY, without_audit=NO_AUDIT))
    return run


@pytest.fixture
def challenge(store: Store, champion: Run) -> Challenge:
    """Registers a run of another model on the champion's data: with less noise, more, or a lift for women."""
    with artifacts.open_artifact(store, champion.run_id, "predictions.parquet") as stream:
        frame = pd.read_parquet(stream)
    (data,) = store.get_run(champion.run_id).inputs
    folder = store.get_run(champion.run_id).tags["attain.prepared"]
    gender = json.loads((Path(folder) / "names.json").read_text())["cohorts"]["gender"]

    def make(*, truth: float = 0.0, noise: float = 0.0, lift: float = 0.0, seed: int = 1, name: str = "new") -> str:
        rng = np.random.default_rng(seed)
        logit = np.log(frame["score"] / (1 - frame["score"])) + truth * (frame["target"] - 0.5)
        logit += noise * rng.normal(size=len(frame))
        women = frame["unit"].map({f"learner-{i}": one == "F" for i, one in enumerate(gender)})
        score = 1 / (1 + np.exp(-(logit + lift * women)))
        tags = {"attain__prepared": folder, "attain__split": json.dumps({"by": "term"})}
        run = keep_run(store, frame.assign(score=score), name=name, **tags)
        store.log_inputs(run.run_id, [data])
        artifacts.log_bytes(store, run.run_id, b"{}", "model/model.json")
        return str(register(store, store.get_run(run.run_id), "dropout", "ada").version)

    return make


@pytest.fixture
def judge(store: Store) -> Judge:
    """Asks for the promotion of a version of `dropout`."""

    def ask(version: str, alias: str = "champion", **more: object) -> Decision:
        usual = {"policy": POLICY, "metric": "auc", "without_audit": NO_AUDIT}
        terms = Terms(**{**usual, **more})  # type: ignore[arg-type]  # a test gives what the class has
        return promote(store, "dropout", version, alias, "looks good", "ada", terms)

    return ask
