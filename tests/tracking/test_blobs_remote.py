import hashlib
import io
import os
import time
from pathlib import Path

import fsspec
import pytest

from attain.tracking.artifacts import download, log_bytes, read_bytes
from attain.tracking.blobs import Blob
from attain.tracking.blobs_remote import RemoteBlobs
from attain.tracking.entities import Run
from attain.tracking.errors import Invalid, Unavailable
from attain.tracking.garbage import collect
from attain.tracking.sql.store import Store
from attain.tracking.store import open_database

TOMORROW = 25 * 3600


@pytest.fixture(params=["s3", "memory"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> RemoteBlobs:
    if request.param == "s3":
        address = f"s3://{request.getfixturevalue('bucket')}/deep/er"
    else:
        address = f"memory://{tmp_path.name}"
    return RemoteBlobs(address, tmp_path / "incoming", "attain.db")


def waiting(blobs: RemoteBlobs) -> list[str]:
    return os.listdir(blobs.incoming)


def test_a_content_comes_back_as_it_was(blobs: RemoteBlobs) -> None:
    blob = blobs.add_bytes(b"hello")
    assert blob == Blob(hashlib.sha256(b"hello").hexdigest(), 5)
    assert blobs.has(blob.sha256)
    with blobs.open(blob) as stream:
        stream.seek(1)
        assert stream.read(2) == b"el"
        stream.seek(0)
        assert stream.read() == b"hello"
    assert waiting(blobs) == []


def test_equal_contents_are_one_and_are_listed_with_their_age(blobs: RemoteBlobs) -> None:
    assert list(blobs.stored()) == []
    blobs.add_bytes(b"a")
    blobs.add_bytes(b"a")
    blobs.add_bytes(b"b")
    found = sorted(blobs.stored(), key=lambda blob: blob.sha256)
    assert [blob.sha256 for blob in found] == sorted(hashlib.sha256(c).hexdigest() for c in (b"a", b"b"))
    assert all(blob.size == 1 and abs(blob.modified - time.time()) < 60 for blob in found)


def test_contents_are_removed_and_what_is_gone_is_no_error(blobs: RemoteBlobs) -> None:
    one, two = blobs.add_bytes(b"1"), blobs.add_bytes(b"2")
    blobs.remove([one.sha256])
    blobs.remove([one.sha256, two.sha256])
    assert not blobs.has(one.sha256)
    assert list(blobs.stored()) == []
    with pytest.raises(Unavailable, match="cannot be read from"), blobs.open(one) as stream:
        stream.read()


def test_the_store_that_keeps_contents_there_is_written_down(blobs: RemoteBlobs) -> None:
    assert blobs.marks() == []
    blobs.add_bytes(b"1")
    assert blobs.marks() == ["attain.db"]


def test_nothing_is_sent_when_reading_fails(blobs: RemoteBlobs) -> None:
    class Failing(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise RuntimeError("gone")

    with pytest.raises(RuntimeError, match="gone"):
        blobs.add(Failing())
    assert list(blobs.stored()) == []
    assert waiting(blobs) == []


def test_a_large_content_is_sent_in_parts(bucket: str, tmp_path: Path) -> None:
    blobs = RemoteBlobs(f"s3://{bucket}", tmp_path, "attain.db")
    content = os.urandom(1 << 20) * 40
    blob = blobs.add_bytes(content)
    with blobs.open(blob) as stream:
        stream.seek(39 << 20)
        assert stream.read() == content[39 << 20 :]


def test_parts_that_a_killed_process_sent_are_given_up(bucket: str, tmp_path: Path) -> None:
    files = fsspec.filesystem("s3")
    for key in ("mine/blobs/ab/cd", "others/x"):
        files.call_s3("create_multipart_upload", Bucket=bucket, Key=key)
    blobs = RemoteBlobs(f"s3://{bucket}/mine", tmp_path, "attain.db")
    assert blobs.remove_halves(before=0) == 0
    assert blobs.remove_halves(before=time.time()) == 1
    assert [upload["Key"] for upload in files.list_multipart_uploads(bucket)] == ["others/x"]


def test_a_store_keeps_its_artifacts_in_a_bucket(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTAIN_ARTIFACTS", f"s3://{bucket}/attain")
    store = open_database(f"sqlite:///{tmp_path / 'attain.db'}")
    run = store.create_run("0").run_id
    log_bytes(store, run, b"first", "deep/a.txt")
    log_bytes(store, run, b"second", "deep/a.txt")
    assert read_bytes(store, run, "deep/a.txt") == b"second"
    assert download(store, run, "deep/a.txt", tmp_path / "out").read_bytes() == b"second"
    assert collect(store, now=time.time() + TOMORROW).contents == 1
    assert read_bytes(store, run, "deep/a.txt") == b"second"
    assert not (tmp_path / "artifacts" / "blobs").exists()


def test_a_damaged_content_is_not_downloaded(store: Store, run: Run, tmp_path: Path) -> None:
    """In any place: what comes is checked against the hash that was logged."""
    blobs = RemoteBlobs(f"memory://{tmp_path.name}", tmp_path / "incoming", "attain.db")
    store.blobs = blobs
    log_bytes(store, run.run_id, b"right", "a")
    (blob,) = blobs.stored()
    fsspec.filesystem("memory").pipe_file(blobs._path(blob.sha256), b"wrong")
    with pytest.raises(Unavailable, match="'a' is damaged"):
        download(store, run.run_id, "a", tmp_path / "out")
    assert os.listdir(tmp_path / "out") == []


def test_a_bucket_that_is_not_there_is_said(bucket: str, tmp_path: Path) -> None:
    blobs = RemoteBlobs(f"s3://{bucket}-not", tmp_path, "attain.db")
    with pytest.raises(Unavailable, match=r"cannot be written to 's3://.*bucket does not exist"):
        blobs.add_bytes(b"a")
    assert os.listdir(tmp_path) == []


def test_a_server_that_is_away_is_said(bucket: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    fsspec.filesystem("s3").clear_instance_cache()
    blobs = RemoteBlobs(f"s3://{bucket}", tmp_path, "attain.db")
    with pytest.raises(Unavailable, match="Could not connect"):
        blobs.add_bytes(b"a")
    fsspec.filesystem("s3").clear_instance_cache()


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("s3://", "names no bucket"),
        ("nothing://x", "Expected a folder, or an address such as 's3://bucket/prefix'"),
        ("adl://x", "To use it, install"),
        ("gs://x/y", r"install attain\[gcs\]"),
    ],
)
def test_an_address_that_cannot_be_used_is_explained(address: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=said):
        RemoteBlobs(address, tmp_path, "attain.db")
