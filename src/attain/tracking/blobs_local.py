"""Contents in a local folder."""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from attain.tracking.blobs import Blob, Blobs, Stored, halves_in, unreadable, unwritable

MARKS = "stores"


class LocalBlobs(Blobs):
    """A folder of contents, at `ab/cdef…`; files in it are complete and read-only."""

    def __init__(self, folder: Path, store: str) -> None:
        super().__init__(str(folder), folder, store)
        self.folder = folder

    def path(self, sha256: str) -> Path:
        """Where a content lies, or would."""
        return self.folder / sha256[:2] / sha256[2:]

    def open(self, blob: Blob) -> BinaryIO:
        """Read a content; an open one stays readable though it is removed. A link in its place is not followed."""
        path = self.path(blob.sha256)
        try:
            return open(path, "rb", opener=_not_through_a_link)
        except OSError as error:
            raise unreadable(str(path), error) from None

    def has(self, sha256: str) -> bool:
        """Whether a content is there."""
        return self.path(sha256).exists()

    def stored(self) -> Iterator[Stored]:
        """All that is there, folder by folder."""
        for path in self.folder.glob("??/*"):
            if re.fullmatch(r"[0-9a-f]{64}", name := path.parent.name + path.name):
                try:
                    found = path.stat()
                except FileNotFoundError:  # another process removes it
                    continue
                yield Stored(name, found.st_size, found.st_mtime)

    def remove(self, contents: Sequence[str]) -> None:
        """Take contents away."""
        try:
            for sha256 in contents:
                self.path(sha256).unlink(missing_ok=True)
        except OSError as error:
            raise unwritable(self.place, error) from None

    def marks(self) -> list[str]:
        """The names of the stores that keep contents here."""
        return sorted(path.read_text() for path in (self.folder / MARKS).glob("*"))

    def write_mark(self) -> None:
        """Write our store's name down."""
        path = self.folder / MARKS / mark_name(self.store)
        if not path.exists():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                half = Path(tempfile.mkstemp(prefix="new-", dir=self.folder)[1])
                half.write_text(self.store)
                half.replace(path)
            except OSError as error:
                raise unwritable(self.place, error) from None

    def remove_halves(self, before: float) -> int:
        """Take away what killed processes had begun to write."""
        return halves_in(self.incoming, before)

    def take(self, half: Path, blob: Blob) -> bool:
        """Move a complete file to its name, in one step, unless the content is there."""
        final = self.path(blob.sha256)
        if final.exists():
            return False
        try:
            final.parent.mkdir(exist_ok=True)
            half.replace(final)
        except OSError as error:
            raise unwritable(self.place, error) from None
        return True


def _not_through_a_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)


def mark_name(store: str) -> str:
    """What the mark of a store is called."""
    return hashlib.sha256(store.encode()).hexdigest()[:16]
