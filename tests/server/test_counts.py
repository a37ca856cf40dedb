"""What `/metrics` tells: every answer, by routes that the server names, never by what somebody sent."""

from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from attain.server.access_hook import Denied

FILES = "/api/2.0/mlflow-artifacts/artifacts"
FILE = "mlflow-artifacts/artifacts/{path}"


def counted(server: Any) -> dict[tuple[str, str, str], int]:
    """How many answers there were, by method, route and status."""
    found = {}
    for line in server.raw("GET", "/metrics")[1].decode().splitlines():
        if line.startswith("attain_requests_total{"):
            labels, count = line.removeprefix("attain_requests_total{").split("} ")
            values = [label.split("=")[1].strip('"') for label in labels.split(",")]
            found[values[1], values[2], values[3]] = int(count)
    return found


def test_files_that_go_up_and_down_are_counted_by_their_route(server: Any) -> None:
    place = f"{FILES}/0/{server.run()}/artifacts"
    server.raw("PUT", f"{place}/secret.txt", b"x")
    server.raw("GET", f"{place}/secret.txt")
    server.raw("GET", f"{place}/nothing.txt")
    server.raw("PUT", f"{place}/../x", b"x")
    server.raw("DELETE", f"{place}/secret.txt")
    server.ask("POST", f"/api/2.0/mlflow-artifacts/mpu/create/{place}", {})
    found = counted(server)
    assert found["PUT", FILE, "200"] == found["GET", FILE, "200"] == found["DELETE", FILE, "200"] == 1
    assert found["GET", FILE, "404"] == found["PUT", FILE, "400"] == 1
    assert found["POST", "mlflow-artifacts/mpu/{path}", "501"] == 1
    assert "secret" not in str(found)


def test_what_strangers_ask_for_is_counted_under_one_name(server: Any) -> None:
    for path in ("/a", '/b"} 1', "/c%0ad", "/api/2.0/mlflow/runs/nothing"):
        server.ask("GET", path.replace(" ", "%20").replace('"', "%22"))
    server.ask("GET", "runs/create")
    server.raw("GET", "/health")
    connection = HTTPConnection(urlsplit(server.url).netloc)
    connection.request("PROPFIND", "/a")
    connection.getresponse().read()
    connection.request("GET", "/health", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 403
    connection.close()
    assert counted(server) == {
        ("GET", "/health", "403"): 1,
        ("GET", "other", "404"): 4,
        ("GET", "other", "405"): 1,
        ("other", "other", "404"): 1,
        ("GET", "/health", "200"): 1,
    }


class Nobody:
    """Access control that lets nobody do anything."""

    routes = ()

    def check(self, request: Any, route: Any, call: Any) -> str:
        raise Denied("Permission denied.")


def test_refusals_are_counted_with_the_route_that_was_asked_for(serve: Any) -> None:
    server = serve(access=Nobody())
    server.ask("GET", "runs/get", {"run_id": "x"})
    server.ask("PUT", f"{FILES}/0/x/artifacts/a", b"x")
    assert counted(server) == {("GET", "runs/get", "403"): 1, ("PUT", FILE, "403"): 1}
