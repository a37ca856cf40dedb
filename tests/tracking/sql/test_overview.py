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


def test_the_last_runs_of_some_experiments_begin_at_a_moment(store: Store) -> None:
    one, two, other = (store.create_experiment(name) for name in ("one", "two", "other"))
    for at in range(6):
        store.create_run((one, two)[at % 2], "run", start_time=100 + at)
        store.create_run(other, "run", start_time=900 + at)
    store.delete_run(store.create_run(one, "deleted", start_time=800).run_id)
    assert store.started([one, two], 2) == 103
    assert store.started([one, two], 2, before=103) == 100
    assert store.started([one], 2) == 100
    assert store.started([one], 3) is None
    assert store.started([], 0) is None
