"""How requests travel: content types, JSON, prefixes, methods, limits."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from attain.server.protocol import table
from attain.server.rest.call import Route
from attain.server.settings import Settings

Server = Any  # the class `Running` of the conftest
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("prefix", ["/api/2.0/mlflow/", "/ajax-api/2.0/mlflow/", "/api/3.0/mlflow/"])
def test_every_prefix_leads_to_the_same(shared: Server, prefix: str) -> None:
    assert shared.get(f"{prefix}experiments/get", experiment_id="0")["experiment"]["name"] == "Default"


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json; charset=utf-8", "Application/JSON", "application/json;x"]
)
def test_json_is_read_whatever_else_its_content_type_says(shared: Server, kind: str) -> None:
    assert shared.ask("POST", "runs/search", {}, headers={"Content-Type": kind}) == (200, {})


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "", "json"])
def test_another_content_type_is_400(shared: Server, kind: str) -> None:
    status, reply = shared.ask("POST", "runs/search", {}, headers={"Content-Type": kind})
    assert (status, reply["error_code"]) == (400, "BAD_REQUEST")
    assert "application/json" in reply["message"]


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"5", b"null", b'"a"', b'"[]"', b"\xff", b"[" * 100_000, b"{" * 3, b'{"a": ' + b"1" * 5_000]
)
def test_a_body_that_is_no_json_object_is_400(shared: Server, body: bytes) -> None:
    status, reply = shared.ask("POST", "runs/search", body)
    assert (status, set(reply)) == (400, {"error_code", "message"})


def test_a_body_encoded_twice_is_read_as_old_clients_mean_it(shared: Server) -> None:
    body = json.dumps(json.dumps({"experiment_ids": []})).encode()
    assert shared.ask("POST", "runs/search", body) == (200, {})


def test_an_empty_body_has_no_fields(shared: Server) -> None:
    assert shared.ask("POST", "runs/search", b"") == (200, {})


def test_unknown_fields_are_ignored(shared: Server) -> None:
    assert shared.post("runs/search", colour="red", experiment_ids=[]) == {}
    assert shared.get("experiments/get", experiment_id="0", colour="red")["experiment"]["name"] == "Default"


def test_a_get_may_carry_json_in_place_of_a_query(shared: Server) -> None:
    status, reply = shared.ask("GET", "experiments/get", b'{"experiment_id": "0"}')
    assert (status, reply["experiment"]["name"]) == (200, "Default")


def test_text_beyond_ascii_arrives_and_comes_back(shared: Server, experiment: str) -> None:
    run_id = shared.run(experiment_id=experiment, run_name="Übung 学习 🎓")
    assert shared.get("runs/get", run_id=run_id)["run"]["info"]["run_name"] == "Übung 学习 🎓"
    found = shared.post("runs/search", experiment_ids=[experiment], filter="run_name = 'Übung 学习 🎓'")
    assert len(found["runs"]) == 1


def test_half_a_character_is_400(shared: Server, run_id: str) -> None:
    body = f'{{"run_id": "{run_id}", "key": "a", "value": "\\ud800"}}'.encode()
    assert shared.ask("POST", "runs/set-tag", body)[0] == 400
    assert shared.ask("POST", "experiments/create", b'{"name": "\\ud800"}')[0] == 400


def test_a_wrong_method_is_405_and_an_unknown_path_404(shared: Server) -> None:
    assert shared.ask("GET", "runs/create")[0] == 405
    assert shared.ask("DELETE", "registered-models/get", {})[0] == 405
    assert shared.ask("GET", "runs/nothing")[0] == 404
    assert shared.ask("GET", "runs/create/")[0] == 404


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/3.0/mlflow/traces"),
        ("GET", "/api/2.0/mlflow/traces"),
        ("POST", "/v1/traces"),
        ("GET", "/api/3.0/mlflow/gateway/endpoints/list"),
        ("POST", "/ajax-api/3.0/mlflow/datasets/search"),
        ("POST", "/graphql"),
    ],
)
def test_a_part_of_mlflow_that_is_not_offered_says_so(shared: Server, method: str, path: str) -> None:
    status, reply = shared.ask(method, path, {})
    assert (status, reply["error_code"]) == (501, "NOT_IMPLEMENTED")


def test_a_body_over_the_limit_is_413_and_nothing_is_kept(serve: Callable[..., Any]) -> None:
    server = serve(Settings(most_body=2_000))
    run_id = server.run()
    tags = [{"key": str(at), "value": "x" * 100} for at in range(50)]
    status, reply = server.ask("POST", "runs/log-batch", {"run_id": run_id, "tags": tags})
    assert (status, reply["error_code"]) == (413, "INVALID_PARAMETER_VALUE")
    assert "2,000 bytes" in reply["message"]
    assert len(server.get("runs/get", run_id=run_id)["run"]["data"]["tags"]) == 1


def test_a_mistake_of_ours_is_500_and_its_cause_stays_here(
    serve: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    server = serve()

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(server.store, "get_run", broken)
    status, reply = server.ask("GET", "runs/get", {"run_id": "a"})
    assert (status, reply["error_code"]) == (500, "INTERNAL_ERROR")
    assert "secret" not in reply["message"]
    assert "ZeroDivisionError" in caplog.text


def test_requests_are_counted_and_logged_by_route(serve: Callable[..., Any], caplog: pytest.LogCaptureFixture) -> None:
    server = serve()
    with caplog.at_level(logging.INFO, "attain.server.requests"):
        server.get("experiments/get", experiment_id="0")
        server.refused("experiments/get", method="GET", experiment_id="private")
    text = server.raw("GET", "/metrics")[1].decode()
    assert 'route="experiments/get",status="200"} 1\n' in text
    assert 'route="experiments/get",status="404"} 1\n' in text
    assert "private" not in text + caplog.text
    assert caplog.messages[0].startswith("GET experiments/get 200 ")


def test_the_table_finds_parts_of_a_path() -> None:
    route = Route("GET", "models/{model_id}/tags/{key}", lambda call: {}, writes=False)
    other = Route("DELETE", "models/{model_id}/tags/{key}", lambda call: {}, writes=True)
    known = table([("/api/", route), ("/api/", other)])
    assert known.find("GET", "/api/models/m-1/tags/a%2Fb c") == (route, {"model_id": "m-1", "key": "a/b c"}, [])
    assert known.find("PATCH", "/api/models/m-1/tags/a") == (None, {}, ["GET", "DELETE"])
    assert known.find("GET", "/api/models/m-1/tags/a/b") == (None, {}, [])
