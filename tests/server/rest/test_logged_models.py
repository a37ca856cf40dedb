"""Logged models over the wire: shapes, statuses and codes."""

import json
from typing import Any

import pytest

from attain.tracking.artifacts import log_bytes

Server = Any  # the `Running` of conftest
Json = dict[str, Any]


@pytest.fixture
def model(shared: Server, experiment: str, run_id: str) -> Json:
    """A logged model of the run."""
    made: Json = shared.post(
        "logged-models",
        experiment_id=experiment,
        name="clf",
        model_type="forest",
        source_run_id=run_id,
        params=[{"key": "depth", "value": "3"}],
        tags=[{"key": "team", "value": "ada"}],
    )["model"]
    return made


def at(model: Json, rest: str = "") -> str:
    return f"logged-models/{model['info']['model_id']}{rest}"


def log(shared: Server, run_id: str, model: Json, value: Any, **fields: Any) -> None:
    about = {"model_id": model["info"]["model_id"], **fields}
    shared.post("runs/log-metric", run_id=run_id, key="auc", value=value, timestamp=7, step=1, **about)


def test_a_logged_model_has_these_fields(shared: Server, experiment: str, run_id: str, model: Json) -> None:
    log(shared, run_id, model, 0.5, dataset_name="d", dataset_digest="x")
    log(shared, run_id, model, "NaN")
    found = shared.get(at(model))["model"]
    model_id = found["info"]["model_id"]
    info = {key: value for key, value in found["info"].items() if "timestamp" not in key}
    assert info == {
        "model_id": model_id,
        "experiment_id": experiment,
        "name": "clf",
        "artifact_uri": f"mlflow-artifacts:/{experiment}/models/{model_id}/artifacts",
        "status": "LOGGED_MODEL_PENDING",
        "model_type": "forest",
        "source_run_id": run_id,
        "tags": [{"key": "team", "value": "ada"}],
    }
    assert found["info"]["last_updated_timestamp_ms"] >= found["info"]["creation_timestamp_ms"] > 1_700_000_000_000
    point = {"key": "auc", "timestamp": 7, "step": 1, "model_id": model_id, "run_id": run_id}
    assert found["data"] == {
        "params": [{"key": "depth", "value": "3"}],
        "metrics": [{**point, "value": "NaN"}, {**point, "value": 0.5, "dataset_name": "d", "dataset_digest": "x"}],
    }


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("LOGGED_MODEL_READY", "LOGGED_MODEL_READY"),
        (2, "LOGGED_MODEL_READY"),
        ("3", "LOGGED_MODEL_UPLOAD_FAILED"),
        ("LOGGED_MODEL_PENDING", "LOGGED_MODEL_PENDING"),
    ],
)
def test_a_status_is_sent_as_a_word_or_number(shared: Server, model: Json, sent: object, kept: str) -> None:
    status, reply = shared.ask("PATCH", at(model), {"status": sent})
    assert (status, reply["model"]["info"]["status"]) == (200, kept)


def test_params_and_tags_are_added_and_tags_taken_away(shared: Server, model: Json) -> None:
    assert shared.post(at(model, "/params"), params=[{"key": "lr", "value": "0.1"}]) == {}
    assert shared.refused(at(model, "/params"), params=[{"key": "lr", "value": "0.2"}])[:2] == (
        400,
        "INVALID_PARAMETER_VALUE",
    )
    status, reply = shared.ask("PATCH", at(model, "/tags"), {"tags": [{"key": "a", "value": "b"}]})
    assert (status, len(reply["model"]["info"]["tags"])) == (200, 2)
    assert shared.ask("DELETE", at(model, "/tags/team"), headers={"Content-Type": ""}) == (200, {})
    assert shared.refused(at(model, "/tags/team"), method="DELETE")[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    found = shared.get(at(model))["model"]
    assert found["info"]["tags"] == [{"key": "a", "value": "b"}]
    assert {one["key"]: one["value"] for one in found["data"]["params"]} == {"depth": "3", "lr": "0.1"}


def test_a_deleted_model_is_404(shared: Server, model: Json) -> None:
    assert shared.ask("DELETE", at(model)) == (200, {})
    assert shared.refused(at(model), method="GET")[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    assert shared.get(at(model), allow_deleted="true")["model"]["info"]["name"] == "clf"


def test_models_are_searched(shared: Server, experiment: str, run_id: str, model: Json) -> None:
    other = shared.post("logged-models", experiment_id=experiment, name="other")["model"]
    log(shared, run_id, model, 0.5, dataset_name="d")
    log(shared, run_id, other, 0.7)

    def names(**fields: Any) -> list[str]:
        found = shared.post("logged-models/search", experiment_ids=[experiment], **fields)
        return [one["info"]["name"] for one in found.get("models", [])]

    assert names() == ["other", "clf"]
    assert names(filter="metrics.auc > 0.6") == ["other"]
    assert names(filter="metrics.auc > 0.6", datasets=[{"dataset_name": "d"}]) == []
    assert names(datasets=[{"dataset_name": "d"}]) == ["clf"]
    assert names(order_by=[{"field_name": "metrics.auc", "ascending": True}]) == ["clf", "other"]
    assert names(order_by=[{"field_name": "metrics.auc", "ascending": True, "dataset_name": "d"}]) == ["clf", "other"]
    first = shared.post("logged-models/search", experiment_ids=[experiment], max_results=1)
    assert names(max_results=1, page_token=first["next_page_token"]) == ["clf"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "parameter 'experiment_ids'"),
        ({"experiment_ids": ["0"], "datasets": [{}]}, "datasets.dataset_name"),
        ({"experiment_ids": ["0"], "order_by": [{}]}, "order_by.field_name"),
        ({"experiment_ids": ["0"], "order_by": [{"field_name": "name", "ascending": 1}]}, "expected true or false"),
        ({"experiment_ids": ["0"], "order_by": [{"field_name": "name", "dataset_digest": "x"}]}, "needs its"),
        ({"experiment_ids": ["0"], "filter": "auc > 1"}, "no attribute 'auc'"),
        ({"experiment_ids": ["0"], "max_results": -1}, "max_results is -1"),
    ],
)
def test_a_bad_search_is_refused(shared: Server, fields: Json, message: str) -> None:
    status, code, said = shared.refused("logged-models/search", **fields)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert message in said


def test_a_run_tells_its_models(shared: Server, run_id: str, model: Json) -> None:
    model_id = model["info"]["model_id"]
    assert shared.post("runs/outputs", run_id=run_id, models=[{"model_id": model_id, "step": "3"}]) == {}
    shared.post("runs/log-inputs", run_id=run_id, models=[{"model_id": "m-used"}])
    found = shared.get("runs/get", run_id=run_id)["run"]
    assert found["outputs"] == {"model_outputs": [{"model_id": model_id, "step": 3}]}
    assert found["inputs"] == {"model_inputs": [{"model_id": "m-used"}]}
    assert shared.refused("runs/outputs", run_id=run_id, models=[{}])[:2] == (400, "INVALID_PARAMETER_VALUE")
    assert shared.refused("runs/outputs", run_id="0" * 32, models=[])[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_a_batch_for_a_missing_model_is_refused_whole(shared: Server, run_id: str) -> None:
    metrics = [
        {"key": "loss", "value": 1, "timestamp": 0},
        {"key": "auc", "value": 1, "timestamp": 0, "model_id": "m-none"},
    ]
    assert shared.refused("runs/log-batch", run_id=run_id, metrics=metrics)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    assert "metrics" not in shared.get("runs/get", run_id=run_id)["run"]["data"]


def test_older_clients_note_models_in_a_tag(shared: Server, run_id: str) -> None:
    one = {"artifact_path": "m", "flavors": {}, "utc_time_created": "2026-01-01", "run_id": run_id}
    for path in ("a", "b"):
        shared.post("runs/log-model", run_id=run_id, model_json=json.dumps(one | {"artifact_path": path}))
    tags = {tag["key"]: tag["value"] for tag in shared.get("runs/get", run_id=run_id)["run"]["data"]["tags"]}
    assert [each["artifact_path"] for each in json.loads(tags["mlflow.log-model.history"])] == ["a", "b"]
    for bad in ("{", "[]", "{}"):
        assert shared.refused("runs/log-model", run_id=run_id, model_json=bad)[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_the_files_of_a_model_are_listed(shared: Server, model: Json) -> None:
    for path in ("MLmodel", "code/a.py"):
        log_bytes(shared.store, model["info"]["model_id"], b"12", path)
    found = shared.get(at(model, "/artifacts/directories"))
    assert found == {
        "root_uri": model["info"]["artifact_uri"],
        "files": [{"path": "MLmodel", "is_dir": False, "file_size": 2}, {"path": "code", "is_dir": True}],
    }
    inside = shared.get(at(model, "/artifacts/directories"), artifact_directory_path="code")
    assert [file["path"] for file in inside["files"]] == ["code/a.py"]
    refused = shared.refused(at(model, "/artifacts/directories"), method="GET", artifact_directory_path="../x")
    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("filter", "finds"),
    [
        ("params.depth = '3'", True),
        ("params.depth = '4'", False),
        ("tags.team LIKE 'a%'", True),
        ("tags.team = 'bob'", False),
        ("name = 'clf'", True),
        ("name != 'clf'", False),
        ("model_type = 'forest'", True),
        ("status = 'PENDING'", True),
        ("status = 'READY'", False),
        ("source_run_id = 'RUN'", True),
        ("source_run_id = 'other'", False),
        ("creation_timestamp > 5", True),
        ("model_id = 'MODEL'", True),
    ],
)
def test_a_model_is_found_by_what_it_is(
    shared: Server, experiment: str, run_id: str, model: Json, filter: str, finds: bool
) -> None:
    filter = filter.replace("RUN", run_id).replace("MODEL", model["info"]["model_id"])
    found = shared.post("logged-models/search", experiment_ids=[experiment], filter=filter).get("models", [])
    assert [one["info"]["name"] for one in found] == (["clf"] if finds else [])
