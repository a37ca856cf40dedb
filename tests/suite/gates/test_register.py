"""A version holds its saved form, its run, its data and its audit."""

import json
from pathlib import Path

import pytest

from attain.audit.policy import Policy, PolicyFile
from attain.core.errors import UserError
from attain.suite.audits import Asked, make_audit
from attain.suite.gates.register import register
from attain.testing.audits import at_risk_run
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store


@pytest.fixture
def run(store: Store, home: Path) -> Run:
    """A finished run with a saved model, in a suite."""
    made = at_risk_run(store, home / "cache", learners=300)
    artifacts.log_bytes(store, made.run_id, b"{}", "model/model.json")
    store.log_batch(made.run_id, tags={"attain.model": "two_rules", "attain.kind": "model"})
    return store.get_run(made.run_id)


def test_a_version_says_where_it_comes_from(store: Store, run: Run) -> None:
    audit = make_audit(store, Asked(run, PolicyFile(Policy(replicates=100, by=["gender"]))), "ada")
    made = register(store, run, "dropout", "ada")
    assert (made.version, made.source) == (1, f"runs:/{run.run_id}/model")
    assert made.tags["attain.run"] == run.run_id
    assert made.tags["attain.model"] == "two_rules"
    assert made.tags["attain.data_fingerprint"] == run.inputs[0].digest
    assert made.tags["attain.table_sha256"] == store.artifact(run.run_id, "predictions.parquet").sha256
    assert made.tags["attain.audit"] == audit.id
    assert register(store, run, "dropout", "ada").version == 2
    line = store.access.about("model dropout", ["model.register"])[0]
    assert json.loads(line.details) | {"table_sha256": "", "data": ""} == {
        "version": 1,
        "run": run.run_id,
        "table_sha256": "",
        "data": "",
        "audit": audit.id,
    }


def test_of_several_folds_one_is_the_saved_form(store: Store, run: Run) -> None:
    store.remove_artifacts(run.run_id, "model")
    folds = []
    for fold in (1, 0):
        made = store.create_run(
            run.experiment_id, "a fold", tags={"attain.kind": "fold"}, params={"fold": fold}, parent_run_id=run.run_id
        )
        artifacts.log_bytes(store, made.run_id, b"{}", "model/model.json")
        store.update_run(made.run_id, status="FINISHED")
        folds.append(made.run_id)
    assert register(store, run, "dropout", "ada").source == f"runs:/{folds[1]}/model"
    assert register(store, run, "dropout", "ada", fold=1).source == f"runs:/{folds[0]}/model"
    of_fold = register(store, store.get_run(folds[0]), "dropout", "ada")
    assert (of_fold.tags["attain.fold"], of_fold.tags["attain.run"]) == ("1", run.run_id)
    with pytest.raises(UserError, match="kept no model of fold 7; there is: 0, 1"):
        register(store, run, "dropout", "ada", fold=7)


def test_what_cannot_be_registered_is_a_sentence(store: Store, run: Run) -> None:
    suite = store.create_run("0", "a suite", tags={"attain.kind": "suite"})
    with pytest.raises(UserError, match="is the suite 'a suite'; one model can be registered: none yet"):
        register(store, store.get_run(suite.run_id), "dropout", "ada")
    empty = store.create_run("0", "empty")
    with pytest.raises(UserError, match="of 'empty' is running; only a finished run counts"):
        register(store, store.get_run(empty.run_id), "dropout", "ada")
    store.update_run(empty.run_id, status="FINISHED")
    with pytest.raises(UserError, match="keeps no predictions, so nothing can be judged by it"):
        register(store, store.get_run(empty.run_id), "dropout", "ada")
    store.remove_artifacts(run.run_id, "model")
    with pytest.raises(UserError, match="kept no model, so there is nothing to register"):
        register(store, run, "dropout", "ada")
    assert store.registry.search_models().items == [], "nothing was made on the way"
