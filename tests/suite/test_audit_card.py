from pathlib import Path

from attain.suite.audit_card import card_of
from attain.suite.record import CODE, SPLIT
from attain.testing.audits import at_risk_run
from attain.tracking.entities import Run
from attain.tracking.store import open_database


def test_what_was_not_set_has_no_line(home: Path) -> None:
    store = open_database()
    run = at_risk_run(store, home / ".attain" / "cache")
    store.log_batch(
        run.run_id,
        params={"model.features": "None", "model.actionable": "[]", "model.strength": "1.0", "model.deep": "False"},
        tags={SPLIT: '{"by": "term", "test": null, "rolling": 1}'},
    )
    card = card_of(store.get_run(run.run_id))
    assert card["params"] == {"strength": "1.0", "deep": "False"}
    assert card["split"] == {"by": "term", "rolling": 1}


def test_the_usual_outcome_has_its_name(home: Path) -> None:
    store = open_database()
    run = at_risk_run(store, home / ".attain" / "cache")
    assert card_of(run)["outcome"] == "not recorded"
    named = Run(**{**vars(run), "params": run.params | {"dataset": "oulad as_of=28"}})
    assert card_of(named)["outcome"] == "fail_or_withdrawn (the data set's usual one)"
    chosen = Run(**{**vars(run), "params": run.params | {"dataset": "oulad", "dataset.outcome": "withdrawn_within"}})
    assert card_of(chosen)["outcome"] == "withdrawn_within"


def test_the_card_names_the_code_by_its_mark_where_no_commit_is_known(home: Path) -> None:
    store = open_database()
    run = at_risk_run(store, home / ".attain" / "cache")
    assert card_of(run)["code"] == "not recorded"
    store.log_batch(run.run_id, tags={CODE: "8cbb033d"})
    assert card_of(store.get_run(run.run_id))["code"] == "no commit is known; mark of its code 8cbb033d"
    store.log_batch(run.run_id, tags={"mlflow.source.git.commit": "0123456789abcdef"})
    assert card_of(store.get_run(run.run_id))["code"] == "commit 0123456789ab"
