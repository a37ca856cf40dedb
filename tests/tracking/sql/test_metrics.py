import math
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attain.tracking.entities import MetricPoint, Run
from attain.tracking.errors import Invalid
from attain.tracking.sql.store import Store


def rank(point: MetricPoint) -> tuple[int, int, bool, float]:
    """The place of a point among those of one metric when the latest is looked for; NaN is the greatest value."""
    is_nan = math.isnan(point.value)
    return (point.step, point.timestamp, is_nan, 0.0 if is_nan else point.value)


def place(point: MetricPoint) -> tuple[int, int, bool, float]:
    """The place of a point in a history."""
    step, timestamp, is_nan, value = rank(point)
    return (timestamp, step, is_nan, value)


points = st.builds(
    MetricPoint,
    key=st.sampled_from(["a", "b"]),
    value=st.sampled_from([-1.5, 0.0, 2.0, math.nan, 1e300]),
    timestamp=st.integers(0, 2),
    step=st.integers(-1, 1),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.lists(st.lists(points, max_size=6), max_size=4))
def test_every_point_is_kept_once_and_the_latest_is_the_greatest(
    store: Store, batches: list[list[MetricPoint]]
) -> None:
    run = store.create_run("0").run_id
    for batch in batches:
        store.log_batch(run, batch)
    found = store.get_run(run)
    for key in ("a", "b"):
        logged = sorted({place(p): p for batch in batches for p in batch if p.key == key}.values(), key=place)
        history = store.metric_history(run, key).items
        assert [place(p) for p in history] == [place(p) for p in logged]
        if logged:
            assert rank(found.latest[key]) == max(map(rank, logged))
        else:
            assert key not in found.latest


def test_infinities_are_the_greatest_numbers(store: Store, run: Run) -> None:
    store.log_batch(run.run_id, [MetricPoint("up", math.inf, 0), MetricPoint("down", -math.inf, 0)])
    assert store.get_run(run.run_id).metrics == {"up": 1.7976931348623157e308, "down": -1.7976931348623157e308}


def test_a_history_has_pages(store: Store, run: Run, all_pages: Callable[..., list[MetricPoint]]) -> None:
    logged = [MetricPoint("loss", value, timestamp=9 - i // 2, step=i) for i, value in enumerate([3.0, math.nan] * 5)]
    store.log_batch(run.run_id, logged)
    seen = all_pages(lambda token: store.metric_history(run.run_id, "loss", 3, token))
    assert len(store.metric_history(run.run_id, "loss", 3).items) == 3
    assert [place(p) for p in seen] == sorted(map(place, logged))


def test_a_metric_that_was_never_logged_has_no_history(store: Store, run: Run) -> None:
    assert store.metric_history(run.run_id, "nothing").items == []


def test_a_token_of_another_metric_is_refused(store: Store, run: Run) -> None:
    store.log_batch(run.run_id, [MetricPoint(key, i, i) for key in "ab" for i in range(3)])
    token = store.metric_history(run.run_id, "a", 1).next_token
    with pytest.raises(Invalid, match="another question"):
        store.metric_history(run.run_id, "b", 1, token)


def test_points_of_many_runs_are_added_and_unknown_runs_told(store: Store, run: Run) -> None:
    other = store.create_run("0")
    store.delete_run(other.run_id)
    given = [
        (run.run_id, MetricPoint("m", 1, 1)),
        (other.run_id, MetricPoint("m", 2, 1)),
        ("f" * 32, MetricPoint("m", 3, 1)),
    ]
    assert store.add_points(given) == {"f" * 32}
    assert store.add_points(given) == {"f" * 32}
    assert store.get_run(run.run_id).metrics == {"m": 1}
    assert store.get_run(other.run_id).metrics == {"m": 2}
    assert len(store.metric_history(run.run_id, "m").items) == 1


def test_many_metrics_fit_in_one_write(store: Store, run: Run) -> None:
    store.add_points([(run.run_id, MetricPoint(f"m{i}", i, i)) for i in range(12_000)])
    assert len(store.get_run(run.run_id).metrics) == 12_000
