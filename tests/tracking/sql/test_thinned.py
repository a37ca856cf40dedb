"""Thinned histories, against a plain Python account of what they must keep."""

import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attain.tracking.entities import MetricPoint, Run
from attain.tracking.sql.store import Store

values = st.sampled_from([0.0, 1.0, -1.0, 0.5, float("nan")])
histories = st.lists(st.tuples(st.integers(-5, 30), st.integers(0, 3), values), min_size=1, max_size=60)


def rank(point: MetricPoint) -> tuple[float, ...]:
    nan = math.isnan(point.value)
    return (point.step, point.timestamp, nan, 0.0 if nan else point.value)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(histories, st.integers(1, 40))
def test_ends_and_extremes_stay_in_order_and_within_the_limit(
    store: Store, run: Run, history: list[tuple[int, int, float]], most: int
) -> None:
    run_id = store.create_run("0").run_id
    store.add_points([(run_id, MetricPoint("loss", value, at, step)) for step, at, value in history])
    every = sorted(store.metric_history(run_id, "loss").items, key=rank)
    found = store.thinned_histories([run_id], "loss", most)[run_id]
    ranks = [rank(point) for point in found]
    assert len(found) <= most
    assert ranks == sorted(set(ranks))
    assert set(ranks) <= {rank(point) for point in every}
    assert ranks[-1] == rank(every[-1])
    if len(every) <= most:
        assert ranks == [rank(point) for point in every]
    elif most >= 2:
        assert ranks[0] == rank(every[0])
    if most >= 4:
        numbers = [point.value for point in every if not math.isnan(point.value)]
        kept = [point.value for point in found if not math.isnan(point.value)]
        assert (min(kept, default=None), max(kept, default=None)) == (
            min(numbers, default=None),
            max(numbers, default=None),
        )


def test_only_the_steps_that_are_asked_for_count(store: Store, run: Run) -> None:
    store.log_batch(run.run_id, [MetricPoint("loss", step / 2, 1, step) for step in range(10)])
    found = store.thinned_histories([run.run_id], "loss", 100, (3, 5))[run.run_id]
    assert [point.step for point in found] == [3, 4, 5]
    assert store.thinned_histories([run.run_id], "never", 100) == {run.run_id: []}


def test_steps_at_the_ends_of_what_a_database_holds_do_no_harm(store: Store, run: Run) -> None:
    steps = [-(2**63), -(2**62), -1, 0, 1, 2**62, 2**63 - 1]
    store.log_batch(run.run_id, [MetricPoint("loss", float(at), 1, step) for at, step in enumerate(steps)])
    for most in (4, 5, 6):
        found = [point.step for point in store.thinned_histories([run.run_id], "loss", most)[run.run_id]]
        assert (found[0], found[-1]) == (steps[0], steps[-1])
        assert len(found) <= most


def test_of_each_stretch_the_extremes_stay(store: Store, run: Run) -> None:
    values = [0.0] * 400
    values[101], values[150], values[399] = 5.0, -3.0, 1.0
    store.log_batch(run.run_id, [MetricPoint("loss", v, 1, step) for step, v in enumerate(values)])
    found = {p.step: p.value for p in store.thinned_histories([run.run_id], "loss", 22)[run.run_id]}
    assert {101: 5.0, 150: -3.0}.items() <= found.items()
    assert len(found) >= 9


def test_points_without_steps_are_told_apart_by_time(store: Store, run: Run) -> None:
    store.log_batch(run.run_id, [MetricPoint("loss", at % 7, at, 0) for at in range(400)])
    found = store.thinned_histories([run.run_id], "loss", 42)[run.run_id]
    assert len(found) > 30
