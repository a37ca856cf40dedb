import hashlib
import os
import socket
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPResponse
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attain.server.access_hook import Denied
from attain.server.artifacts import address
from attain.server.settings import Settings
from attain.tracking.artifacts import log_bytes, log_files, read_bytes
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.sql.store import Store

FILES = "/api/2.0/mlflow-artifacts/artifacts"


@pytest.fixture
def run_id(server) -> str:
    return server.run()


def root(run_id: str) -> str:
    return f"{FILES}/0/{run_id}/artifacts"


def fetch(server, path: str, method: str = "GET", **headers: str) -> tuple[HTTPResponse, bytes]:
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=120)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer, answer.read()
    finally:
        connection.close()


def proxied(server, path: str) -> dict:
    status, reply = server.ask("GET", FILES, {"path": path})
    assert status == 200, reply
    return reply


def names(server) -> set[str]:
    return {blob.sha256 for blob in server.store.blobs.stored()}


def test_a_file_goes_up_and_comes_down(server, run_id: str) -> None:
    content = os.urandom(3_000_000)
    assert server.raw("PUT", f"{root(run_id)}/deep/a.bin", content) == (200, b"{}")
    answer, body = fetch(server, f"{root(run_id)}/deep/a.bin")
    assert body == content
    assert answer.headers["ETag"] == f'"{hashlib.sha256(content).hexdigest()}"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert read_bytes(server.store, run_id, "deep/a.bin") == content


def test_an_empty_file_is_a_file(server, run_id: str) -> None:
    assert server.raw("PUT", f"{root(run_id)}/empty", b"")[0] == 200
    assert server.raw("GET", f"{root(run_id)}/empty") == (200, b"")
    assert server.get("artifacts/list", run_id=run_id)["files"] == [{"path": "empty", "is_dir": False, "file_size": 0}]


def test_a_name_may_have_spaces_and_letters_of_any_language(server, run_id: str) -> None:
    for name in ("été 1.txt", "表.csv", "50% sure?.txt", "a#b&c=d.txt"):
        status, reply = server.raw("PUT", f"{root(run_id)}/{quote(name)}", b"x")
        assert (status, reply) == (200, b"{}")
        assert server.raw("GET", f"{root(run_id)}/{quote(name)}") == (200, b"x")


def test_a_part_of_a_file_can_be_asked_for(server, run_id: str) -> None:
    log_bytes(server.store, run_id, b"0123456789", "a")
    answer, body = fetch(server, f"{root(run_id)}/a", Range="bytes=2-4")
    assert (answer.status, body, answer.headers["Content-Range"]) == (206, b"234", "bytes 2-4/10")
    answer, body = fetch(server, f"{root(run_id)}/a", Range="bytes=-3")
    assert (answer.status, body, answer.headers["Content-Length"]) == (206, b"789", "3")
    answer, body = fetch(server, f"{root(run_id)}/a", Range="bytes=10-")
    assert (answer.status, answer.headers["Content-Range"]) == (416, "bytes */10")
    assert b"asks for none of them" in body
    answer, body = fetch(server, f"{root(run_id)}/a", Range="bytes=2-4", If_Range='"another"')
    assert (answer.status, body) == (200, b"0123456789")


def test_an_unchanged_file_is_not_sent_again(server, run_id: str) -> None:
    log_bytes(server.store, run_id, b"x", "a")
    answer, _ = fetch(server, f"{root(run_id)}/a")
    again, body = fetch(server, f"{root(run_id)}/a", If_None_Match=answer.headers["ETag"])
    assert (again.status, body) == (304, b"")
    log_bytes(server.store, run_id, b"y", "a")
    assert fetch(server, f"{root(run_id)}/a", If_None_Match=answer.headers["ETag"])[1] == b"y"


def test_head_tells_without_the_bytes(server, run_id: str) -> None:
    log_bytes(server.store, run_id, b"x" * 100, "a.txt")
    answer, body = fetch(server, f"{root(run_id)}/a.txt", "HEAD")
    assert (answer.status, body, answer.headers["Content-Length"]) == (200, b"", "100")


def test_a_path_sent_again_is_replaced_and_the_old_content_is_garbage(server, run_id: str) -> None:
    server.raw("PUT", f"{root(run_id)}/a", b"old")
    server.raw("PUT", f"{root(run_id)}/a", b"new")
    assert server.raw("GET", f"{root(run_id)}/a") == (200, b"new")
    assert server.store.referenced(list(names(server))) == {hashlib.sha256(b"new").hexdigest()}


def test_folders_are_listed_in_both_ways(server, run_id: str) -> None:
    log_files(server.store, run_id, {"a.txt": b"1", "plots/b.svg": b"22", "plots/deep/c": b"3"})
    top = [{"path": "a.txt", "is_dir": False, "file_size": 1}, {"path": "plots", "is_dir": True}]
    assert server.get("artifacts/list", run_id=run_id) == {
        "root_uri": f"mlflow-artifacts:/0/{run_id}/artifacts",
        "files": top,
    }
    assert server.ask("GET", "artifacts/list", {"run_uuid": run_id, "path": "plots"})[1]["files"] == [
        {"path": "plots/b.svg", "is_dir": False, "file_size": 2},
        {"path": "plots/deep", "is_dir": True},
    ]
    assert proxied(server, f"0/{run_id}/artifacts") == {"files": top}
    assert proxied(server, f"0/{run_id}/artifacts/plots")["files"] == [
        {"path": "b.svg", "is_dir": False, "file_size": 2},
        {"path": "deep", "is_dir": True},
    ]
    assert server.ask("GET", "artifacts/list", {"run_id": run_id, "path": "nothing"}) == (
        200,
        {"root_uri": f"mlflow-artifacts:/0/{run_id}/artifacts", "files": []},
    )


def test_a_file_or_folder_can_be_deleted(server, run_id: str) -> None:
    log_files(server.store, run_id, {"a": b"1", "b/c": b"2", "b/d": b"3", "bc": b"4"})
    assert server.ask("DELETE", f"{root(run_id)}/a") == (200, {})
    assert server.ask("DELETE", f"{root(run_id)}/b") == (200, {})
    assert [f.path for f in server.store.artifacts_under(run_id)] == ["bc"]
    assert server.refused(f"{root(run_id)}/a", method="DELETE")[:2] == (404, "RESOURCE_DOES_NOT_EXIST")
    assert server.ask("DELETE", f"{root(run_id)}/") == (200, {})
    assert server.store.artifacts_under(run_id) == []


def test_a_run_made_here_is_seen_through_the_server(server) -> None:
    run = server.store.create_run("0")
    log_bytes(server.store, run.run_id, b"local", "a.txt")
    assert server.get("artifacts/list", run_id=run.run_id)["root_uri"] == run.artifact_uri
    assert server.raw("GET", f"{FILES}/{run.artifact_uri.removeprefix('mlflow-artifacts:/')}/a.txt") == (200, b"local")


def test_the_browsers_way_to_a_file(server, run_id: str) -> None:
    log_bytes(server.store, run_id, b"<svg/>", "plots/a.svg")
    answer, body = fetch(server, f"/get-artifact?run_id={run_id}&path=plots/a.svg")
    assert (answer.status, body) == (200, b"<svg/>")
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="a.svg"')
    assert fetch(server, f"/get-artifact?run_uuid={run_id}&path=plots/a.svg")[1] == b"<svg/>"
    assert fetch(server, f"/get-artifact?run_id={run_id}&path=../a.svg")[0].status == 400
    assert fetch(server, f"/get-artifact?run_id={run_id}")[0].status == 400
    assert fetch(server, f"/get-artifact?run_id={run_id}&path=none")[0].status == 404


def test_the_files_of_a_logged_model_have_a_place_of_their_own(server) -> None:
    made = server.post("logged-models", experiment_id="0", name="m")["model"]["info"]
    place = f"{FILES}/{made['artifact_uri'].removeprefix('mlflow-artifacts:/').rstrip('/')}"
    assert place == f"{FILES}/0/models/{made['model_id']}/artifacts"
    assert server.raw("PUT", f"{place}/MLmodel", b"flavors: {}") == (200, b"{}")
    assert server.raw("GET", f"{place}/MLmodel") == (200, b"flavors: {}")
    assert proxied(server, place.removeprefix(f"{FILES}/"))["files"][0]["path"] == "MLmodel"


def test_a_file_of_a_registered_version_can_be_asked_for(server, run_id: str) -> None:
    log_bytes(server.store, run_id, b"flavors: {}", "model/MLmodel")
    server.post("registered-models/create", name="early warning")
    source = f"mlflow-artifacts:/0/{run_id}/artifacts/model"
    server.post("model-versions/create", name="early warning", source=source, run_id=run_id)
    asked = "/model-versions/get-artifact?name=early+warning&version=1&path="
    assert server.raw("GET", asked + "MLmodel") == (200, b"flavors: {}")
    assert server.raw("GET", asked + "none")[0] == 404
    assert server.raw("GET", asked + "../MLmodel")[0] == 400
    server.post("model-versions/create", name="early warning", source="s3://bucket/model")
    assert server.raw("GET", asked.replace("version=1", "version=2") + "MLmodel")[0] == 400


def test_a_path_that_may_lead_out_of_the_run_is_refused(server, run_id: str) -> None:
    paths = (
        ".. ../x a/../x a/../../x %2e%2e/x %2e%2e%2fx a%2f..%2fx %252e%252e/x a%252fb ..%5cx a%5cb C:/x c%3a/x "
        "/etc/passwd %2fetc/passwd a//b ./x a/. x%00 x/ %25252e%25252e/x a%25252f..%25252fx a%255cb %5c%5chost%5cx "
        "%00/../x a/%00 ..%00/x %2e%2e%5cx .%2e/x ..;/x/../y a/%2e%2e%2f%2e%2e file:%2f%2f/etc/passwd"
    )
    for path in paths.split():
        for method in ("PUT", "GET", "DELETE"):
            status, reply = server.ask(method, f"{root(run_id)}/{path}", b"x" if method == "PUT" else None)
            assert (status, reply["error_code"]) == (400, "INVALID_PARAMETER_VALUE"), (method, path)
    assert names(server) == set()


def test_a_name_that_only_looks_like_a_way_out_is_a_name(server, run_id: str) -> None:
    for sent, kept in {"..%3b%2fx": "..;/x", "~root/x": "~root/x", "%c0%ae%c0%ae/x": "\ufffd" * 4 + "/x"}.items():
        assert server.raw("PUT", f"{root(run_id)}/{sent}", b"x") == (200, b"{}")
        assert kept in {file.path for file in server.store.artifacts_under(run_id)}
        assert server.raw("GET", f"{root(run_id)}/{sent}") == (200, b"x")


def test_a_link_among_the_contents_leads_nowhere(server, run_id: str, store: Store, tmp_path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    store.blobs.folder.mkdir(parents=True, exist_ok=True)
    (store.blobs.folder / "link").symlink_to(tmp_path)
    for path in ("link/secret", "blobs/link/secret", "artifacts/blobs/link/secret"):
        assert server.raw("GET", f"{root(run_id)}/{path}")[0] == 404
    log_bytes(store, run_id, b"public", "a")
    (name,) = names(server)
    store.blobs.path(name).unlink()
    store.blobs.path(name).symlink_to(secret)
    assert server.refused(f"{root(run_id)}/a", method="GET")[:2] == (503, "TEMPORARILY_UNAVAILABLE")


def test_paths_beside_the_files_of_runs_are_refused(server, run_id: str) -> None:
    other = server.post("experiments/create", name="other")["experiment_id"]
    nobody = "0" * 32
    for path in (
        *("x", "0/x", f"0/{run_id}/x", f"0/{run_id}/artifact/x", f"{other}/{run_id}/artifacts/x"),
        *(f"0/{nobody}/artifacts/x", f"0/models/m-{nobody}/artifacts/x", f"0/{run_id}x/artifacts/x"),
    ):
        assert server.ask("PUT", f"{FILES}/{path}", b"x")[0] == 404, path
        assert server.ask("GET", f"{FILES}/{path}")[0] == 404, path
    assert server.ask("PUT", f"{root(run_id)}", b"x")[0] == 400
    assert server.ask("GET", FILES, {"path": "../x"})[0] == 400
    assert names(server) == set()


@given(st.text(alphabet="ab./\\%2eE5cfF: ~\x00\n0", max_size=14))
def test_no_address_leads_out_of_its_run(path: str) -> None:
    from posixpath import normpath
    from urllib.parse import unquote

    place = f"7/{'a' * 32}/artifacts"
    try:
        found = address(f"{place}/{path}")
    except (Invalid, NotFound):
        return
    for seen in (found.path, unquote(found.path), unquote(unquote(found.path))):
        assert normpath(f"/{place}/{seen}").startswith(f"/{place}")
        assert ".." not in seen.split("/")
    assert found.owner == "a" * 32


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(alphabet="ab./\\%2e5c:~", max_size=10))
def test_whatever_the_path_the_answer_is_never_a_mistake_of_the_server(server, run_id: str, path: str) -> None:
    raw = "".join(sign if sign.isalnum() or sign in "./%:~" else quote(sign) for sign in path)
    assert server.raw("GET", f"{root(run_id)}/{raw}")[0] in (400, 404)


def test_a_missing_run_or_file_is_said(server, run_id: str) -> None:
    assert server.refused(f"{root(run_id)}/none", method="GET") == (
        404,
        "RESOURCE_DOES_NOT_EXIST",
        "The run has no artifact 'none'.",
    )
    assert server.refused("artifacts/list", method="GET", run_id="0" * 32)[0] == 404


def test_a_deleted_run_takes_no_files(server, run_id: str) -> None:
    server.post("runs/delete", run_id=run_id)
    status, reply = server.ask("PUT", f"{root(run_id)}/a", b"x")
    assert (status, reply["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert "restore it" in reply["message"]


def test_nothing_is_a_file_and_a_folder_at_once(server, run_id: str) -> None:
    server.raw("PUT", f"{root(run_id)}/a", b"x")
    assert server.ask("PUT", f"{root(run_id)}/a/b", b"x")[0] == 400
    assert server.raw("GET", f"{root(run_id)}/a") == (200, b"x")


def test_a_file_over_the_limit_is_refused_and_the_client_hears_it(serve: Callable, store: Store) -> None:
    server = serve(Settings(most_artifact=1_000))
    run_id = server.run()
    for size in (1_001, 5_000_000):
        status, reply = server.ask("PUT", f"{root(run_id)}/a", b"x" * size)
        assert (status, "more than 1,000 bytes" in reply["message"]) == (413, True)
    connection = HTTPConnection(urlsplit(server.url).netloc, timeout=120)
    connection.request("PUT", f"{root(run_id)}/a", iter([b"x" * 600, b"x" * 600]))  # in chunks, without a length
    assert connection.getresponse().status == 413
    connection.close()
    assert server.ask("PUT", f"{root(run_id)}/a", b"x" * 1_000) == (200, {})
    assert [blob.size for blob in store.blobs.stored()] == [1_000]


def test_a_client_that_goes_away_leaves_nothing(server, run_id: str, store: Store) -> None:
    host, port = urlsplit(server.url).netloc.split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = f"PUT {root(run_id)}/a HTTP/1.1\r\nHost: {host}\r\nContent-Length: 10000000\r\n\r\n"
        connection.sendall(head.encode() + b"x" * 3_000_000)
        _until(lambda: list(store.blobs.incoming.glob("new-*")))
    _until(lambda: not list(store.blobs.incoming.glob("new-*")))
    assert names(server) == set()
    assert store.artifacts_under(run_id) == []


def test_the_client_is_told_to_send_files_in_one_piece(server, run_id: str) -> None:
    path = f"/api/2.0/mlflow-artifacts/mpu/create/0/{run_id}/artifacts"
    status, code, message = server.refused(path, num_parts=2)
    assert (status, code) == (501, "NOT_IMPLEMENTED")
    assert message.startswith("Multipart upload is not supported for the current artifact repository")
    assert server.ask("GET", f"/api/2.0/mlflow-artifacts/presigned/0/{run_id}/artifacts/a")[0] == 501


def test_a_content_that_is_lost_is_said_before_the_answer_begins(server, run_id: str, store: Store) -> None:
    log_bytes(store, run_id, b"x", "a")
    store.blobs.remove(list(names(server)))
    assert server.refused(f"{root(run_id)}/a", method="GET")[:2] == (503, "TEMPORARILY_UNAVAILABLE")


def test_artifacts_of_a_server_may_lie_in_a_bucket(serve: Callable, bucket: str, store: Store, tmp_path) -> None:
    from attain.tracking.blobs_remote import RemoteBlobs

    store.blobs = RemoteBlobs(f"s3://{bucket}", tmp_path / "incoming", "attain.db")
    server = serve()
    run_id = server.run()
    content = os.urandom(6_000_000)
    assert server.raw("PUT", f"{root(run_id)}/a.bin", content) == (200, b"{}")
    assert server.raw("GET", f"{root(run_id)}/a.bin") == (200, content)
    assert fetch(server, f"{root(run_id)}/a.bin", Range="bytes=5999990-")[1] == content[-10:]
    assert os.listdir(tmp_path / "incoming") == []


def _until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.002)


class Doorkeeper:
    """Access control that lets everybody read, and asks nothing else."""

    routes = ()

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, str]] = []

    def check(self, request, route, call) -> str:
        self.asked.append((route.method, route.path, call.values.get("path", "")))
        if route.method in ("PUT", "DELETE"):
            raise Denied("Permission denied: only reading.")
        return "ada"

    def after(self, route, call, reply):
        assert call.user == "ada"
        return reply


def test_access_control_is_asked_before_a_byte_is_taken(serve: Callable, store: Store) -> None:
    keeper = Doorkeeper()
    server = serve(access=keeper)
    run_id = store.create_run("0").run_id
    log_bytes(store, run_id, b"x", "a")
    inside = f"0/{run_id}/artifacts/a"
    assert server.ask("PUT", f"{FILES}/{inside}", b"y" * 3_000_000)[1]["error_code"] == "PERMISSION_DENIED"
    assert server.ask("DELETE", f"{FILES}/{inside}")[0] == 403
    assert server.raw("GET", f"{FILES}/{inside}") == (200, b"x")
    assert server.raw("GET", f"/get-artifact?run_id={run_id}&path=a") == (200, b"x")
    assert server.ask("GET", FILES, {"path": f"0/{run_id}/artifacts"})[0] == 200
    one = "mlflow-artifacts/artifacts/{path}"
    assert keeper.asked == [
        ("PUT", one, inside),
        ("DELETE", one, inside),
        ("GET", one, inside),
        ("GET", "get-artifact", "a"),
        ("GET", "mlflow-artifacts/artifacts", f"0/{run_id}/artifacts"),
    ]
    assert len(names(server)) == 1
