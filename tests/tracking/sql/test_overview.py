from attain.tracking.entities import Run
from attain.tracking.sql.store import Store


def test_runs_are_counted_by_status_and_by_what_is_above_them(store: Store, run: Run) -> None:
    above = store.create_run(run.experiment_id, "suite").run_id
    below = [store.create_run(run.experiment_id, str(n), parent_run_id=above).run_id for n in range(3)]
    store.update_run(below[0], status="FAILED")
    store.delete_run(below[2])
    found = store.overview([run.experiment_id])[run.experiment_id]
    assert (found.by_status, found.total) == ({"RUNNING": 3, "FAILED": 1}, 4)
    assert store.parts([above, below[0], run.run_id]) == {above: 2}
    assert store.parts([]) == {}
