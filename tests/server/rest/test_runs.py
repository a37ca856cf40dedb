"""Runs, params and tags over the wire, rule by rule of MLflow's protocol."""

import re
from typing import Any

import pytest

Server = Any  # the class `Running` of the conftest above
BAD = (400, "INVALID_PARAMETER_VALUE")
MISSING = (404, "RESOURCE_DOES_NOT_EXIST")


def data(shared: Server, run_id: str, kind: str) -> dict[str, str]:
    """Params or tags of a run."""
    found = shared.get("runs/get", run_id=run_id)["run"]["data"].get(kind, [])
    return {one["key"]: one["value"] for one in found}


def test_a_run_has_the_fields_that_the_client_reads(shared: Server, experiment: str) -> None:
    made = shared.post("runs/create", experiment_id=experiment, user_id="ann", run_name="first", start_time=5)["run"]
    run_id = made["info"]["run_id"]
    assert re.fullmatch("[0-9a-f]{32}", run_id)
    assert made == {
        "info": {
            "run_id": run_id,
            "run_uuid": run_id,
            "experiment_id": experiment,
            "run_name": "first",
            "user_id": "ann",
            "status": "RUNNING",
            "start_time": 5,
            "artifact_uri": f"mlflow-artifacts:/{experiment}/{run_id}/artifacts",
            "lifecycle_stage": "active",
        },
        "data": {"tags": [{"key": "mlflow.runName", "value": "first"}]},
        "inputs": {},
        "outputs": {},
    }
    assert shared.get("runs/get", run_id=run_id) == shared.get("runs/get", run_uuid=run_id) == {"run": made}


def test_a_run_without_an_experiment_goes_to_default(shared: Server) -> None:
    assert shared.post("runs/create")["run"]["info"]["experiment_id"] == "0"


def test_the_name_and_its_tag_are_one_thing(shared: Server, experiment: str) -> None:
    tag = [{"key": "mlflow.runName", "value": "tagged"}]
    run_id = shared.run(experiment_id=experiment, tags=tag)

    def names() -> tuple[str, str]:
        return shared.get("runs/get", run_id=run_id)["run"]["info"]["run_name"], data(shared, run_id, "tags")[
            "mlflow.runName"
        ]

    assert names() == ("tagged", "tagged")
    shared.post("runs/set-tag", run_id=run_id, key="mlflow.runName", value="set")
    assert names() == ("set", "set")
    shared.post("runs/update", run_id=run_id, run_name="updated")
    assert names() == ("updated", "updated")
    assert shared.refused("runs/create", experiment_id=experiment, run_name="other", tags=tag)[:2] == BAD
    assert shared.run(experiment_id=experiment, run_name="tagged", tags=tag)


def test_a_run_without_a_name_is_given_one(shared: Server, experiment: str) -> None:
    made = shared.post("runs/create", experiment_id=experiment)["run"]
    name = made["info"]["run_name"]
    assert name
    assert made["data"]["tags"] == [{"key": "mlflow.runName", "value": name}]


@pytest.mark.parametrize("status", ["RUNNING", "SCHEDULED", "FINISHED", "FAILED", "KILLED"])
def test_a_status_is_set_and_an_end_told_once_there_is_one(shared: Server, run_id: str, status: str) -> None:
    info = shared.post("runs/update", run_id=run_id, status=status, end_time="77")["run_info"]
    assert (info["status"], info["end_time"]) == (status, 77)
    shared.post("runs/update", run_id=run_id, status="RUNNING")
    assert "end_time" not in shared.get("runs/get", run_id=run_id)["run"]["info"]


def test_a_status_may_be_sent_as_its_number(shared: Server, run_id: str) -> None:
    assert shared.post("runs/update", run_id=run_id, status=4)["run_info"]["status"] == "FAILED"


@pytest.mark.parametrize("fields", [{"status": "DONE"}, {"status": 9}, {"end_time": -1}, {"end_time": "soon"}])
def test_an_update_that_makes_no_sense_is_400_and_changes_nothing(
    shared: Server, run_id: str, fields: dict[str, object]
) -> None:
    assert shared.refused("runs/update", run_id=run_id, **fields)[:2] == BAD
    assert shared.get("runs/get", run_id=run_id)["run"]["info"]["status"] == "RUNNING"


def test_a_finished_run_takes_writes_and_a_deleted_one_does_not(shared: Server, run_id: str) -> None:
    shared.post("runs/update", run_id=run_id, status="FINISHED", end_time=9)
    shared.post("runs/log-parameter", run_id=run_id, key="a", value="1")
    shared.post("runs/delete", run_id=run_id)
    shared.post("runs/delete", run_id=run_id)
    assert shared.get("runs/get", run_id=run_id)["run"]["info"]["lifecycle_stage"] == "deleted"
    for path, fields in {
        "runs/log-parameter": {"key": "b", "value": "1"},
        "runs/set-tag": {"key": "b", "value": "1"},
        "runs/log-metric": {"key": "b", "value": 1, "timestamp": 1},
        "runs/log-batch": {},
        "runs/log-inputs": {},
        "runs/update": {"status": "FAILED"},
        "runs/delete-tag": {"key": "mlflow.runName"},
    }.items():
        assert shared.refused(path, run_id=run_id, **fields)[:2] == BAD, path
    shared.post("runs/restore", run_id=run_id)
    shared.post("runs/set-tag", run_id=run_id, key="b", value="1")


def test_a_run_that_is_not_there_is_404_and_one_that_is_not_named_400(shared: Server) -> None:
    missing = "0" * 32
    for path in ("runs/get", "artifacts/list"):
        assert shared.refused(path, method="GET", run_id=missing)[:2] == MISSING
        assert shared.refused(path, method="GET")[:2] == BAD
    for path, fields in {
        "runs/delete": {},
        "runs/restore": {},
        "runs/update": {"status": "FAILED"},
        "runs/log-parameter": {"key": "b", "value": "1"},
        "runs/set-tag": {"key": "b", "value": "1"},
        "runs/log-metric": {"key": "b", "value": 1, "timestamp": 1},
        "runs/log-batch": {},
        "runs/log-inputs": {},
    }.items():
        assert shared.refused(path, run_id=missing, **fields)[:2] == MISSING, path
        assert shared.refused(path, **fields)[:2] == BAD, path


def test_a_param_never_changes(shared: Server, run_id: str) -> None:
    shared.post("runs/log-parameter", run_id=run_id, key="model", value="bkt")
    shared.post("runs/log-parameter", run_id=run_id, key="model", value="bkt")
    status, code, message = shared.refused("runs/log-parameter", run_id=run_id, key="model", value="dkt")
    assert (status, code) == BAD
    assert "'bkt'" in message
    assert "'dkt'" in message
    assert data(shared, run_id, "params") == {"model": "bkt"}


def test_a_long_param_is_cut_and_a_long_key_refused(shared: Server, run_id: str) -> None:
    shared.post("runs/log-parameter", run_id=run_id, key="k" * 250, value="é" * 6_001)
    assert data(shared, run_id, "params") == {"k" * 250: "é" * 6_000}
    for path in ("runs/log-parameter", "runs/set-tag"):
        assert shared.refused(path, run_id=run_id, key="k" * 251, value="a")[:2] == BAD


def test_an_empty_value_is_a_value(shared: Server, run_id: str) -> None:
    shared.post("runs/log-parameter", run_id=run_id, key="empty", value="")
    shared.post("runs/set-tag", run_id=run_id, key="empty", value="")
    assert data(shared, run_id, "params") == {"empty": ""}
    assert data(shared, run_id, "tags")["empty"] == ""


@pytest.mark.parametrize("value", [True, {"a": 1}, ["a"]])
def test_a_value_that_is_not_text_is_400(shared: Server, run_id: str, value: object) -> None:
    for path in ("runs/log-parameter", "runs/set-tag"):
        assert shared.refused(path, run_id=run_id, key="k", value=value)[:2] == BAD
    for kind in ("params", "tags"):
        assert shared.refused("runs/log-batch", run_id=run_id, **{kind: [{"key": "k", "value": value}]})[:2] == BAD


def test_tags_are_overwritten_and_a_missing_one_cannot_be_deleted(shared: Server, run_id: str) -> None:
    for value in ("a", "b"):
        shared.post("runs/set-tag", run_id=run_id, key="team", value=value)
    assert data(shared, run_id, "tags")["team"] == "b"
    shared.post("runs/delete-tag", run_id=run_id, key="team")
    assert "team" not in data(shared, run_id, "tags")
    assert shared.refused("runs/delete-tag", run_id=run_id, key="team")[:2] == MISSING


def test_a_tag_is_kept_to_8000_characters(shared: Server, run_id: str) -> None:
    shared.post("runs/set-tag", run_id=run_id, key="note", value="x" * 8_001)
    assert data(shared, run_id, "tags")["note"] == "x" * 8_000


@pytest.mark.parametrize("key", ["a", "a_b-c.d:e/f", "with space", "größe", "指标", "a/b/c", "1"])
def test_a_name_of_letters_digits_and_some_signs_is_taken(shared: Server, run_id: str, key: str) -> None:
    shared.post("runs/log-parameter", run_id=run_id, key=key, value="1")
    shared.post("runs/set-tag", run_id=run_id, key=key, value="1")
    shared.post("runs/log-metric", run_id=run_id, key=key, value=1, timestamp=1)
    assert data(shared, run_id, "params") == {key: "1"}


@pytest.mark.parametrize("key", ["", "a//b", "/a", "../a", "a/../b", "a*", "a@b", "50%", "a\nb", "..", ".", "a\x00"])
def test_another_name_is_400_and_the_rule_is_told(shared: Server, run_id: str, key: str) -> None:
    for path, fields in {
        "runs/log-parameter": {"value": "1"},
        "runs/set-tag": {"value": "1"},
        "runs/log-metric": {"value": 1, "timestamp": 1},
    }.items():
        status, code, message = shared.refused(path, run_id=run_id, key=key, **fields)
        assert (status, code) == BAD
        assert re.search("expected|made of|plain path|Missing|NUL", message), message
    assert set(data(shared, run_id, "tags")) == {"mlflow.runName"}


def test_a_run_may_be_named_by_its_old_field_in_every_request(shared: Server, run_id: str) -> None:
    for path, fields in {
        "runs/log-parameter": {"key": "b", "value": "1"},
        "runs/set-tag": {"key": "b", "value": "1"},
        "runs/delete-tag": {"key": "b"},
        "runs/log-metric": {"key": "b", "value": 1, "timestamp": 1},
        "runs/log-batch": {},
        "runs/log-inputs": {},
        "runs/update": {"status": "FAILED"},
        "runs/delete": {},
        "runs/restore": {},
    }.items():
        shared.post(path, run_uuid=run_id, **fields)
    found = shared.get("runs/get", run_uuid=run_id)["run"]
    assert (found["info"]["status"], found["data"]["params"]) == ("FAILED", [{"key": "b", "value": "1"}])
    assert shared.get("artifacts/list", run_uuid=run_id)["root_uri"] == found["info"]["artifact_uri"]
