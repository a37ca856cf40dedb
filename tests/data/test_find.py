import hashlib
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from attain.core.errors import UserError
from attain.data.card import Card, FoundCard
from attain.data.find import download, find_file, present

CONTENT = bytes(range(256)) * 40_000  # ten megabytes


class Server(BaseHTTPRequestHandler):
    """Serves CONTENT, by parts where asked; `/cut` closes half way; `/whole` knows no parts."""

    asked: list[str | None] = []  # noqa: RUF012  # the test's notebook

    def do_GET(self) -> None:
        part = self.headers.get("Range")
        type(self).asked.append(part)
        start = int(part.removeprefix("bytes=").rstrip("-")) if part and self.path != "/whole" else 0
        if self.path == "/none":
            self.send_error(404)
            return
        if start >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start : len(CONTENT) // 2] if self.path == "/cut" else CONTENT[start:])

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    Server.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def found(folder: Path, *, how: str = "Ask Ann.") -> FoundCard:
    licence = {"name": "x", "redistribution": False}
    columns = {"learner": "l", "item": "i", "correct": "c"}
    described = {"title": "T", "tasks": ["knowledge_tracing"], "description": "", "licence": licence}
    described |= {"how_to_get": how, "variants": {"a": {"file": "a.csv", "columns": columns}}}
    return FoundCard("mine", folder / "datasets" / "mine" / "card.yaml", Card.model_validate(described))


def test_a_download_arrives_whole_and_tells_its_progress(tmp_path: Path, url: str) -> None:
    seen: list[tuple[int, int]] = []
    path = download(f"{url}/a", tmp_path / "x" / "a.csv", progress=lambda here, total: seen.append((here, total)))
    assert path.read_bytes() == CONTENT
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [here for here, _ in seen] == sorted(here for here, _ in seen)
    assert [p.name for p in path.parent.iterdir()] == ["a.csv"]


def test_an_interrupted_download_goes_on_where_it_stopped(tmp_path: Path, url: str) -> None:
    path = tmp_path / "a.csv"
    with pytest.raises(UserError, match="What has arrived is kept; run the same command again"):
        download(f"{url}/cut", path)
    assert not path.exists()
    assert download(f"{url}/a", path, sha256=hashlib.sha256(CONTENT).hexdigest()).read_bytes() == CONTENT
    assert Server.asked == [None, f"bytes={len(CONTENT) // 2}-"]


@pytest.mark.parametrize(("here", "route"), [(CONTENT, "/a"), (CONTENT[:1000], "/whole")])
def test_what_is_here_already_is_not_fetched_twice_nor_doubled(
    tmp_path: Path, url: str, here: bytes, route: str
) -> None:
    (tmp_path / "a.csv.part").write_bytes(here)
    assert download(f"{url}{route}", tmp_path / "a.csv").read_bytes() == CONTENT


def test_a_wrong_checksum_is_refused_and_not_kept(tmp_path: Path, url: str) -> None:
    with pytest.raises(UserError, match=r"the card says 0000\. The file there has changed"):
        download(f"{url}/a", tmp_path / "a.csv", sha256="0000")
    assert list(tmp_path.glob("a.csv*")) == []


def test_an_address_that_cannot_be_reached_is_named(tmp_path: Path, url: str) -> None:
    with pytest.raises(UserError, match=r"Cannot download '.*/none': HTTP Error 404"):
        download(f"{url}/none", tmp_path / "a.csv")


def test_a_file_is_looked_for_beside_the_card_then_in_the_data_folders_then_at_its_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, write: Callable[..., Path]
) -> None:
    monkeypatch.setenv("ATTAIN_DATA", str(tmp_path / "one"))
    card = found(tmp_path)
    assert present(card, "a.csv") is None
    fetched = find_file(card, "a.csv", sha256=None, url=f"{url}/a", progress=None)
    assert fetched == tmp_path / "home" / "data" / "mine" / "a.csv"
    listed = write("x", "one/mine/a.csv")
    assert find_file(card, "a.csv", sha256=None, url=None, progress=None) == listed
    beside = write("x", "datasets/mine/a.csv")
    assert present(card, "a.csv") == beside


def test_a_file_that_is_nowhere_is_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTAIN_DATA", str(tmp_path / "one"))
    with pytest.raises(UserError, match=r"'a.csv' is not here. Ask Ann. Put it at '.*one/mine/a.csv' or .*ATTAIN_DATA"):
        find_file(found(tmp_path), "a.csv", sha256=None, url=None, progress=None)
    with pytest.raises(UserError, match=r"names the file '../b.csv', which is not there"):
        find_file(found(tmp_path), "../b.csv", sha256=None, url=None, progress=None)
