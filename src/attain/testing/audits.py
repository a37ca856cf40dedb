"""A small finished run of dropout prediction in a store, with cohorts and a planted bias, for tests of audits."""

import json
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd

from attain.core import table_file
from attain.core.table import Predictions
from attain.data.cache import content_fingerprint, write_prepared
from attain.data.dataset import Dataset
from attain.data.enrolments import Enrolments
from attain.testing.small_enrolments import small_enrolments
from attain.tracking import artifacts
from attain.tracking.entities import DatasetInput, Run
from attain.tracking.sql.store import Store

MORE = {"region": 6, "evening": 2, "school": 9, "distance": 4}
"""Attributes of chance, and how many values they have."""


def at_risk_table(log: Enrolments, *, seed: int = 0, bias: float = 0.0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predictions of all enrolments of the last term, and cohorts of all learners.

    Args:
        log: the enrolments.
        seed: of scores and cohorts.
        bias: what is added to the log-odds of women.
    """
    rng = np.random.default_rng(seed)
    gender = rng.choice(["F", "M", "X"], len(log.learners), p=[0.45, 0.45, 0.1])
    age = rng.choice(["18-24", "25-34", "35+"], len(log.learners), p=[0.5, 0.35, 0.15])
    more = {name: rng.choice([f"{name} {i}" for i in range(n)], len(log.learners)) for name, n in MORE.items()}
    index = pd.Index(log.learners, dtype=object, name="learner")
    cohorts = pd.DataFrame({"gender": gender, "age": age, **more}, index=index)
    test = log.take(log.term[log.offering] == len(log.terms) - 1)
    logit = 1.6 * (test.outcome - 0.5) + rng.normal(size=len(test)) + bias * (gender[test.learner] == "F")
    frame = pd.DataFrame(
        {
            "fold": 0,
            "example": test.row,
            "unit": test.learners[test.learner],
            "target": test.outcome,
            "course": test.courses[test.course[test.offering]],
            "term": test.terms[test.term[test.offering]],
            "as_of": float(test.as_of),
            "score": 1 / (1 + np.exp(-logit)),
        }
    )
    return frame.drop_duplicates(["unit", "course"], ignore_index=True), cohorts


def keep_run(
    store: Store, frame: pd.DataFrame, *, name: str = "a model", parent: str | None = None, **tags: str
) -> Run:
    """A finished run that keeps the table as its predictions.

    Args:
        store: where.
        frame: the predictions.
        name: of the run.
        parent: id of the run that it is part of.
        tags: its tags, with `__` for a dot.
    """
    experiment = store.ensure_experiment("at_risk").experiment_id
    named = {key.replace("__", "."): value for key, value in tags.items()}
    run = store.create_run(experiment, name, tags=named, params={"model": name}, parent_run_id=parent)
    with tempfile.TemporaryDirectory() as scratch:
        table_file.write(Predictions(frame), Path(scratch))
        artifacts.log_artifacts(store, run.run_id, scratch)
    store.update_run(run.run_id, status="FINISHED")
    return run


def at_risk_run(store: Store, folder: Path, *, learners: int = 900, seed: int = 0, bias: float = 0.0) -> Run:
    """A run with predictions of the last term, on a data set that lies prepared in `folder`."""
    log = small_enrolments(seed, learners=learners)
    frame, cohorts = at_risk_table(log, seed=seed, bias=bias)
    dataset = Dataset("small", log, "", cohorts=cohorts)
    fingerprint = content_fingerprint(dataset)
    write_prepared(Dataset("small", log, fingerprint, cohorts=cohorts), folder / fingerprint)
    tags = {"attain__prepared": str(folder / fingerprint), "attain__split": json.dumps({"by": "term"})}
    run = keep_run(store, frame, **tags)
    store.log_inputs(run.run_id, [DatasetInput("small", fingerprint)])
    return run
