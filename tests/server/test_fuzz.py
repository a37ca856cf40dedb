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
from attain.server.rest import attain_jobs

Server = Any  # the class `Running` of the conftest
ROUTES = [("/api/2.0/mlflow/", route) for route in MLFLOW_ROUTES]
ROUTES += [(attain_jobs.PREFIX, route) for route in attain_jobs.ROUTES]

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
    kept = http.client.HTTPConnection(urlsplit(shared.url).netloc, timeout=30)
    yield kept
    kept.close()


@pytest.mark.parametrize(("prefix", "route"), ROUTES, ids=[f"{route.method} {route.path}" for _, route in ROUTES])
def test_no_request_is_our_fault(
    connection: http.client.HTTPConnection, known: dict[str, Any], prefix: str, route: Any
) -> None:
    @settings(max_examples=5, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
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
        connection.request(route.method, prefix + path, sent, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        reply = json.loads(answer.read())
        assert answer.status < 500, (answer.status, reply, path, sent)
        assert answer.status == 200 or set(reply) == {"error_code", "message"}

    ask()
