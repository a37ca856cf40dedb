"""The model registry over the wire: shapes, statuses and codes."""

import json
import uuid
from typing import Any

import pytest

Server = Any  # the `Running` of conftest


@pytest.fixture
def name(shared: Server) -> str:
    """The name of a registered model of this test alone."""
    name = f"m-{uuid.uuid4().hex[:8]}"
    shared.post("registered-models/create", name=name, description="d", tags=[{"key": "k", "value": "v"}])
    return name


def version(shared: Server, name: str, **fields: Any) -> dict[str, Any]:
    made: dict[str, Any] = shared.post("model-versions/create", name=name, source="s3://b/m", **fields)["model_version"]
    return made


def test_a_registered_model_has_these_fields(shared: Server, name: str) -> None:
    version(shared, name)
    shared.post("registered-models/alias", name=name, alias="champion", version="1")
    found = shared.get("registered-models/get", name=name)["registered_model"]
    created, changed = found.pop("creation_timestamp"), found.pop("last_updated_timestamp")
    assert changed >= created > 1_700_000_000_000
    latest = found.pop("latest_versions")
    assert [(one["name"], one["version"], one["aliases"]) for one in latest] == [(name, "1", ["champion"])]
    assert found == {
        "name": name,
        "description": "d",
        "tags": [{"key": "k", "value": "v"}],
        "aliases": [{"alias": "champion", "version": "1"}],
    }


def test_a_version_has_these_fields(shared: Server, name: str) -> None:
    made = version(shared, name, run_id="r", run_link="https://x", description="d", tags=[{"key": "a", "value": "b"}])
    found = shared.get("model-versions/get", name=name, version="1")["model_version"]
    assert found == made
    assert found["creation_timestamp"] == found["last_updated_timestamp"] > 1_700_000_000_000
    assert {key: value for key, value in found.items() if "timestamp" not in key} == {
        "name": name,
        "version": "1",
        "current_stage": "None",
        "source": "s3://b/m",
        "status": "READY",
        "run_id": "r",
        "run_link": "https://x",
        "description": "d",
        "tags": [{"key": "a", "value": "b"}],
    }
    uri = shared.get("model-versions/get-download-uri", name=name, version=1)
    assert uri == {"artifact_uri": "s3://b/m"}


@pytest.mark.parametrize(
    ("method", "path", "fields", "answer"),
    [
        ("POST", "registered-models/create", {}, (400, "INVALID_PARAMETER_VALUE", "parameter 'name'")),
        ("POST", "registered-models/create", {"name": "a/b"}, (400, "INVALID_PARAMETER_VALUE", "must not have '/'")),
        ("POST", "registered-models/create", {"name": "NAME"}, (400, "RESOURCE_ALREADY_EXISTS", "already")),
        ("POST", "registered-models/rename", {"name": "NAME"}, (400, "INVALID_PARAMETER_VALUE", "'new_name'")),
        ("POST", "registered-models/rename", {"name": "no", "new_name": "x"}, (404, "RESOURCE_DOES_NOT_EXIST", "'no'")),
        ("GET", "registered-models/get", {"name": "no"}, (404, "RESOURCE_DOES_NOT_EXIST", "registered model 'no'")),
        ("PATCH", "registered-models/update", {"name": "no"}, (404, "RESOURCE_DOES_NOT_EXIST", "'no'")),
        ("DELETE", "registered-models/delete", {"name": "no"}, (404, "RESOURCE_DOES_NOT_EXIST", "'no'")),
        ("GET", "registered-models/search", {"max_results": 1001}, (400, "INVALID_PARAMETER_VALUE", "at most 1000")),
        ("GET", "registered-models/search", {"max_results": 0}, (400, "INVALID_PARAMETER_VALUE", "max_results is 0")),
        ("GET", "registered-models/search", {"filter": "x ="}, (400, "INVALID_PARAMETER_VALUE", "character 1")),
        ("GET", "registered-models/search", {"page_token": "x"}, (400, "INVALID_PARAMETER_VALUE", "page token")),
        (
            "GET",
            "registered-models/alias",
            {"name": "NAME", "alias": "x"},
            (400, "INVALID_PARAMETER_VALUE", "no alias"),
        ),
        (
            "POST",
            "registered-models/alias",
            {"name": "NAME", "alias": "v1", "version": "1"},
            (400, "INVALID_PARAMETER_VALUE", "reserved"),
        ),
        (
            "POST",
            "model-versions/create",
            {"name": "NAME", "source": "/etc"},
            (400, "INVALID_PARAMETER_VALUE", "local path"),
        ),
        (
            "POST",
            "model-versions/create",
            {"name": "no", "source": "s3://b/m"},
            (404, "RESOURCE_DOES_NOT_EXIST", "'no'"),
        ),
        ("POST", "model-versions/create", {"name": "NAME"}, (400, "INVALID_PARAMETER_VALUE", "'source'")),
        ("GET", "model-versions/get", {"name": "NAME", "version": "1"}, (404, "RESOURCE_DOES_NOT_EXIST", "version 1")),
        ("GET", "model-versions/get", {"name": "NAME", "version": "x"}, (400, "INVALID_PARAMETER_VALUE", "version")),
        ("GET", "model-versions/get", {"name": "NAME"}, (400, "INVALID_PARAMETER_VALUE", "parameter 'version'")),
        (
            "DELETE",
            "model-versions/delete",
            {"name": "NAME", "version": [1]},
            (400, "INVALID_PARAMETER_VALUE", "[1]"),
        ),
        (
            "POST",
            "model-versions/transition-stage",
            {"name": "NAME", "version": "1", "stage": "x"},
            (400, "INVALID_PARAMETER_VALUE", "The stage is 'x'"),
        ),
        ("GET", "model-versions/search", {"order_by": "auc"}, (400, "INVALID_PARAMETER_VALUE", "no attribute 'auc'")),
    ],
)
def test_a_mistake_is_answered_with_its_code(
    shared: Server, name: str, method: str, path: str, fields: dict[str, Any], answer: tuple[int, str, str]
) -> None:
    fields = {key: name if value == "NAME" else value for key, value in fields.items()}
    status, code, message = shared.refused(path, method=method, **fields)
    assert (status, code) == answer[:2]
    assert answer[2] in message


def test_every_change_of_a_model_goes_over_the_wire(shared: Server, name: str) -> None:
    def model() -> dict[str, Any]:
        found: dict[str, Any] = shared.get("registered-models/get", name=name)["registered_model"]
        return found

    assert shared.ask("PATCH", "registered-models/update", {"name": name, "description": "e"})[0] == 200
    assert shared.post("registered-models/set-tag", name=name, key="k", value="w") == {}
    assert (model()["description"], model()["tags"]) == ("e", [{"key": "k", "value": "w"}])
    assert shared.ask("DELETE", "registered-models/delete-tag", {"name": name, "key": "k"}) == (200, {})
    assert "tags" not in model()
    renamed = shared.post("registered-models/rename", name=name, new_name=f"{name}-new")["registered_model"]
    assert renamed["name"] == f"{name}-new"
    assert shared.ask("DELETE", "registered-models/delete", {"name": f"{name}-new"}) == (200, {})
    assert shared.refused("registered-models/get", method="GET", name=f"{name}-new")[0] == 404


def test_every_change_of_a_version_goes_over_the_wire(shared: Server, name: str) -> None:
    for _ in range(3):
        version(shared, name)
    at = {"name": name, "version": "2"}
    status, changed = shared.ask("PATCH", "model-versions/update", {**at, "description": "e"})
    assert (status, changed["model_version"]["description"]) == (200, "e")
    assert shared.post("model-versions/set-tag", **at, key="k", value="v") == {}
    moved = shared.post("model-versions/transition-stage", **at, stage="production", archive_existing_versions=True)
    assert (moved["model_version"]["current_stage"], moved["model_version"]["tags"]) == (
        "Production",
        [{"key": "k", "value": "v"}],
    )
    assert shared.ask("DELETE", "model-versions/delete-tag", {**at, "key": "k"}) == (200, {})
    latest = shared.post("registered-models/get-latest-versions", name=name)["model_versions"]
    assert [(one["version"], one["current_stage"]) for one in latest] == [("2", "Production"), ("3", "None")]
    some = shared.post("registered-models/get-latest-versions", name=name, stages=["Production"])["model_versions"]
    assert [one["version"] for one in some] == ["2"]
    assert shared.post("registered-models/get-latest-versions", name=name, stages=["Staging"]) == {}
    assert shared.post("registered-models/alias", name=name, alias="champion", version="2") == {}
    found = shared.get("registered-models/alias", name=name, alias="champion")["model_version"]
    assert (found["version"], found["aliases"]) == ("2", ["champion"])
    assert shared.ask("DELETE", "registered-models/alias", {"name": name, "alias": "champion"}) == (200, {})
    assert shared.ask("DELETE", "model-versions/delete", at) == (200, {})
    assert version(shared, name)["version"] == "4"


def test_searches_are_paged(shared: Server, name: str) -> None:
    for _ in range(3):
        version(shared, name)
    query = {"filter": f"name = '{name}'", "max_results": 2, "order_by": ["version_number ASC"]}
    first = shared.get("model-versions/search", **query)
    second = shared.get("model-versions/search", **query, page_token=first["next_page_token"])
    assert [one["version"] for one in first["model_versions"] + second["model_versions"]] == ["1", "2", "3"]
    assert "next_page_token" not in second
    assert shared.get("model-versions/search", filter="name = 'none'", max_results=200_000) == {}
    models = shared.get("registered-models/search", filter=f"name LIKE '{name}%'", order_by="name DESC")
    assert [one["name"] for one in models["registered_models"]] == [name]


@pytest.mark.parametrize("text", ["\ud800", "\x00"])
def test_text_that_no_database_holds_is_refused_in_every_field(shared: Server, text: str) -> None:
    asked: dict[str, dict[str, Any]] = {
        "registered-models/create": {"name": f"a{text}"},
        "runs/update": {"run_id": text},
        "runs/search": {"experiment_ids": ["0"], "filter": f"tags.a = '{text}'"},
        "logged-models/search": {"experiment_ids": [text]},
    }
    for path, fields in asked.items():
        assert shared.refused(path, **fields)[:2] == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("source_path = 's3://b/m'", ["2", "1"]),
        ("source_path LIKE 's3:%'", ["2", "1"]),
        ("run_id = 'r1'", ["1"]),
        ("run_id IN ('r1', 'r2')", ["2", "1"]),
        ("tags.n = '2'", ["2"]),
        ("tags.n ILIKE '%'", ["2", "1"]),
        ("version_number > 1", ["2"]),
    ],
)
def test_versions_are_found_by_what_they_are(shared: Server, name: str, filter: str, found: list[str]) -> None:
    for number in "12":
        version(shared, name, run_id=f"r{number}", tags=[{"key": "n", "value": number}])
    asked = {"filter": f"name = '{name}' AND {filter}", "order_by": ["version_number DESC"]}
    reply = shared.get("model-versions/search", **asked)
    assert [one["version"] for one in reply.get("model_versions", [])] == found


def test_a_number_is_never_used_again_and_a_rename_keeps_versions(shared: Server, name: str) -> None:
    for _ in range(2):
        version(shared, name)
    shared.post("registered-models/alias", name=name, alias="champion", version="1")
    assert shared.ask("DELETE", "model-versions/delete", {"name": name, "version": "2"}) == (200, {})
    assert version(shared, name)["version"] == "3"
    shared.post("registered-models/rename", name=name, new_name=f"{name}-new")
    kept = shared.get("model-versions/search", filter=f"name = '{name}-new'")["model_versions"]
    assert sorted(one["version"] for one in kept) == ["1", "3"]
    shared.ask("DELETE", "registered-models/delete", {"name": f"{name}-new"})
    shared.post("registered-models/create", name=f"{name}-new")
    assert shared.get("model-versions/search", filter=f"name = '{name}-new'") == {}
    gone = shared.refused("registered-models/alias", method="GET", name=f"{name}-new", alias="champion")
    assert gone[0] in (400, 404)


@pytest.mark.parametrize("alias", ["latest", "LATEST", "v1", "V2", "", "a b"])
def test_an_alias_that_could_be_a_version_is_refused(shared: Server, name: str, alias: str) -> None:
    version(shared, name)
    refused = shared.refused("registered-models/alias", name=name, alias=alias, version="1")
    assert refused[:2] == (400, "INVALID_PARAMETER_VALUE")


@pytest.mark.parametrize("source", ["/etc", "file:///etc", "file:/etc", "./model", "C:/model", "runs:/RUN/../x"])
def test_a_source_outside_the_run_is_refused(shared: Server, name: str, run_id: str, source: str) -> None:
    sent = {"name": name, "source": source.replace("RUN", run_id), "run_id": run_id}
    assert shared.refused("model-versions/create", **sent)[:2] == (400, "INVALID_PARAMETER_VALUE")


def test_the_ledger_knows_of_an_alias_that_moved_without_a_decision(shared: Server, name: str) -> None:
    version(shared, name)
    shared.post("registered-models/alias", name=name, alias="champion", version="1")
    shared.ask("DELETE", "registered-models/alias", {"name": name, "alias": "champion"})
    lines = shared.store.access.about(f"model {name}", ["model.alias"])
    assert [(line.actor, json.loads(line.details)) for line in lines] == [
        ("somebody (REST)", {"alias": "champion", "version": "1"}),
        ("somebody (REST)", {"alias": "champion", "version": None}),
    ]
