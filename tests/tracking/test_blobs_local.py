import hashlib
import io
import resource
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import BinaryIO, cast

import pytest

from attain.tracking.blobs_local import LocalBlobs
from attain.tracking.errors import Unavailable


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_content_is_named_by_its_hash_and_cannot_be_changed(tmp_path: Path) -> None:
    blob = LocalBlobs(tmp_path, "attain.db").add_bytes(b"hello")
    assert (blob.sha256, blob.size) == (hashlib.sha256(b"hello").hexdigest(), 5)
    path = LocalBlobs(tmp_path, "attain.db").path(blob.sha256)
    assert path == tmp_path / blob.sha256[:2] / blob.sha256[2:]
    assert path.read_bytes() == b"hello"
    assert stat.S_IMODE(path.stat().st_mode) == 0o444


def test_equal_contents_are_one_file(tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "deep" / "down", "attain.db")
    assert blobs.add_bytes(b"a" * 3_000_000) == blobs.add(io.BytesIO(b"a" * 3_000_000))
    blobs.add_bytes(b"b")
    assert len(list(blobs.stored())) == 2


def test_nothing_half_written_stays_when_reading_fails(tmp_path: Path) -> None:
    class Failing:
        def read(self, size: int) -> bytes:
            if not hasattr(self, "begun"):
                self.begun = True
                return b"x" * size
            raise RuntimeError("gone")

    with pytest.raises(RuntimeError, match="gone"):
        LocalBlobs(tmp_path, "attain.db").add(cast(BinaryIO, Failing()))
    assert files(tmp_path) == []


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(Unavailable, match="cannot be written"):
            LocalBlobs(tmp_path, "attain.db").add_bytes(b"x" * 3_000_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert files(tmp_path) == []


def test_a_place_that_is_no_folder_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Unavailable, match="Not a directory"):
        LocalBlobs(tmp_path / "file", "attain.db").add_bytes(b"x")


def test_several_processes_may_add_the_same_content(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from attain.tracking.blobs_local import LocalBlobs\n"
        'for i in range(50): LocalBlobs(Path(sys.argv[1]), "x").add_bytes(bytes(100_000 + i))'
    )
    workers = [subprocess.Popen([sys.executable, "-c", script, str(tmp_path)]) for _ in range(3)]
    assert [worker.wait(60) for worker in workers] == [0, 0, 0]
    found = list(LocalBlobs(tmp_path, "x").stored())
    assert sorted(blob.size for blob in found) == [100_000 + i for i in range(50)]
    paths = [LocalBlobs(tmp_path, "x").path(blob.sha256) for blob in found]
    assert all(hashlib.sha256(path.read_bytes()).hexdigest() == path.parent.name + path.name for path in paths)
    assert not list(tmp_path.glob("new-*"))
