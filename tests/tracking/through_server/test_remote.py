"""What our client asks of a server."""

import pytest

from attain.tracking import remote
from attain.tracking.sql.store import Store
from attain.tracking.store import open_store


def test_more_names_than_fit_in_one_request_are_asked_for_in_pieces(
    uri: str, database: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "PIECE", 2)
    store = open_store(uri)
    made = [store.create_run("0").run_id for _ in range(5)]
    assert all(run.process for run in store.search_runs(["0"]).items)
    for number, run_id in enumerate(made):
        assert store.claim(f"held {number}", run_id)
    held = {f"held {number}": run_id for number, run_id in enumerate(made)}
    assert store.claimed([*held, "another"]) == held
    for number, run_id in enumerate(made):
        store.log_batch(run_id, tags={"attain.key": f"done {number}"})
        store.update_run(run_id, status="FINISHED")
    done = {f"done {number}": run_id for number, run_id in enumerate(made)}
    assert store.finished_runs([*done, "another"]) == done
    assert store.finished_runs([]) == {}
    store.close()
