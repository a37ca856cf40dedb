"""A journal: metric points on disk before the store has them, so that a killed process loses none.

One file a process and store, in the folder `journal` beside the store. It is locked (`flock`) by the process that
writes it; the lock ends with the process, however it ends. So a file that can be locked is one that nobody will write
to any more: whoever locks it moves its points to the store and removes it.
"""

import errno
import fcntl
import json
import logging
import os
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attain.tracking.entities import MetricPoint
from attain.tracking.errors import Unavailable
from attain.tracking.liveness import this_process

Point = tuple[str, MetricPoint]
"""A run's id and a point of it."""

_log = logging.getLogger(__name__)


class Journal:
    """The journal that this process writes; one thread at a time."""

    def __init__(self, folder: Path, store: str) -> None:
        self.path = folder / f"{this_process()}-{uuid.uuid4().hex[:8]}.jsonl"
        header = json.dumps({"store": store}).encode() + b"\n"
        unborn = self.path.with_suffix(".new")  # not found by `abandoned` before it is locked
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(unborn, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self._start = self._size = 0
            self._write(header)
            self._start = self._size
            unborn.rename(self.path)
        except OSError as error:
            raise _unwritable(self.path, error) from None

    @property
    def size(self) -> int:
        """Bytes of points in the file."""
        return self._size - self._start

    def append(self, points: Sequence[Point]) -> None:
        """Write points; when this returns they outlive the process.

        Raises:
            Unavailable: the disk is full or gone; none of the points is in the journal.
        """
        lines = (json.dumps([run, p.key, p.value, p.timestamp, p.step], separators=(",", ":")) for run, p in points)
        try:
            self._write(("\n".join(lines) + "\n").encode())
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def clear(self) -> None:
        """Forget the points: the store has them all."""
        os.ftruncate(self._file, self._start)
        self._size = self._start

    def close(self) -> None:
        """End the journal. A file with points in it stays, for `recover`; one without is removed."""
        if not self.size:
            self.path.unlink(missing_ok=True)
        os.close(self._file)

    def forget_in_child(self) -> None:
        """After a fork the file is the parent's; closing our handle leaves the parent's lock as it is."""
        os.close(self._file)

    def _write(self, content: bytes) -> None:
        written = os.write(self._file, content)
        if written != len(content):
            os.ftruncate(self._file, self._size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._size += written


@contextmanager
def abandoned(path: Path, store: str) -> Iterator[list[Point] | None]:
    """The points of a journal whose process is gone, locked meanwhile; None if it lives or is of another `store`."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:  # recovered by another process, or not ours to read
        yield None
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield _read(path, store)
    except BlockingIOError:
        yield None
    finally:
        os.close(file)


def _read(path: Path, store: str) -> list[Point] | None:
    """Every whole line of a journal; None if it is gone or of another store."""
    try:
        header, *lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return None
    if json.loads(header)["store"] != store:
        return None
    points = [_point(line) for line in lines]
    whole = [point for point in points if point is not None]
    if torn := sum(line != b"" for line in lines) - len(whole):
        _log.warning("The journal %s has %d torn lines, which are left out.", path, torn)
    return whole


def _point(line: bytes) -> Point | None:
    """A line as a point; None where a crash of the process or the machine tore it."""
    try:
        run_id, key, value, timestamp, step = json.loads(line)
    except ValueError:
        return None
    return run_id, MetricPoint(key, value, timestamp, step)


def _unwritable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"Metrics cannot be written to the journal {str(path)!r}: {error.strerror}. Make room, or set ATTAIN_HOME."
    )
