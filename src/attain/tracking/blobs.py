"""Files kept by what is in them: equal contents are one file, named by its SHA-256."""

import hashlib
import io
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from attain.tracking.errors import Unavailable

_PIECE = 1 << 20


@dataclass(frozen=True)
class Blob:
    """A content: its SHA-256 in hexadecimal and its size in bytes."""

    sha256: str
    size: int


class Blobs:
    """A folder of contents, at `ab/cdef…`; files in it are complete and read-only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where a content lies, or would."""
        return self.folder / sha256[:2] / sha256[2:]

    def add(self, stream: BinaryIO) -> Blob:
        """Keep what a stream holds, read once and piece by piece.

        Raises:
            Unavailable: the folder cannot be written to or the disk is full; nothing is left behind.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix="new-", dir=self.folder)
        except OSError as error:
            raise _unwritable(self.folder, error) from None
        half = Path(name)
        try:
            with os.fdopen(handle, "wb") as target:
                blob = _copy(stream, target, self.folder)
            self._place(half, blob)
        finally:
            half.unlink(missing_ok=True)
        return blob

    def add_bytes(self, content: bytes) -> Blob:
        """Keep some bytes."""
        return self.add(io.BytesIO(content))

    def _place(self, half: Path, blob: Blob) -> None:
        """Move a complete file to its name, unless the content is there."""
        final = self.path(blob.sha256)
        if final.exists():
            return
        try:
            half.chmod(0o444)
            final.parent.mkdir(exist_ok=True)
            half.replace(final)
        except OSError as error:
            raise _unwritable(self.folder, error) from None


def _copy(stream: BinaryIO, target: BinaryIO, folder: Path) -> Blob:
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(_PIECE):
        digest.update(piece)
        size += len(piece)
        try:
            target.write(piece)
        except OSError as error:
            raise _unwritable(folder, error) from None
    try:
        target.flush()
    except OSError as error:
        raise _unwritable(folder, error) from None
    return Blob(digest.hexdigest(), size)


def _unwritable(folder: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"Artifacts cannot be written to {str(folder)!r}: {error.strerror}. Make room, or set ATTAIN_HOME."
    )
