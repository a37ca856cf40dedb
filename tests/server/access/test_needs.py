"""Every route has its right, and the rights look at all that a handler may look at."""

import importlib
import pkgutil
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain import server
from attain.server import app
from attain.server.access.needs import NEEDS, in_uri
from attain.server.rest.call import Call, Route
from attain.tracking.errors import Invalid
from attain.tracking.sql.belonging import Things


def all_routes() -> list[Route]:
    """Every route that any module of the server declares, mounted or not."""
    found = []
    for module in pkgutil.walk_packages(server.__path__, "attain.server."):
        for value in vars(importlib.import_module(module.name)).values():
            found += [one for one in (value if isinstance(value, tuple | list) else [value]) if isinstance(one, Route)]
    return found


def test_the_table_of_rights_has_all_routes_and_no_other() -> None:
    routes = {(route.method, route.path) for route in all_routes()}
    assert {(route.method, route.path) for _, route in app._placed()} <= routes
    assert routes == NEEDS.keys()


def test_whoever_only_reads_needs_no_more_than_to_read() -> None:
    for (method, path), need in NEEDS.items():
        if method == "GET":
            assert {level for level, _ in need.on} <= {"read"}, path


def test_what_writes_needs_more_than_to_read() -> None:
    for route in all_routes():
        levels = {level for level, _ in NEEDS[route.method, route.path].on}
        if route.writes and route.path not in ("experiments/create", "registered-models/create"):
            assert levels & {"edit", "manage"}, route.path


@pytest.mark.parametrize(
    ("uri", "experiments", "runs", "logged_models", "models"),
    [
        ("mlflow-artifacts:/3/r/artifacts/model", {"3"}, {"r"}, set(), set()),
        ("mlflow-artifacts://host:5000/3/r/artifacts", {"3"}, {"r"}, set(), set()),
        ("mlflow-artifacts:/3/models/m-1/artifacts", {"3"}, set(), {"m-1"}, set()),
        ("runs:/r/model", set(), {"r"}, set(), set()),
        ("RUNS://r/model", set(), {"r"}, set(), set()),
        ("models:/m-1", set(), set(), {"m-1"}, {"m-1"}),
        ("models:/tracer@champion", set(), set(), {"tracer@champion"}, {"tracer"}),
        ("models:/tracer/3", set(), set(), {"tracer"}, {"tracer"}),
        ("s3://bucket/3/r", set(), set(), set(), set()),
        (None, set(), set(), set(), set()),
    ],
)
def test_an_address_is_about_what_lies_there(
    uri: Any, experiments: set[str], runs: set[str], logged_models: set[str], models: set[str]
) -> None:
    found = in_uri(uri)
    assert (found.experiments, found.runs, found.logged_models, found.models) == (
        experiments,
        runs,
        logged_models,
        models,
    )


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["model_id", "run_id", "x"]), inner),
    max_leaves=8,
)
NAMES = [
    "experiment_id",
    "experiment_ids",
    "run_id",
    "run_uuid",
    "run_ids",
    "metrics",
    "models",
    "name",
    "source",
    "key",
]


@given(st.dictionaries(st.sampled_from(NAMES), json, max_size=4))
def test_whatever_a_client_sends_is_looked_through_without_a_fault(values: dict[str, Any]) -> None:
    nothing: Any = None  # no finder asks the store
    for need in NEEDS.values():
        for _, find in need.on:
            with suppress(Invalid):
                assert isinstance(find(Call(nothing, values)), Things)


def test_the_table_names_no_route_twice() -> None:
    text = Path(app.__file__).with_name("access").joinpath("needs.py").read_text(encoding="utf-8")
    written = [line.strip().split("):")[0] for line in text.splitlines() if line.strip().startswith('("')]
    assert len(written) == len(set(written)) == len(NEEDS)
