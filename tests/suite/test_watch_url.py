"""A file on a real web server: fetched when it changed, by what the server says and by its bytes."""

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.suite.watch_url import TOKEN, Url


class Site(ThreadingHTTPServer):
    """Serves one file, and notes what it was asked."""

    content, kind, status, said_length = b"learner,item\n", "text/csv", 200, -1
    validator = True
    moved_to, token = "", ""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Page)
        self.asked: list[dict[str, str]] = []
        self.sent = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Page(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        site = self.server
        site.asked.append(dict(self.headers.items()))
        etag = f'"{hashlib.sha256(site.content).hexdigest()}"'
        if site.moved_to:
            self._head(302, {"Location": site.moved_to})
        elif site.token and self.headers.get("Authorization") != f"Bearer {site.token}":
            self._head(401, {})
        elif site.validator and self.headers.get("If-None-Match") == etag:
            self._head(304, {})
        else:
            length = site.said_length if site.said_length >= 0 else len(site.content)
            tag = {"ETag": etag} if site.validator else {}
            self._head(site.status, {"Content-Type": site.kind, "Content-Length": str(length), **tag})
            self.wfile.write(site.content)
            site.sent += 1

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    server = Site()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def to(tmp_path: Path) -> Path:
    return tmp_path / "data" / "answers.csv"


def test_what_did_not_change_is_not_sent_again(site: Site, to: Path) -> None:
    url = Url(site.address + "/answers.csv", to)
    first = url.signs()
    assert first == (hashlib.sha256(site.content).hexdigest(),)
    assert (url.signs(), site.sent) == (first, 1)
    assert not to.exists(), "nothing is put where the suite reads before it is at rest"
    url.put()
    assert to.read_bytes() == site.content
    site.content = b"learner,item\nl,q\n"
    assert url.signs() != first
    url.put()
    assert to.read_bytes() == site.content
    assert [path.name for path in to.parent.iterdir()] == ["answers.csv"]


def test_a_server_that_says_nothing_of_changes_is_asked_for_all_of_it(site: Site, to: Path) -> None:
    site.validator = False
    url = Url(site.address, to)
    assert url.signs() == url.signs()
    assert site.sent == 2


def test_what_another_process_took_away_is_fetched_again(site: Site, to: Path) -> None:
    url = Url(site.address, to)
    url.signs()
    next(to.parent.iterdir()).unlink()
    with pytest.raises(UserError, match="taken away"):
        url.put()
    url.signs()
    url.put()
    assert to.read_bytes() == site.content


def test_a_file_that_is_not_there_is_waited_for(site: Site, to: Path) -> None:
    url = Url(site.address, to)
    site.status = 404
    assert url.signs() == ()
    site.status = 200
    assert url.signs() != ()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"status": 500}, "answers with status 500"),
        ({"kind": "text/html"}, "perhaps one to sign in at"),
        ({"content": b"\n<!DOCTYPE html><title>Sign in</title>"}, "perhaps one to sign in at"),
        ({"content": b"\xef\xbb\xbf<HTML>"}, "perhaps one to sign in at"),
        ({"content": b""}, "answers with nothing"),
        ({"said_length": 100}, "broke off after 13 of 100 bytes"),
        ({"token": "right"}, TOKEN),
    ],
)
def test_a_lying_or_refusing_server_leaves_the_file_as_it_was(
    site: Site, to: Path, changed: dict[str, object], said: str
) -> None:
    url = Url(site.address + "/answers.csv?key=secret", to)
    url.signs()
    url.put()
    before = to.read_bytes()
    site.content = b"something else"[:13]
    for name, value in changed.items():
        setattr(site, name, value)
    with pytest.raises(UserError, match=said) as caught:
        url.signs()
    assert "secret" not in str(caught.value)
    assert to.read_bytes() == before
    assert [path.name for path in to.parent.iterdir()] == ["answers.csv"]


def test_a_server_that_is_away_is_said(site: Site, to: Path) -> None:
    address = site.address
    site.shutdown()
    site.server_close()
    with pytest.raises(UserError, match="does not answer"):
        Url(address, to).signs()


def test_a_token_is_shown_to_the_server_and_to_no_other(site: Site, to: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(TOKEN, "right")
    site.token = "right"
    assert Url(site.address, to).signs() != ()
    other = Site()
    threading.Thread(target=other.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    site.moved_to = other.address
    try:
        assert Url(site.address, to).signs() != ()
    finally:
        other.shutdown()
        other.server_close()
    assert "Authorization" in site.asked[-1]
    assert "Authorization" not in other.asked[-1]


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://host/a", "https://", "https://me:secret@host/a"])
def test_other_addresses_and_those_with_a_password_are_refused(to: Path, address: str) -> None:
    with pytest.raises(UserError) as caught:
        Url(address, to)
    assert "secret" not in str(caught.value)
