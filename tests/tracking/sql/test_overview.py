"""How far back the last runs of experiments reach."""

from attain.tracking.sql.store import Store


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
