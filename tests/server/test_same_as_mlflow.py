"""Requests that MLflow's own server gets too: it and ours answer with the same status and error code.

`mlflow/requests.txt` has a request a line. Where we answer otherwise on purpose, the request stands in
`mlflow/differences.txt`, with both answers and the reason.
"""

import json
import re
from collections.abc import Callable
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

Server = Any  # the class `Running` of the conftest
Ids = dict[str, str]

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent / "mlflow"
JSON = {"Content-Type": "application/json"}


def requests() -> list[str]:
    lines = (HERE / "requests.txt").read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def differences() -> dict[str, tuple[str, str]]:
    """MLflow's answer and ours, by request."""
    found = {}
    for block in (HERE / "differences.txt").read_text().strip().split("\n\n"):
        reason, *lines = block.splitlines()
        assert reason.startswith("# "), reason
        for request, answers in zip(lines[::2], lines[1::2], strict=True):
            theirs, ours = answers.strip().split(" | ")
            found[request] = (theirs, ours)
    return found


class Side:
    """One of the two servers, with the same things in it under ids of its own."""

    def __init__(self, url: str) -> None:
        self._connection = HTTPConnection(urlsplit(url).netloc, timeout=240)
        self.ids = {str(size): "x" * size for size in (250, 251, 6001, 8001)}
        for line in (HERE / "before.txt").read_text().splitlines():
            name, request, *path = line.split(" > ")
            found: Any = json.loads(self._ask(request)[1])
            for part in path:
                found = found[part]
            self.ids[name] = found if path else ""

    def close(self) -> None:
        self._connection.close()

    def answer(self, request: str) -> str:
        """The status of a request, and the error code if it is refused with one."""
        status, text = self._ask(request)
        try:
            code = json.loads(text).get("error_code", "") if status >= 400 else ""
        except ValueError:
            code = ""
        return f"{status} {code}".strip()

    def _ask(self, request: str) -> tuple[int, str]:
        method, path, *rest = re.sub(r"<(\w+)>", lambda found: self.ids[found[1]], request).split(" ", 2)
        path = path if path.startswith("/") else f"/api/2.0/mlflow/{path}"
        body = rest[0] if rest else None
        if method == "GET" and body:
            path, body = f"{path}?{urlencode(json.loads(body), doseq=True)}", None
        self._connection.request(method, path, body.encode() if body is not None else None, JSON)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()


@pytest.fixture(scope="module")
def theirs(mlflow_server: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What MLflow's server answers to each request, in their order."""
    with closing(Side(mlflow_server(tmp_path_factory.mktemp("mlflow")))) as side:
        return {request: side.answer(request) for request in requests()}


def test_every_request_is_answered_as_mlflow_does_or_otherwise_on_purpose(
    shared: Server, theirs: dict[str, str]
) -> None:
    with closing(Side(shared.url)) as side:
        both = {request: (theirs[request], side.answer(request)) for request in requests()}
    assert {request: pair for request, pair in both.items() if pair[0] != pair[1]} == differences()
