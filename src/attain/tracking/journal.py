"""A journal: metric points and ends of runs on disk before the store has them, so that a killed process loses none.

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
from typing import NamedTuple

from attain.tracking.entities import MetricPoint, Status
from attain.tracking.errors import Unavailable
from attain.tracking.liveness import this_process

Point = tuple[str, MetricPoint]
"""A run's id and a point of it."""


class Ending(NamedTuple):
    """How and when (ms) a run ended."""

    run_id: str
    status: Status
    time: int


Entry = Point | Ending

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

    def append(self, entries: Sequence[Entry]) -> None:
        """Write points and ends; when this returns they outlive the process.

        Raises:
            Unavailable: the disk is full or gone; none of them is in the journal.
        """
        lines = (json.dumps(_fields(entry), separators=(",", ":")) for entry in entries)
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
def abandoned(path: Path, store: str) -> Iterator[list[Entry] | None]:
    """What is in a journal whose process is gone, locked meanwhile; None if it lives or is of another `store`."""
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


def _read(path: Path, store: str) -> list[Entry] | None:
    """Every whole line of a journal; None if it is gone or of another store."""
    try:
        header, *lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return None
    if json.loads(header)["store"] != store:
        return None
    whole = [entry for line in lines if (entry := _entry(line)) is not None]
    if torn := sum(line != b"" for line in lines) - len(whole):
        _log.warning("The journal %s has %d torn lines, which are left out.", path, torn)
    return whole


def _fields(entry: Entry) -> list[object]:
    """An entry as it is written: five fields for a point, three for an end."""
    if isinstance(entry, Ending):
        return list(entry)
    run_id, point = entry
    return [run_id, point.key, point.value, point.timestamp, point.step]


def _entry(line: bytes) -> Entry | None:
    """A line as it was meant; None where a crash of the process or the machine tore it."""
    try:
        run_id, *rest = json.loads(line)
        return Ending(run_id, *rest) if len(rest) == 2 else (run_id, MetricPoint(*rest))
    except (ValueError, TypeError):
        return None


def _unwritable(path: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"Metrics cannot be written to the journal {str(path)!r}: {error.strerror}. Make room, or set ATTAIN_HOME."
    )
