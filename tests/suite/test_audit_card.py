from pathlib import Path

from attain.suite.audit_card import card_of
from attain.suite.record import CODE
from attain.testing.audits import at_risk_run
from attain.tracking.store import open_database


def test_the_card_names_the_code_by_its_mark_where_no_commit_is_known(home: Path) -> None:
    store = open_database()
    run = at_risk_run(store, home / ".attain" / "cache")
    assert card_of(run)["code"] == "not recorded"
    store.log_batch(run.run_id, tags={CODE: "8cbb033d"})
    assert card_of(store.get_run(run.run_id))["code"] == "no commit is known; mark of its code 8cbb033d"
    store.log_batch(run.run_id, tags={"mlflow.source.git.commit": "0123456789abcdef"})
    assert card_of(store.get_run(run.run_id))["code"] == "commit 0123456789ab"
