from pathlib import Path

import numpy as np
import pytest

from attain.audit.policy import Policy, PolicyFile
from attain.data.cache import open_prepared
from attain.suite.audit_changes import changes_of
from attain.suite.audit_check import verify_audit
from attain.suite.audit_cohorts import prepared_of
from attain.suite.audits import Asked, make_audit
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import MODELS
from attain.testing.audits import at_risk_run, at_risk_table
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database


@pytest.fixture
def kept(home: Path) -> tuple[Store, Run, Path]:
    """A run that keeps a logistic regression on the terms before the last."""
    store = open_database()
    run = at_risk_run(store, home / "cache")
    log = open_prepared(prepared_of(run) or Path()).log
    model = MODELS.get("logistic_regression").create()
    model.fit(log.take(log.term[log.offering] < len(log.terms) - 1), FitContext())
    (home / "kept" / "model").mkdir(parents=True)
    model.save(home / "kept" / "model")
    artifacts.log_artifacts(store, run.run_id, home / "kept")
    store.log_batch(run.run_id, tags={"attain.model": "logistic_regression"})
    return store, store.get_run(run.run_id), home / "kept" / "model"


def test_each_has_the_change_that_takes_it_under_the_line_of_its_own_course(kept: tuple) -> None:
    store, run, folder = kept
    log = open_prepared(prepared_of(run) or Path()).log
    frame, _ = at_risk_table(log)
    course = frame["course"].to_numpy()
    line = np.where(np.arange(len(frame)) < 90, np.where(course == course[0], 0.5, 0.3), np.nan)
    found, why = changes_of(store, run, frame, line, 0)
    assert why == ""
    assert found is not None
    assert found["example"].is_unique
    assert set(found["example"]) <= set(frame["example"][:90])
    model = MODELS.get("logistic_regression").load(folder)
    for place in range(0, 90, 9):
        one = log.take(np.isin(log.row, [frame["example"][place]])).without_outcome()
        own = model.smallest_changes(one, line[place]).head(1)
        mine = found[found["example"] == frame["example"][place]]
        assert mine[["feature", "needed"]].to_numpy().tolist() == own[["feature", "needed"]].to_numpy().tolist()


def test_an_audit_tells_of_changes_and_verifies(kept: tuple) -> None:
    store, run, _ = kept
    made = make_audit(store, Asked(run, PolicyFile(Policy(replicates=100, by=["gender"]))), "tests")
    found = made.record["results"]["reasons"]["changes"]
    assert found["n"] > 10
    assert found["reason"] == ""
    actionable = {one["feature"]: one["actionable"] for one in made.record["results"]["reasons"]["features"]}
    assert all(actionable.get(one["feature"], True) for one in found["features"])
    assert b"would have been under the line with one value changed" in made.html
    assert all(check.passed for check in verify_audit(store, made.id))
