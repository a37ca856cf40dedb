from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attain.data.cache import open_prepared
from attain.suite.audit_cohorts import prepared_of
from attain.suite.audit_reasons import MOST, reasons_of
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import MODELS
from attain.testing.audits import at_risk_run, at_risk_table, keep_run
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database


def with_model(store: Store, run: Run, holder: Run, name: str, folder: Path) -> Run:
    """The run of that model, whose fitted model lies with `holder`."""
    log = open_prepared(prepared_of(run) or Path()).log
    model = MODELS.get(name).create()
    model.fit(log.take(log.term[log.offering] < 2), FitContext())
    (folder / "model").mkdir(parents=True)
    model.save(folder / "model")
    artifacts.log_artifacts(store, holder.run_id, folder)
    store.log_batch(run.run_id, tags={"attain.model": name})
    return store.get_run(run.run_id)


@pytest.fixture
def frame_and_run(home: Path) -> tuple[pd.DataFrame, Run]:
    run = at_risk_run(open_database(), home / "cache")
    frame, _ = at_risk_table(open_prepared(prepared_of(run) or Path()).log)
    return frame, run


def test_reasons_are_those_of_the_kept_model_on_the_flagged_rows(frame_and_run: tuple, home: Path) -> None:
    frame, run = frame_and_run
    store = open_database()
    run = with_model(store, run, run, "logistic_regression", home / "kept")
    flag = np.zeros(len(frame), dtype=bool)
    flag[:30] = True
    found, why = reasons_of(store, run, frame, flag, 0)
    assert why == ""
    assert found is not None
    log = open_prepared(prepared_of(run) or Path()).log
    model = MODELS.get("logistic_regression").load(home / "kept" / "model")
    rows = log.take(np.isin(log.row, frame["example"][:30])).without_outcome()
    odds = found.base + found.contribution.sum(axis=1)
    np.testing.assert_allclose(1 / (1 + np.exp(-odds)), model.predict(rows), atol=1e-6)


def test_of_many_flagged_some_are_drawn_the_same_each_time(frame_and_run: tuple, home: Path) -> None:
    frame, run = frame_and_run
    store = open_database()
    run = with_model(store, run, run, "logistic_regression", home / "kept")
    flag = np.ones(len(frame), dtype=bool)
    (one, _), (other, _) = (reasons_of(store, run, frame, flag, 0) for _ in range(2))
    assert one is not None
    assert other is not None
    assert len(one.contribution) == MOST < len(frame)
    np.testing.assert_array_equal(one.contribution, other.contribution)


def test_the_model_of_a_fold_is_found_below_the_run(frame_and_run: tuple, home: Path) -> None:
    frame, run = frame_and_run
    store = open_database()
    fold = keep_run(store, frame, name="fold", parent=run.run_id)
    store.log_batch(fold.run_id, params={"fold": "0"})
    run = with_model(store, run, fold, "logistic_regression", home / "kept")
    found, why = reasons_of(store, run, frame, np.ones(len(frame), dtype=bool), 0)
    assert (found is not None, why) == (True, "")


def test_without_a_model_or_reasons_it_is_said_why(frame_and_run: tuple, home: Path) -> None:
    frame, run = frame_and_run
    store = open_database()
    everybody = np.ones(len(frame), dtype=bool)
    assert reasons_of(store, run, frame, everybody, 0) == (None, "the run kept no model")
    assert reasons_of(store, run, frame, ~everybody, 0) == (None, "nobody is flagged")
    run = with_model(store, run, run, "course_rate", home / "kept")
    found, why = reasons_of(store, run, frame, everybody, 0)
    assert found is None
    assert why == "the model course_rate does not say what its scores go by"
