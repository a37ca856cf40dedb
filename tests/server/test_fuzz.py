"""Whatever is sent to whichever route, the fault is the sender's: never a 5xx."""

import http.client
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attain.server.app import MLFLOW_ROUTES
from attain.server.openapi import document
from attain.server.rest import attain_jobs

Server = Any  # the class `Running` of the conftest
ROUTES = [("/api/2.0/mlflow/", route) for route in MLFLOW_ROUTES]
ROUTES += [(attain_jobs.PREFIX, route) for route in attain_jobs.ROUTES]
JSON = {"Content-Type": "application/json"}
NAMES = [f"{route.method} {route.path}" for _, route in ROUTES]

few = settings(suppress_health_check=list(HealthCheck), database=None, derandomize=True)

FIELDS = re.findall(
    r"\w+",
    """
    experiment_id experiment_ids experiment_name name new_name artifact_location tags params metrics run_id run_ids
    run_uuid run_name status start_time end_time user_id key value timestamp step filter order_by max_results page_token
    run_view_type view_type datasets models model_id metric_key start_step end_step path version alias stage source
    description archive_existing_versions points process keys parent_run_id dataset_name dataset_digest model_json
    model_type source_run_id versions run_link
    """,
)

texts: list[object] = [
    "",
    "0",
    "-1",
    "NaN",
    "1e999",
    "..",
    "a/../b",
    "%2e%2e",
    "a\x00b",
    "\ud800",
    "metrics.a > 1",
    "ALL",
]
long: list[object] = ["é" * 300, "x" * 9_000]
numbers: list[object] = [2**63, -(2**63), 0, 1, -1, True, None, 0.5, 1e308]
lists: list[object] = [[], [[]], ["0"], [{}], [{"key": "a", "value": "b"}], [{"key": None}], {}]
lists += [[{"key": "a", "value": 1, "timestamp": 1}], [{"dataset": {"name": "a", "digest": "b"}}]]
edges = st.sampled_from([*texts, *long, *numbers, *lists])
values = edges | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=3),
    max_leaves=6,
)
bodies = st.dictionaries(st.sampled_from(FIELDS), values, max_size=8)


@pytest.fixture(scope="module")
def known(shared: Server) -> dict[str, Any]:
    """Ids of things that are there, so that requests come further than the first check."""
    run_id = shared.run()
    model = shared.post("logged-models", experiment_id="0", name="m")["model"]["info"]["model_id"]
    shared.post("registered-models/create", name="m")
    return {"run_id": run_id, "run_ids": [run_id], "model_id": model, "name": "m", "experiment_ids": ["0"]}


@pytest.fixture(scope="module")
def connection(shared: Server) -> Iterator[http.client.HTTPConnection]:
    kept = http.client.HTTPConnection(urlsplit(shared.url).netloc, timeout=120)
    yield kept
    kept.close()


@pytest.mark.parametrize(("prefix", "route"), ROUTES, ids=NAMES)
def test_no_request_is_our_fault(
    connection: http.client.HTTPConnection, known: dict[str, Any], prefix: str, route: Any
) -> None:
    @settings(few, max_examples=5)
    @given(bodies, st.sets(st.sampled_from(sorted(known))), st.booleans(), st.text(max_size=8))
    def ask(body: dict[str, Any], right: set[str], as_query: bool, part: str) -> None:
        body |= {name: known[name] for name in right}
        parts = {name: known.get(name, part) if right else part for name in re.findall(r"\{(\w+)\}", route.path)}
        path = route.path.format(
            **{n: quote(str(v).encode("utf-8", "replace"), safe="") or "x" for n, v in parts.items()}
        )
        sent = json.dumps(body).encode()
        if route.method == "GET" and as_query:
            path, sent = f"{path}?{urlencode(body, doseq=True, errors='replace')}", b""
        connection.request(route.method, prefix + path, sent, JSON)
        answer = connection.getresponse()
        reply = json.loads(answer.read())
        assert answer.status < 500, (answer.status, reply, path, sent)
        assert answer.status == 200 or set(reply) == {"error_code", "message"}

    ask()


@pytest.fixture(scope="module")
def operations() -> dict[str, Any]:
    """What schemathesis makes of the server's OpenAPI document, by method and path."""
    schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")
    schema = schemathesis.openapi.from_dict(document(ROUTES))
    return {found.ok().label: found.ok() for found in schema.get_all_operations()}


@pytest.mark.parametrize(("prefix", "route"), ROUTES, ids=NAMES)
def test_what_the_document_allows_and_what_it_forbids_is_answered_as_it_says(
    shared: Server, session: Any, operations: dict[str, Any], prefix: str, route: Any
) -> None:
    from schemathesis import GenerationMode, checks
    from schemathesis.specs.openapi import checks as of_document

    operation = operations[f"{route.method} {prefix}{route.path}"]
    pinned = [checks.not_a_server_error, of_document.status_code_conformance]
    pinned += [of_document.content_type_conformance, of_document.response_schema_conformance]

    @settings(few, max_examples=6)
    @given(st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode)))
    def ask(case: Any) -> None:
        case.validate_response(case.call(base_url=shared.url, session=session), checks=pinned)

    ask()


@pytest.fixture(scope="module")
def session() -> Iterator[Any]:
    """Kept connections."""
    requests = pytest.importorskip("requests")
    with requests.Session() as kept:
        yield kept


words = st.sampled_from(
    r"""
    metrics. metric.auc params.model param. tags.`a tags.`a b` tag."x" attributes.run_id attr. run.status dataset.name
    run_id name start_time created `run name` source_path version_number = != > >= < <= <> == LIKE ilike IN NOT IS NULL
    AND OR not ( ) , ; ' " ` 'a' "b" '%' '_' '\' 0 -1 .5 1e999 1e-3 nan inf 0x1 9223372036854775808 % * é ASC desc ASC,
    -- /* #
    """.split()  # noqa: SIM905 - a hundred quoted words are hard to read
)
phrases = st.builds(str.join, st.sampled_from([" ", ""]), st.lists(words, max_size=9))
left = st.sampled_from(
    ["metrics.a", "params.`a b`", "tags.a", "attributes.run_id", "status", "start_time", "name", "dataset.digest"]
)
middle = st.sampled_from(["=", "!=", ">", "<=", "LIKE", "ILIKE", "IN", "NOT IN", "IS NULL", "IS NOT NULL"])
right = st.sampled_from(
    ["'a'", "1", "-1e308", "1e-400", "9223372036854775808", "('a')", "('a', 'b%_')", "('')", "'\\'", ""]
)
clause = st.builds("{} {} {}".format, left, middle, right)
clauses = st.recursive(
    clause,
    lambda inner: st.builds("({}) {} {}".format, inner, st.sampled_from(["AND", "OR", "AND NOT"]), inner),
    max_leaves=4,
)
filters = clauses | phrases | st.text(max_size=30)

SEARCHES = {
    "runs": ("POST", "/api/2.0/mlflow/runs/search"),
    "experiments": ("POST", "/api/2.0/mlflow/experiments/search"),
    "logged models": ("POST", "/api/2.0/mlflow/logged-models/search"),
    "registered models": ("GET", "/api/2.0/mlflow/registered-models/search"),
    "versions": ("GET", "/api/2.0/mlflow/model-versions/search"),
    "counts": ("POST", "/api/attain/runs/count"),
}


@pytest.mark.parametrize("what", SEARCHES)
def test_any_text_is_a_filter_or_a_mistake_of_the_sender(shared: Server, session: Any, what: str) -> None:
    method, path = SEARCHES[what]

    @settings(few, max_examples=60)
    @given(filters, filters)
    def ask(filter: str, order: str) -> None:
        orders = [{"field_name": order}] if what == "logged models" else [order]
        fields = {"experiment_ids": ["0"], "filter": filter, "order_by": orders if order else []}
        answer = session.request(method, shared.url + path, **{"params" if method == "GET" else "json": fields})
        if answer.status_code != 200:
            assert (answer.status_code, answer.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE"), answer.text

    ask()
