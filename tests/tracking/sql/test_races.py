"""Writes of several threads at the same moment, on connections of their own: the rules hold whoever comes first."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from attain.tracking.entities import MetricPoint, Run
from attain.tracking.errors import Exists, Invalid
from attain.tracking.sql.store import Store

THREADS = 6


def at_once(work: Callable[[int], object]) -> list[object]:
    """The results (or errors) of `work(0)`, `work(1)`, …, begun together."""
    start = threading.Barrier(THREADS)

    def one(number: int) -> object:
        start.wait()
        try:
            return work(number)
        except (Exists, Invalid) as error:
            return error

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(one, range(THREADS)))


def test_one_of_many_gets_a_name(store: Store) -> None:
    for name in ("a", "b", "c"):
        results = at_once(lambda _, name=name: store.create_experiment(name))
        assert sum(isinstance(one, str) for one in results) == 1
        assert sum(isinstance(one, Exists) for one in results) == THREADS - 1


def test_a_run_may_be_renamed_and_an_experiment_named_by_one_only(store: Store) -> None:
    ids = [store.create_experiment(str(i)) for i in range(THREADS)]
    results = at_once(lambda i: store.rename_experiment(ids[i], "taken"))
    assert sum(one is None for one in results) == 1
    assert sum(isinstance(one, Exists) for one in results) == THREADS - 1


def test_all_that_want_an_experiment_get_the_same(store: Store) -> None:
    assert len({one.experiment_id for one in at_once(lambda _: store.ensure_experiment("shared"))}) == 1  # type: ignore[attr-defined]  # all are experiments


def test_a_param_that_two_set_differently_has_the_value_of_one(store: Store, run: Run) -> None:
    results = at_once(lambda i: store.log_batch(run.run_id, params={"model": f"m{i % 2}"}, tags={f"t{i}": "there"}))
    kept = store.get_run(run.run_id)
    refused = [i for i, one in enumerate(results) if isinstance(one, Invalid)]
    assert len(refused) == THREADS // 2
    assert {i % 2 for i in refused} == {1 - int(kept.params["model"][1])}
    assert set(kept.tags) & {f"t{i}" for i in range(THREADS)} == {f"t{i}" for i in range(THREADS) if i not in refused}


def test_the_latest_value_is_the_greatest_step_whoever_writes_last(store: Store, run: Run) -> None:
    def log(number: int) -> None:
        for step in range(number, 60, THREADS):
            store.log_batch(run.run_id, [MetricPoint(key, step, step, step) for key in ("loss", "auc")])

    assert at_once(log) == [None] * THREADS
    kept = store.get_run(run.run_id)
    assert {key: point.step for key, point in kept.latest.items()} == {"loss": 59, "auc": 59}
    assert [p.step for p in store.metric_history(run.run_id, "auc").items] == list(range(60))


def test_points_of_many_runs_in_any_order_do_not_block_each_other(store: Store) -> None:
    runs = [store.create_run("0").run_id for _ in range(8)]

    def log(number: int) -> None:
        for step in range(5):
            mine = runs[number:] + runs[:number] if number % 2 else runs[::-1]
            points = [(run, MetricPoint(key, step, step, step)) for run in mine for key in ("b", "a", f"k{number}")]
            store.add_points(points)

    assert at_once(log) == [None] * THREADS
    for run in runs:
        assert [p.step for p in store.metric_history(run, "a").items] == list(range(5))


def test_no_active_run_is_in_a_deleted_experiment(store: Store) -> None:
    for name in ("a", "b", "c"):
        experiment = store.create_experiment(name)

        def work(number: int, experiment: str = experiment) -> object:
            return store.delete_experiment(experiment) if number == 3 else store.create_run(experiment)

        at_once(work)
        assert store.search_runs([experiment]).items == []


def test_a_deleted_run_takes_no_write(store: Store) -> None:
    for _ in range(3):
        run = store.create_run("0").run_id

        def work(number: int, run: str = run) -> object:
            if number == 3:
                return store.delete_run(run)
            return store.log_batch(run, tags={f"t{number}": "x"})

        results = at_once(work)
        kept = store.get_run(run).tags
        written = [i for i, one in enumerate(results) if one is None and i != 3]
        assert sorted(key for key in kept if key[0] == "t") == [f"t{i}" for i in written]
