"""The document says what the handlers read, and is one that tools for OpenAPI understand."""

import json
from typing import Any

import pytest

from attain.server.app import MLFLOW_ROUTES
from attain.server.openapi import PATH, document, fields
from attain.server.rest import attain_jobs, experiments, metrics, registry, runs

Server = Any  # the class `Running` of the conftest


def test_it_is_valid_and_has_every_endpoint_once(shared: Server) -> None:
    validator = pytest.importorskip("openapi_spec_validator")
    status, content = shared.raw("GET", PATH)
    found = json.loads(content)
    assert status == 200
    validator.validate(found)
    there = {(method.upper(), path) for path, ways in found["paths"].items() for method in ways}
    mlflow = {(route.method, f"/api/2.0/mlflow/{route.path}") for route in MLFLOW_ROUTES}
    assert there == mlflow | {(route.method, f"/api/attain/{route.path}") for route in attain_jobs.ROUTES}
    assert all(way["summary"].endswith(".") for ways in found["paths"].values() for way in ways.values())


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        (
            experiments.create,
            {"name": ("text", True), "artifact_location": ("optional", False), "tags": ("pairs", False)},
        ),
        (metrics.history, {"run_id": ("run_id", True), "metric_key": ("text", True), "max_results": ("whole", False)}),
        (registry.delete_version, {"name": ("text", True), "version": ("get", False)}),  # `_version(call)` reads it
        (attain_jobs.create_run, {"tags": ("objects", False), "run_id": ("text", True), "process": ("text", False)}),
        (runs.create, {"start_time": ("whole", False), "experiment_id": ("text", False)}),
    ],
)
def test_a_field_is_found_with_its_kind_wherever_the_handler_reads_it(handler: Any, expected: dict[str, Any]) -> None:
    found = {name: (how, needed) for name, how, needed in fields(handler).values()}
    assert expected.items() <= found.items()


def test_what_must_be_there_is_refused_when_it_is_missing(shared: Server) -> None:
    """Each operation is asked with nothing: it may go well only if the document demands nothing."""
    for path, ways in document([("/api/2.0/mlflow/", route) for route in MLFLOW_ROUTES])["paths"].items():
        for method, way in ways.items():
            needed = [one["name"] for one in way.get("parameters", []) if one["required"] and one["in"] == "query"]
            body = way.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            if needed or body.get("required"):
                status, _ = shared.raw(method.upper(), path.replace("{", "").replace("}", ""), {})
                assert 400 <= status < 500, (method, path)
