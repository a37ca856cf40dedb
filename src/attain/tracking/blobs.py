"""Contents kept by what is in them: equal contents are one, named by its SHA-256. Here, what every place does alike."""

import hashlib
import io
import os
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from attain.tracking.errors import Unavailable

PIECE = 1 << 20
"""Bytes that are held in memory at once."""


@dataclass(frozen=True)
class Blob:
    """A content: its SHA-256 in hexadecimal and its size in bytes."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Stored(Blob):
    """A content where it lies: when it came there, in seconds since 1970 by that place's clock."""

    modified: float


class Blobs(ABC):
    """A place for contents; what lies in it under its name is complete and never changes.

    Safe to use from several threads and processes. All methods raise `Unavailable` where the place cannot be used.

    Attributes:
        place: where that is, for people.
        incoming: a local folder in which contents wait until they are whole.
        store: whose contents these are, by name; the place may hold those of other stores too.
    """

    def __init__(self, place: str, incoming: Path, store: str) -> None:
        self.place, self.incoming, self.store = place, incoming, store
        self._marked = False

    def upload(self) -> "Upload":
        """A content on its way in; use it in `with`, which leaves nothing behind if it does not get whole."""
        return Upload(self)

    def add(self, stream: BinaryIO) -> Blob:
        """Keep what a stream holds, read once and piece by piece."""
        with self.upload() as upload:
            return upload.fill(stream)

    def add_bytes(self, content: bytes) -> Blob:
        """Keep some bytes."""
        return self.add(io.BytesIO(content))

    @abstractmethod
    def open(self, blob: Blob) -> BinaryIO:
        """Read a content, from any position; the caller closes it."""

    @abstractmethod
    def has(self, sha256: str) -> bool:
        """Whether a content is there."""

    @abstractmethod
    def stored(self) -> Iterator[Stored]:
        """All that is there, in no order."""

    @abstractmethod
    def remove(self, contents: Sequence[str]) -> None:
        """Take contents away, by their hashes; one that is gone already is no error."""

    @abstractmethod
    def marks(self) -> list[str]:
        """The names of the stores that keep contents here."""

    def mark(self) -> None:
        """Say that our store keeps contents here, so that nobody collects them as garbage of another store."""
        if not self._marked:
            self.write_mark()
            self._marked = True

    @abstractmethod
    def write_mark(self) -> None:
        """Write our store's name down, unless it is there."""

    @abstractmethod
    def remove_halves(self, before: float) -> int:
        """Take away what killed processes had begun to bring in before a moment (s since 1970); how many."""

    @abstractmethod
    def take(self, half: Path, blob: Blob) -> bool:
        """Take a complete local file in, which may be moved away or left; False if the content was there already."""


class Upload:
    """One content on its way in: written piece by piece, hashed on the way, then kept as a whole.

    Attributes:
        was_there: once it is kept: whether the content had been there before.
    """

    def __init__(self, blobs: Blobs) -> None:
        self.was_there = False
        self._blobs, self._digest, self._size = blobs, hashlib.sha256(), 0
        self._half = blobs.incoming / f"new-{uuid.uuid4().hex}"
        try:
            self._file = _create(self._half)
        except OSError as error:
            raise unwritable(str(blobs.incoming), error) from None

    def write(self, piece: bytes | bytearray | memoryview) -> None:
        """Add a piece."""
        self._digest.update(piece)
        rest = memoryview(piece)
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            raise unwritable(str(self._blobs.incoming), error) from None
        self._size += len(piece)

    def fill(self, stream: BinaryIO) -> Blob:
        """Write all that a stream holds, and keep it."""
        while piece := stream.read(PIECE):
            self.write(piece)
        return self.keep()

    def keep(self) -> Blob:
        """Bring the content to its place, if it is not there.

        Ask again after a run was said to have it: what had been there before may have been collected as garbage at the
        last moment; from then on nobody takes it.
        """
        self._file.close()
        self._blobs.mark()
        blob = Blob(self._digest.hexdigest(), self._size)
        self.was_there = not self._blobs.take(self._half, blob)
        return blob

    def close(self) -> None:
        """Take away what is not kept."""
        self._file.close()
        self._half.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()


def _create(half: Path) -> FileIO:
    """A new file to write to, which nobody can change once it is closed; the folder is made if it is not there."""
    try:
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    except FileNotFoundError:
        half.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444)
    return FileIO(handle, "w")


def halves_in(incoming: Path, before: float) -> int:
    """Take away local files that killed processes had begun to write before a moment; how many."""
    count = 0
    for half in incoming.glob("new-*"):
        try:
            if half.stat().st_mtime < before:
                half.unlink()
                count += 1
        except FileNotFoundError:  # its process lives and has finished it
            continue
    return count


def unwritable(place: str, error: Exception) -> Unavailable:
    """What to say where a content cannot be brought to its place."""
    reason = getattr(error, "strerror", None) or str(error)
    return Unavailable(
        f"Artifacts cannot be written to {place!r}: {reason}. Make room, or set ATTAIN_HOME or ATTAIN_ARTIFACTS."
    )


def unreadable(place: str, error: Exception) -> Unavailable:
    """What to say where a content that should be there cannot be read."""
    reason = getattr(error, "strerror", None) or str(error)
    return Unavailable(
        f"A content cannot be read from {place!r}: {reason}. Was the store moved without its folder 'artifacts', or is "
        "ATTAIN_ARTIFACTS another place than when it was written?"
    )
