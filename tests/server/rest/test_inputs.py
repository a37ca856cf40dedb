"""What runs read, over the wire, rule by rule of MLflow's protocol."""

from typing import Any

import pytest

Server = Any  # the class `Running` of the conftest above
BAD = (400, "INVALID_PARAMETER_VALUE")
TRAIN = {
    "dataset": {
        "name": "train",
        "digest": "9f",
        "source_type": "local",
        "source": '{"uri": "x"}',
        "schema": "{}",
        "profile": "{}",
    },
    "tags": [{"key": "mlflow.data.context", "value": "training"}],
}


def inputs(shared: Server, run_id: str) -> Any:
    return shared.get("runs/get", run_id=run_id)["run"]["inputs"]


def test_the_same_data_set_twice_is_one(shared: Server, run_id: str) -> None:
    shared.post("runs/log-inputs", run_id=run_id, datasets=[TRAIN])
    shared.post("runs/log-inputs", run_id=run_id, datasets=[TRAIN, TRAIN])
    assert inputs(shared, run_id) == {"dataset_inputs": [TRAIN]}


def test_a_data_set_needs_only_a_name_and_a_digest(shared: Server, run_id: str) -> None:
    shared.post("runs/log-inputs", run_id=run_id, datasets=[{"dataset": {"name": "bare", "digest": "1"}}])
    bare = {"name": "bare", "digest": "1", "source_type": "", "source": ""}
    assert inputs(shared, run_id) == {"dataset_inputs": [{"tags": [], "dataset": bare}]}


@pytest.mark.parametrize(
    "fields",
    [
        {"datasets": [{"dataset": {"name": "a"}}]},
        {"datasets": [{"dataset": {"digest": "1"}}]},
        {"datasets": [{"dataset": {"name": 5, "digest": "1"}}]},
        {"datasets": [{"dataset": "a"}]},
        {"datasets": [{}]},
        {"datasets": "a"},
        {"datasets": [{"dataset": {"name": "a", "digest": "1"}, "tags": [{"value": "x"}]}]},
        {"models": [{}]},
        {"models": [{"model_id": 5}]},
    ],
)
def test_inputs_that_make_no_sense_are_400_and_none_is_kept(
    shared: Server, run_id: str, fields: dict[str, list[object]]
) -> None:
    sent = {"datasets": [TRAIN]} | fields
    if isinstance(fields.get("datasets"), list):
        sent["datasets"] = [TRAIN, *fields["datasets"]]
    assert shared.refused("runs/log-inputs", run_id=run_id, **sent)[:2] == BAD
    assert inputs(shared, run_id) == {}


def test_logged_models_are_inputs_too(shared: Server, run_id: str) -> None:
    shared.post("runs/log-inputs", run_id=run_id, models=[{"model_id": "m-1"}])
    assert inputs(shared, run_id) == {"model_inputs": [{"model_id": "m-1"}]}


def test_data_sets_of_experiments_are_listed_with_their_context(shared: Server, experiment: str) -> None:
    for _ in range(2):
        run_id = shared.run(experiment_id=experiment)
        shared.post("runs/log-inputs", run_id=run_id, datasets=[TRAIN, {"dataset": {"name": "x", "digest": "1"}}])
    path = "/ajax-api/2.0/mlflow/experiments/search-datasets"
    assert shared.post(path, experiment_ids=[experiment]) == {
        "dataset_summaries": [
            {"experiment_id": experiment, "name": "train", "digest": "9f", "context": "training"},
            {"experiment_id": experiment, "name": "x", "digest": "1"},
        ]
    }
    assert shared.refused(path)[:2] == BAD
    assert shared.refused(path, experiment_ids=[experiment] * 21)[:2] == BAD


def test_more_data_sets_than_a_request_may_name_are_refused(shared: Server, run_id: str) -> None:
    given = [TRAIN | {"dataset": TRAIN["dataset"] | {"name": f"d{number}"}} for number in range(1_001)]  # type: ignore[operator]  # objects
    status, code, message = shared.refused("runs/log-inputs", run_id=run_id, datasets=given)
    assert (status, code) == BAD
    assert "1,001 entries; at most 1,000" in message
    assert inputs(shared, run_id) == {}
