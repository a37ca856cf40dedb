import json
from pathlib import Path

import numpy as np
import pandas as pd

from attain.audit.policy import Policy, PolicyFile
from attain.core.rng import rng
from attain.data.cache import open_prepared
from attain.suite.audit_check import verify_audit
from attain.suite.audit_cohorts import prepared_of
from attain.suite.audit_reasons import MOST
from attain.suite.audit_stability import agreement_of
from attain.suite.audits import Asked, make_audit
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import MODELS, Explains
from attain.testing.audits import at_risk_run, at_risk_table
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database


def fitted(store: Store, home: Path, **params: object) -> tuple[Run, pd.DataFrame]:
    """A run that keeps a model fitted to the terms before the last, and its predictions."""
    run = at_risk_run(store, home / "cache")
    log = open_prepared(prepared_of(run) or Path()).log
    model = MODELS.get("logistic_regression").create(**params)
    model.fit(log.take(log.term[log.offering] < len(log.terms) - 1), FitContext())
    (home / "kept" / "model").mkdir(parents=True)
    model.save(home / "kept" / "model")
    artifacts.log_artifacts(store, run.run_id, home / "kept")
    store.log_batch(run.run_id, tags={"attain.model": "logistic_regression"})
    return store.get_run(run.run_id), at_risk_table(log)[0]


def test_a_model_that_goes_by_little_keeps_its_reasons_and_one_that_goes_by_all_does_not(home: Path) -> None:
    store, found = open_database(), {}
    for name, params in (("little", {"features": ["assessments"], "strength": 1e-9}), ("all", {"strength": 1e3})):
        (home / name).mkdir()
        run, frame = fitted(store, home / name, **params)
        agreed, why = agreement_of(store, run, frame, np.ones(len(frame), dtype=bool), 0)
        assert why == ""
        assert agreed is not None
        assert 0 < agreed.named <= agreed.n <= MOST
        assert agreed.first <= agreed.named
        assert agreement_of(store, run, frame, np.ones(len(frame), dtype=bool), 0) == (agreed, "")
        found[name] = agreed.first / agreed.named
        assert 0 < agreed.shared <= 1
        assert agreed.flagged == 1  # all are
    assert found["little"] > 0.8 > found["all"]


def test_what_is_not_known_any_more_is_said(home: Path) -> None:
    store = open_database()
    run, frame = fitted(store, home)
    lost = Run(**{**vars(run), "tags": {k: v for k, v in run.tags.items() if k != "attain.split"}})
    agreed, why = agreement_of(store, lost, frame, np.ones(len(frame), dtype=bool), 0)
    assert agreed is None
    assert "its split" in why
    assert json.loads(run.tags["attain.split"]) == {"by": "term"}


def test_the_counts_are_those_of_two_models_fitted_by_hand(home: Path) -> None:
    store = open_database()
    run, frame = fitted(store, home, strength=1e3)
    log = open_prepared(prepared_of(run) or Path()).log
    train, generator = log.take(log.term[log.offering] < len(log.terms) - 1), rng(7, "refits", 0)
    firsts, strongest, flagged = [], [], []
    for _ in range(2):
        model = MODELS.get("logistic_regression").create(strength=1e3)
        members = np.unique(train.learner)
        picked = members[generator.integers(0, len(members), len(members))]
        model.fit(train.take(np.concatenate([np.flatnonzero(train.learner == one) for one in picked])), FitContext())
        seen = log.take(np.isin(log.row, frame["example"][:60])).without_outcome()
        assert isinstance(model, Explains)
        reasons = model.reasons(seen)
        firsts.append([str(reasons.features[code]) if code >= 0 else "" for code in reasons.top(1)[:, 0]])
        strongest.append(reasons.contribution.argmax(axis=1))
        every = log.take(np.isin(log.row, frame["example"])).without_outcome()
        flagged.append(set(np.argsort(-model.predict(every), kind="stable")[:60].tolist()))
    pairs = [pair for pair in zip(*firsts, strict=True) if any(pair)]
    agreed, _ = agreement_of(store, run, frame, np.arange(len(frame)) < 60, 7)
    assert agreed is not None
    assert (agreed.first, agreed.named) == (sum(a == b for a, b in pairs), len(pairs))
    assert (agreed.strongest, agreed.n) == ((strongest[0] == strongest[1]).sum(), 60)
    assert agreed.flagged == len(flagged[0] & flagged[1]) / 60 < 1
    assert agreed.learners == len(np.unique(train.learner))


def test_an_audit_that_is_asked_tells_it_and_verifies(home: Path) -> None:
    store = open_database()
    run, _ = fitted(store, home)
    policy = Policy(replicates=100, by=["gender"], stability=True)
    made = make_audit(store, Asked(run, PolicyFile(policy)), "tests")
    assert 0 < made.record["results"]["reasons"]["stability"]["first"] <= 1
    assert b"The model was fitted anew twice, with the same settings" in made.html
    assert all(check.passed for check in verify_audit(store, made.id))
    unasked = make_audit(store, Asked(run, PolicyFile(policy.model_copy(update={"stability": False}))), "tests")
    assert "stability" not in unasked.record["results"]["reasons"]
    assert b"was not measured" in unasked.html
