import subprocess
import sys

import pytest
from sqlalchemy import create_engine, text

from attain.tracking.entities import Run
from attain.tracking.sql.store import Store

CLAIM = (
    "import sys; from attain.tracking.store import open_store; print(open_store(sys.argv[1]).claim('k', sys.argv[2]))"
)


def test_a_key_belongs_to_one_run_at_a_time(store: Store, run: Run) -> None:
    assert store.claim("k", run.run_id)
    assert store.claim("k", run.run_id)
    assert not store.claim("k", "another")
    assert store.claimed(["k", "l"]) == {"k": run.run_id}
    store.release("k")
    store.release("k")
    assert store.claimed(["k"]) == {}
    assert store.claim("k", "another")


def test_the_claim_of_a_dead_process_is_taken_over(store: Store, uri: str, run: Run) -> None:
    done = subprocess.run([sys.executable, "-c", CLAIM, uri, run.run_id], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"
    assert store.claimed(["k"]) == {}
    assert store.claim("k", "another")


def test_a_claim_from_elsewhere_is_taken_over_when_it_is_stale(store: Store, uri: str, run: Run) -> None:
    store.claim("k", run.run_id)
    engine = create_engine(uri)
    with engine.begin() as connection:
        connection.execute(text("UPDATE claims SET process = 'elsewhere.1.1'"))
    assert not store.claim("k", "another")
    with engine.begin() as connection:
        connection.execute(text("UPDATE claims SET heartbeat = heartbeat - 61000"))
    engine.dispose()
    assert store.claim("k", "another")


def test_another_process_cannot_take_a_key_from_a_living_one(store: Store, uri: str, run: Run) -> None:
    store.claim("k", run.run_id)
    done = subprocess.run([sys.executable, "-c", CLAIM, uri, "another"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("status", ["FINISHED", "FAILED", "KILLED"])
def test_a_run_that_ends_gives_up_its_claims(store: Store, run: Run, status: str) -> None:
    store.claim("k", run.run_id)
    store.update_run(run.run_id, status=status)  # type: ignore[arg-type]  # one of the three
    assert store.claimed(["k"]) == {}


def test_finished_runs_are_found_by_their_job_keys(store: Store) -> None:
    keys = ["done", "running", "failed", "deleted", "twice"]
    runs = {key: store.create_run("0", tags={"attain.key": key}, start_time=1).run_id for key in keys}
    again = store.create_run("0", tags={"attain.key": "twice"}, start_time=2).run_id
    for key, status in {"done": "FINISHED", "failed": "FAILED", "deleted": "FINISHED", "twice": "FINISHED"}.items():
        store.update_run(runs[key], status=status)  # type: ignore[arg-type]  # both are statuses
    store.update_run(again, status="FINISHED")
    store.delete_run(runs["deleted"])
    assert store.finished_runs([*keys, "unknown"]) == {"done": runs["done"], "twice": again}
    assert store.finished_runs([]) == {}
