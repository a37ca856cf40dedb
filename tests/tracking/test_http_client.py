import io
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from attain.tracking import http_client
from attain.tracking.errors import Exists, Invalid, NotFound, Unavailable
from attain.tracking.http_client import Http, encoded
from attain.tracking.login import Login

Answer = tuple[int, bytes]


class Scripted(ThreadingHTTPServer):
    """Answers what it was told to, in order, and remembers what it was asked."""

    daemon_threads = True

    def __init__(self, *answers: Answer | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = list(answers)
        self.asked: list[tuple[str, str, bytes, dict[str, str]]] = []
        self.connections: set[Any] = set()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Scripted

    def _answer(self) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.command, self.path, content, dict(self.headers)))
        self.server.connections.add(self.client_address)
        answer = self.server.answers.pop(0) if self.server.answers else (200, b"{}")
        if answer is None:  # go away in the middle
            self.close_connection = True
            return
        status, body = answer
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815 - names that http.server looks for

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Scripted]:
    monkeypatch.setattr(http_client, "FIRST_PAUSE_S", 0.001)
    with Scripted() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def http(server: Scripted) -> Iterator[Http]:
    http = Http(server.address, Login())
    yield http
    http.close()


def refusal(code: str, message: str = "No.") -> bytes:
    return json.dumps({"error_code": code, "message": message}).encode()


def test_one_connection_serves_many_questions(http: Http, server: Scripted) -> None:
    for _ in range(5):
        assert http.call("POST", "/a", {"b": 1}, {"c": "ü &", "d": None}) == {}
    method, path, content, headers = server.asked[0]
    assert (method, path, content) == ("POST", "/a?c=%C3%BC+%26", b'{"b":1}')
    assert headers["Content-Type"] == "application/json"
    assert len(server.connections) == 1


def test_a_busy_server_is_asked_again(http: Http, server: Scripted) -> None:
    server.answers = [(status, b"wait") for status in http_client.BUSY] + [(200, b'{"a": 1}')]
    assert http.call("GET", "/a") == {"a": 1}
    assert len(server.asked) == 7


def test_patience_ends(http: Http, server: Scripted) -> None:
    server.answers = [(503, refusal("TEMPORARILY_UNAVAILABLE", "Locked."))] * 100
    with pytest.raises(Unavailable, match=r"cannot do this now \(status 503\): Locked\.") as error:
        http.call("GET", "/a", patience_s=0.02)
    assert error.value.passing


def test_what_must_not_be_done_twice_is_sent_once(http: Http, server: Scripted) -> None:
    server.answers = [None]
    with pytest.raises(Unavailable, match="does not answer"):
        http.call("POST", "/a", {}, repeat=False)
    assert len(server.asked) == 1
    server.answers = [None, (200, b"{}")]
    assert http.call("POST", "/a", {}) == {}
    assert len(server.asked) == 3


def test_a_connection_that_lay_still_is_not_trusted(
    http: Http, server: Scripted, monkeypatch: pytest.MonkeyPatch
) -> None:
    http.call("GET", "/a")
    monkeypatch.setattr(http_client, "IDLE_S", 0.0)
    http.call("GET", "/a")
    assert len(server.connections) == 2


@pytest.mark.parametrize(
    ("status", "body", "kind", "sentence"),
    [
        (400, refusal("INVALID_PARAMETER_VALUE", "Bad key."), Invalid, r"^Bad key\.$"),
        (400, refusal("RESOURCE_ALREADY_EXISTS"), Exists, "No"),
        (404, refusal("RESOURCE_DOES_NOT_EXIST"), NotFound, "No"),
        (401, refusal("UNAUTHENTICATED"), Unavailable, "wants another login: No. Set ATTAIN_TRACKING_TOKEN"),
        (403, refusal("PERMISSION_DENIED"), Unavailable, "does not allow this: No."),
        (404, b"<html>", Unavailable, "status 404; is it a tracking server"),
        (200, b"<html>", Unavailable, "not answer with JSON"),
        (200, b"[]", Unavailable, "no object"),
    ],
)
def test_a_refusal_is_the_error_that_the_store_would_raise(
    http: Http, server: Scripted, status: int, body: bytes, kind: type[Exception], sentence: str
) -> None:
    server.answers = [(status, body)]
    with pytest.raises(kind, match=sentence):
        http.call("GET", "/a")
    assert len(server.asked) == 1


def test_a_file_is_sent_again_from_its_start(http: Http, server: Scripted) -> None:
    server.answers = [(503, b""), (200, b"")]
    stream = io.BytesIO(b"skipped" + b"x" * 100_000)
    stream.seek(7)
    http.put("/f", stream, 100_000)
    assert [len(content) for _, _, content, _ in server.asked] == [100_000, 100_000]


def test_a_body_can_be_read_piece_by_piece(http: Http, server: Scripted) -> None:
    server.answers = [(200, b"x" * 100_000)]
    with http.open("/f", {"path": "a"}) as stream:
        assert (len(stream.read(10)), len(stream.read())) == (10, 99_990)


def test_a_login_is_shown(server: Scripted) -> None:
    for login, header in {Login(token="t"): "Bearer t", Login("ada", "pw"): "Basic YWRhOnB3"}.items():
        http = Http(server.address, login)
        http.call("GET", "/a")
        http.close()
        assert server.asked[-1][3]["Authorization"] == header
        assert "pw" not in repr(login)


def test_an_address_is_shown_without_the_login() -> None:
    assert Http("http://eve:p%40w@host:80/base/", Login()).address == "http://host:80/base"


@pytest.mark.parametrize("address", ["http://", "http://host:port", "ftp://host", "http://host:99999"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(Invalid, match=r"expected e\.g\. 'http://127.0.0.1:5000'"):
        Http(address, Login())


def test_paths_of_artifacts_are_encoded() -> None:
    assert encoded("a b/ü%?#.txt") == "a%20b/%C3%BC%25%3F%23.txt"
