"""Experiments over the wire, rule by rule of MLflow's protocol."""

import uuid
from typing import Any

import pytest

Server = Any  # the class `Running` of the conftest above


def name() -> str:
    return uuid.uuid4().hex


def test_experiment_zero_is_called_default(shared: Server) -> None:
    found = shared.get("experiments/get", experiment_id="0")["experiment"]
    assert (found["experiment_id"], found["name"]) == ("0", "Default")


def test_an_experiment_has_the_fields_that_the_client_reads(shared: Server) -> None:
    called = name()
    made = shared.post("experiments/create", name=called, tags=[{"key": "team", "value": "a"}])["experiment_id"]
    found = shared.get("experiments/get", experiment_id=made)["experiment"]
    times = found.pop("creation_time"), found.pop("last_update_time")
    assert times[0] == times[1] > 1.6e12
    assert found == {
        "experiment_id": made,
        "name": called,
        "artifact_location": f"mlflow-artifacts:/{made}",
        "lifecycle_stage": "active",
        "tags": [{"key": "team", "value": "a"}],
    }
    assert made.isdecimal()
    assert shared.get("experiments/get-by-name", experiment_name=called)["experiment"]["experiment_id"] == made


def test_a_name_is_taken_also_by_a_deleted_experiment(shared: Server) -> None:
    called = name()
    made = shared.post("experiments/create", name=called)["experiment_id"]
    assert shared.refused("experiments/create", name=called)[:2] == (400, "RESOURCE_ALREADY_EXISTS")
    shared.post("experiments/delete", experiment_id=made)
    assert shared.refused("experiments/create", name=called)[:2] == (400, "RESOURCE_ALREADY_EXISTS")


@pytest.mark.parametrize("fields", [{}, {"name": ""}, {"name": None}, {"name": 5}, {"name": ["a"]}])
def test_an_experiment_needs_a_name(shared: Server, fields: dict[str, object]) -> None:
    status, code, message = shared.refused("experiments/create", **fields)
    assert (status, code) == (400, "INVALID_PARAMETER_VALUE")
    assert "'name'" in message


@pytest.mark.parametrize("missing", ["99999999", "nonsense", "-1", "1e3"])
def test_an_experiment_that_is_not_there_is_404(shared: Server, missing: str) -> None:
    known = (404, "RESOURCE_DOES_NOT_EXIST")
    assert shared.refused("experiments/get", method="GET", experiment_id=missing)[:2] == known
    assert shared.refused("experiments/delete", experiment_id=missing)[:2] == known
    assert shared.refused("runs/create", experiment_id=missing)[:2] == known
    assert shared.refused("experiments/get-by-name", method="GET", experiment_name=missing)[:2] == known


def test_deleting_takes_the_runs_along_and_restoring_brings_them_back(shared: Server, experiment: str) -> None:
    before, kept = shared.run(experiment_id=experiment), shared.run(experiment_id=experiment)
    shared.post("runs/delete", run_id=before)
    shared.post("experiments/delete", experiment_id=experiment)
    assert shared.get("experiments/get", experiment_id=experiment)["experiment"]["lifecycle_stage"] == "deleted"
    stage = lambda run_id: shared.get("runs/get", run_id=run_id)["run"]["info"]["lifecycle_stage"]  # noqa: E731
    assert stage(kept) == "deleted"
    assert shared.refused("runs/create", experiment_id=experiment)[:2] == (400, "INVALID_PARAMETER_VALUE")
    shared.post("experiments/restore", experiment_id=experiment)
    assert (stage(kept), stage(before)) == ("active", "deleted")


def test_a_second_delete_or_restore_is_404(shared: Server, experiment: str) -> None:
    assert shared.refused("experiments/restore", experiment_id=experiment)[0] == 404
    shared.post("experiments/delete", experiment_id=experiment)
    assert shared.refused("experiments/delete", experiment_id=experiment)[:2] == (404, "RESOURCE_DOES_NOT_EXIST")


def test_an_experiment_is_renamed(shared: Server, experiment: str) -> None:
    called = name()
    shared.post("experiments/update", experiment_id=experiment, new_name=called)
    assert shared.get("experiments/get", experiment_id=experiment)["experiment"]["name"] == called
    other = shared.post("experiments/create", name=name())["experiment_id"]
    taken = shared.refused("experiments/update", experiment_id=other, new_name=called)
    assert taken[:2] == (400, "RESOURCE_ALREADY_EXISTS")
    assert shared.refused("experiments/update", experiment_id=other)[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_tags_of_an_experiment_are_set_overwritten_and_deleted(shared: Server, experiment: str) -> None:
    shared.post("experiments/set-experiment-tag", experiment_id=experiment, key="team", value="a")
    shared.post("experiments/set-experiment-tag", experiment_id=experiment, key="team", value="b")
    tags = shared.get("experiments/get", experiment_id=experiment)["experiment"]["tags"]
    assert tags == [{"key": "team", "value": "b"}]
    shared.post("experiments/delete-experiment-tag", experiment_id=experiment, key="team")
    assert "tags" not in shared.get("experiments/get", experiment_id=experiment)["experiment"]
    gone = shared.refused("experiments/delete-experiment-tag", experiment_id=experiment, key="team")
    assert gone[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    shared.post("experiments/delete", experiment_id=experiment)
    refused = shared.refused("experiments/set-experiment-tag", experiment_id=experiment, key="team", value="c")
    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_experiments_are_searched_by_name_tag_and_time(shared: Server) -> None:
    mark = name()
    ids = [
        shared.post("experiments/create", name=f"{mark}-{k}", tags=[{"key": "k", "value": k}])["experiment_id"]
        for k in "abc"
    ]

    def found(filter: str, **more: object) -> list[str]:
        reply = shared.post("experiments/search", filter=f"name LIKE '{mark}%' AND {filter}", **more)
        return [one["experiment_id"] for one in reply.get("experiments", [])]

    assert found("tags.k = 'b'") == [ids[1]]
    assert found("tag.k != 'b'") == [ids[2], ids[0]]
    assert found(f"attribute.name ILIKE '{mark.upper()}-C'") == [ids[2]]
    assert found("creation_time > 0", order_by=["name ASC"]) == ids
    assert found("last_update_time < 5") == []
    assert found(f"experiment_id = '{ids[0]}'") == [ids[0]]
    shared.post("experiments/delete", experiment_id=ids[0])
    assert found("creation_time > 0") == [ids[2], ids[1]]
    assert found("creation_time > 0", view_type="DELETED_ONLY") == [ids[0]]
    assert found("creation_time > 0", view_type=3) == ids[::-1]


def test_a_search_of_experiments_is_paged(shared: Server) -> None:
    mark = name()
    ids = [shared.post("experiments/create", name=f"{mark}-{k}")["experiment_id"] for k in range(5)]
    asked = {"filter": f"name LIKE '{mark}%'", "max_results": 2}
    pages, token = [], ""
    while token is not None:
        reply = shared.post("experiments/search", **asked, page_token=token)
        pages.append([one["experiment_id"] for one in reply["experiments"]])
        token = reply.get("next_page_token")
    assert pages == [ids[:2:-1], ids[2:0:-1], ids[:1]]


@pytest.mark.parametrize(
    "fields",
    [
        {"filter": "nonsense"},
        {"filter": "metrics.a > 1"},
        {"filter": "name = 5"},
        {"order_by": ["tags.k"]},
        {"order_by": "name"},
        {"max_results": 0},
        {"max_results": -1},
        {"max_results": 50_001},
        {"max_results": "many"},
        {"page_token": "nonsense"},
        {"view_type": "SOME"},
    ],
)
def test_a_search_of_experiments_that_makes_no_sense_is_400(shared: Server, fields: dict[str, object]) -> None:
    assert shared.refused("experiments/search", **fields)[:2] == (400, "INVALID_PARAMETER_VALUE")
