"""Metrics, batches and histories over the wire, rule by rule of MLflow's protocol."""

from typing import Any

import pytest

Server = Any  # the class `Running` of the conftest above
BAD = (400, "INVALID_PARAMETER_VALUE")
GREATEST = 1.7976931348623157e308


def point(step: int, value: object = 0.5, timestamp: int = 1, key: str = "loss") -> dict[str, object]:
    return {"key": key, "value": value, "timestamp": timestamp, "step": step}


def latest(shared: Server, run_id: str) -> dict[str, Any]:
    found = shared.get("runs/get", run_id=run_id)["run"]["data"].get("metrics", [])
    return {one["key"]: (one["value"], one["timestamp"], one["step"]) for one in found}


def history(shared: Server, run_id: str, key: str = "loss", **more: object) -> list[tuple[object, ...]]:
    found = shared.get("metrics/get-history", run_id=run_id, metric_key=key, **more).get("metrics", [])
    return [(one["timestamp"], one["step"], one["value"]) for one in found]


def test_a_metric_is_logged_with_numbers_or_texts(shared: Server, run_id: str) -> None:
    shared.post("runs/log-metric", run_id=run_id, key="a", value="0.25", timestamp="1700000000000", step="-3")
    shared.post("runs/log-metric", run_id=run_id, key="b", value=7, timestamp=2.0)
    assert latest(shared, run_id) == {"a": (0.25, 1700000000000, -3), "b": (7.0, 2, 0)}


@pytest.mark.parametrize(
    ("literal", "kept"),
    [
        ("NaN", "NaN"),
        ('"NaN"', "NaN"),
        ('"Infinity"', GREATEST),
        ('"-Infinity"', -GREATEST),
        ("-Infinity", -GREATEST),
        ("1e400", GREATEST),
    ],
)
def test_what_json_has_no_number_for_is_kept_too(shared: Server, run_id: str, literal: str, kept: object) -> None:
    body = f'{{"run_id": "{run_id}", "key": "a", "value": {literal}, "timestamp": 1}}'
    assert shared.ask("POST", "runs/log-metric", body.encode()) == (200, {})
    assert latest(shared, run_id) == {"a": (kept, 1, 0)}


@pytest.mark.parametrize(
    "fields",
    [
        {"timestamp": 1},
        {"value": 1},
        {"value": None, "timestamp": 1},
        {"value": "much", "timestamp": 1},
        {"value": True, "timestamp": 1},
        {"value": [1], "timestamp": 1},
        {"value": 1, "timestamp": -1},
        {"value": 1, "timestamp": "now"},
        {"value": 1, "timestamp": 1.5},
        {"value": 1, "timestamp": 2**63},
        {"value": 1, "timestamp": 1, "step": "x"},
        {"value": 1, "timestamp": 1, "step": -(2**63) - 1},
        {"value": 1, "timestamp": 1, "model_id": 5},
    ],
)
def test_a_metric_that_makes_no_sense_is_400(shared: Server, run_id: str, fields: dict[str, object]) -> None:
    assert shared.refused("runs/log-metric", run_id=run_id, key="a", **fields)[:2] == BAD
    assert shared.refused("runs/log-batch", run_id=run_id, metrics=[{"key": "a", **fields}])[:2] == BAD
    assert latest(shared, run_id) == {}


def test_the_same_point_twice_is_one_and_another_value_a_second(shared: Server, run_id: str) -> None:
    for value in (0.5, 0.5, 0.4):
        shared.post("runs/log-metric", run_id=run_id, **point(1, value))
    assert history(shared, run_id) == [(1, 1, 0.4), (1, 1, 0.5)]


def test_the_latest_is_the_greatest_by_step_then_time_then_value(shared: Server, run_id: str) -> None:
    points = [point(2, 1.0, 5), point(3, 0.1, 1), point(3, 0.3, 4), point(3, 0.2, 4), point(-9, 9.0, 99)]
    shared.post("runs/log-batch", run_id=run_id, metrics=points)
    assert latest(shared, run_id) == {"loss": (0.3, 4, 3)}


def test_a_history_is_by_time_then_step_then_value(shared: Server, run_id: str) -> None:
    points = [point(3, 0.1, 9), point(1, 0.3, 9), point(1, "NaN", 9), point(1, 0.2, 9), point(7, 0.5, 2)]
    shared.post("runs/log-batch", run_id=run_id, metrics=points)
    assert history(shared, run_id) == [(2, 7, 0.5), (9, 1, 0.2), (9, 1, 0.3), (9, 1, "NaN"), (9, 3, 0.1)]


def test_a_history_comes_in_pages_or_whole(shared: Server, run_id: str) -> None:
    shared.post("runs/log-batch", run_id=run_id, metrics=[point(step, timestamp=step) for step in range(7)])
    asked = {"run_id": run_id, "metric_key": "loss", "max_results": 3}
    steps, token = [], ""
    while token is not None:
        page = shared.get("metrics/get-history", **asked, page_token=token)
        steps.append([one["step"] for one in page["metrics"]])
        token = page.get("next_page_token")
    assert steps == [[0, 1, 2], [3, 4, 5], [6]]
    whole = shared.get("metrics/get-history", run_uuid=run_id, metric_key="loss")
    assert len(whole["metrics"]) == 7
    assert "next_page_token" not in whole


def test_a_long_history_without_a_page_size_comes_whole(
    shared: Server, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared.post("runs/log-batch", run_id=run_id, metrics=[point(step, timestamp=step) for step in range(7)])
    monkeypatch.setattr("attain.tracking.pages.MOST", 3)
    assert [step for _, step, _ in history(shared, run_id)] == list(range(7))


def test_an_unknown_metric_has_an_empty_history(shared: Server, run_id: str) -> None:
    assert shared.get("metrics/get-history", run_id=run_id, metric_key="never") == {}
    assert shared.get("metrics/get-history", run_id="0" * 32, metric_key="loss") == {}


@pytest.mark.parametrize("fields", [{"max_results": 0}, {"max_results": "-1"}, {"page_token": "x"}, {"metric_key": ""}])
def test_a_history_that_is_asked_for_wrongly_is_400(shared: Server, run_id: str, fields: dict[str, object]) -> None:
    asked = {"run_id": run_id, "metric_key": "loss", **fields}
    assert shared.refused("metrics/get-history", method="GET", **asked)[:2] == BAD


def test_a_batch_is_logged_whole(shared: Server, run_id: str) -> None:
    shared.post(
        "runs/log-batch",
        run_id=run_id,
        metrics=[point(1), point(1), point(2, 0.4)],
        params=[{"key": "model", "value": "bkt"}, {"key": "empty"}],
        tags=[{"key": "team", "value": "a"}, {"key": "team", "value": "b"}],
    )
    shared.post("runs/log-batch", run_id=run_id)
    assert len(history(shared, run_id)) == 2
    run = shared.get("runs/get", run_id=run_id)["run"]["data"]
    assert run["params"] == [{"key": "empty", "value": ""}, {"key": "model", "value": "bkt"}]
    assert {"key": "team", "value": "b"} in run["tags"]


def test_nothing_of_a_refused_batch_is_kept(shared: Server, run_id: str) -> None:
    shared.post("runs/log-parameter", run_id=run_id, key="model", value="bkt")
    refused = shared.refused(
        "runs/log-batch",
        run_id=run_id,
        metrics=[point(1)],
        params=[{"key": "new", "value": "1"}, {"key": "model", "value": "dkt"}],
        tags=[{"key": "team", "value": "a"}],
    )
    assert refused[:2] == BAD
    data = shared.get("runs/get", run_id=run_id)["run"]["data"]
    assert data["params"] == [{"key": "model", "value": "bkt"}]
    assert [tag["key"] for tag in data["tags"]] == ["mlflow.runName"]
    assert "metrics" not in data


@pytest.mark.parametrize(
    "batch",
    [
        {"metrics": [point(step) for step in range(1_001)]},
        {"params": [{"key": str(k), "value": "a"} for k in range(101)]},
        {"tags": [{"key": str(k), "value": "a"} for k in range(101)]},
        {"metrics": [point(step) for step in range(1_000)], "tags": [{"key": "a", "value": "a"}]},
        {"params": [{"key": "a", "value": "a"}, {"key": "a", "value": "a"}]},
        {"params": [{"value": "a"}]},
        {"metrics": {"key": "a"}},
        {"metrics": ["a"]},
        {"tags": "a"},
    ],
)
def test_a_batch_beyond_the_limits_is_400(shared: Server, run_id: str, batch: dict[str, object]) -> None:
    assert shared.refused("runs/log-batch", run_id=run_id, **batch)[:2] == BAD


def test_a_full_batch_is_taken(shared: Server, run_id: str) -> None:
    shared.post(
        "runs/log-batch",
        run_id=run_id,
        metrics=[point(step) for step in range(800)],
        params=[{"key": str(k), "value": "a"} for k in range(100)],
        tags=[{"key": str(k), "value": "a"} for k in range(100)],
    )
    assert len(history(shared, run_id)) == 800


def test_histories_of_several_runs_come_in_one_answer(shared: Server, experiment: str) -> None:
    runs = sorted(shared.run(experiment_id=experiment) for _ in range(2))
    for run in runs:
        shared.post("runs/log-batch", run_id=run, metrics=[point(step, timestamp=step) for step in range(4)])
    path = "/ajax-api/2.0/mlflow/metrics/get-history-bulk"
    found = shared.get(path, run_id=runs[::-1], metric_key="loss")["metrics"]
    assert [(one["run_id"], one["step"]) for one in found] == [(run, step) for run in runs for step in range(4)]
    assert len(shared.get(path, run_id=runs, metric_key="loss", max_results=5)["metrics"]) == 5
    assert shared.get(path, run_id=runs, metric_key="never") == {"metrics": []}
    assert shared.refused(path, method="GET", metric_key="loss")[:2] == BAD
    assert shared.refused(path, method="GET", metric_key="loss", run_id=["a"] * 101)[:2] == BAD


def test_thinned_histories_keep_the_ends_and_the_extremes(shared: Server, run_id: str) -> None:
    values = [0.5] * 1_000
    values[123], values[777] = 9.0, -9.0
    points = [point(step, value, step) for step, value in enumerate(values)]
    shared.post("runs/log-batch", run_id=run_id, metrics=points)
    path = "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"
    found = shared.get(path, run_ids=[run_id], metric_key="loss", max_results=20)["metrics"]
    steps = [one["step"] for one in found]
    assert len(steps) <= 20
    assert steps == sorted(steps)
    assert {0, 123, 777, 999} <= set(steps)
    part = shared.get(path, run_ids=[run_id], metric_key="loss", start_step=100, end_step=110)["metrics"]
    assert [one["step"] for one in part] == list(range(100, 111))
    assert {one["run_id"] for one in part} == {run_id}


@pytest.mark.parametrize(
    "fields",
    [
        {"start_step": 1},
        {"end_step": 1},
        {"start_step": 2, "end_step": 1},
        {"max_results": 0},
        {"max_results": 2_501},
        {"metric_key": ""},
        {"run_ids": ["a"] * 101},
        {"run_ids": []},
    ],
)
def test_thinned_histories_that_are_asked_for_wrongly_are_400(
    shared: Server, run_id: str, fields: dict[str, object]
) -> None:
    path = "/ajax-api/2.0/mlflow/metrics/get-history-bulk-interval"
    asked = {"run_ids": [run_id], "metric_key": "loss", **fields}
    assert shared.refused(path, method="GET", **asked)[:2] == BAD


def test_points_about_a_logged_model_are_the_run_s_too(shared: Server, experiment: str, run_id: str) -> None:
    made = shared.post("logged-models", experiment_id=experiment, name="m", source_run_id=run_id)
    model_id = made["model"]["info"]["model_id"]
    about = {"model_id": model_id, "dataset_name": "train", "dataset_digest": "1"}
    shared.post("runs/log-metric", run_id=run_id, **point(1), **about)
    shared.post("runs/log-batch", run_id=run_id, metrics=[point(2) | about, point(2, key="other")])
    assert latest(shared, run_id) == {"loss": (0.5, 1, 2), "other": (0.5, 1, 2)}
    metrics = shared.get(f"logged-models/{model_id}")["model"]["data"]["metrics"]
    assert {(one["key"], one["step"], one["dataset_name"]) for one in metrics} == {
        ("loss", 1, "train"),
        ("loss", 2, "train"),
    }
