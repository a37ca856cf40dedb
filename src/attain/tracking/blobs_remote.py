"""Contents in a bucket or anything else that fsspec knows: `s3://`, `gs://`, `az://`."""

import importlib
import posixpath
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from attain.tracking.blobs import PIECE, Blob, Blobs, Stored, halves_in, unreadable, unwritable
from attain.tracking.blobs_local import MARKS, mark_name
from attain.tracking.errors import Invalid

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem  # type: ignore[import-untyped]  # it has none

EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs", "az": "azure", "abfs": "azure", "abfss": "azure"}
"""Which extra of attain reads an address."""

_ERRORS = {"s3": "botocore.exceptions:BotoCoreError", "gcs": "google.auth.exceptions:GoogleAuthError",
           "azure": "azure.core.exceptions:AzureError"}  # fmt: skip
"""What a driver raises besides OSError."""

_PARTS = {"s3": {"chunksize": 16 * PIECE, "max_concurrency": 2}}
"""How a driver sends a large file: in parts, of which only so many are in memory at once."""


class RemoteBlobs(Blobs):
    """A folder of a remote place, at `ab/cdef…`. A content is sent in one step when it is whole (S3: or in parts that
    become one object at the end, and are given up if a part fails)."""

    def __init__(self, address: str, incoming: Path, store: str) -> None:
        super().__init__(address, incoming, store)
        self._extra = EXTRAS.get(address.partition("://")[0], "")
        self._files, self._root = _opened(address, self._extra)
        driver = _ERRORS.get(self._extra, "")
        self._failures: tuple[type[Exception], ...] = (OSError, _loaded(driver)) if driver else (OSError,)

    def open(self, blob: Blob) -> BinaryIO:
        """Read a content, some MiB ahead."""
        with self._reading():
            found = self._files.open(self._path(blob.sha256), "rb", block_size=4 * PIECE, cache_type="readahead")
        return cast(BinaryIO, found)

    def has(self, sha256: str) -> bool:
        """Whether a content is there."""
        with self._reading():
            return bool(self._files.exists(self._path(sha256)))

    def stored(self) -> Iterator[Stored]:
        """All that is there."""
        for folder in self._listed(self._root):
            if re.fullmatch(r"[0-9a-f]{2}", begin := posixpath.basename(folder["name"].rstrip("/"))):
                for facts in self._listed(folder["name"]):
                    name = begin + posixpath.basename(facts["name"])
                    if re.fullmatch(r"[0-9a-f]{64}", name):
                        yield Stored(name, int(facts["size"]), _modified(facts))

    def remove(self, contents: Sequence[str]) -> None:
        """Take contents away, many with one request where the place can."""
        with self._writing():
            there = [path for path in map(self._path, contents) if self._files.exists(path)]
            if there:
                self._files.rm(there)

    def marks(self) -> list[str]:
        """The names of the stores that keep contents here."""
        paths = [facts["name"] for facts in self._listed(f"{self._root}/{MARKS}")]
        with self._reading():
            return sorted(self._files.cat_file(path).decode() for path in paths)

    def write_mark(self) -> None:
        """Write our store's name down."""
        path = f"{self._root}/{MARKS}/{mark_name(self.store)}"
        with self._writing():
            if not self._files.exists(path):
                self._make_folder_of(path)
                self._files.pipe_file(path, self.store.encode())

    def remove_halves(self, before: float) -> int:
        """Take away files that wait here for a dead process, and parts in the bucket that will never be an object."""
        count = halves_in(self.incoming, before)
        if self._extra != "s3":
            return count
        bucket, _, prefix = self._root.partition("/")
        with self._writing():
            for upload in self._files.list_multipart_uploads(bucket):
                if upload["Key"].startswith(f"{prefix}/") and upload["Initiated"].timestamp() < before:
                    self._files.abort_mpu(bucket, upload["Key"], upload["UploadId"])
                    count += 1
        return count

    def take(self, half: Path, blob: Blob) -> bool:
        """Send a complete file, unless the content is there."""
        path = self._path(blob.sha256)
        with self._writing():
            if self._files.exists(path):
                return False
            self._make_folder_of(path)
            self._files.put_file(str(half), path, **_PARTS.get(self._extra, {}))
            return True

    def _path(self, sha256: str) -> str:
        return f"{self._root}/{sha256[:2]}/{sha256[2:]}"

    def _listed(self, folder: str) -> list[dict[str, Any]]:  # what a driver tells of a file differs
        with self._reading():
            try:
                return [dict(facts) for facts in self._files.ls(folder, detail=True)]
            except FileNotFoundError:  # nothing was kept here yet
                return []

    def _make_folder_of(self, path: str) -> None:
        if not self._extra:  # buckets have no folders; asking for one could make a bucket by mistake
            self._files.makedirs(posixpath.dirname(path), exist_ok=True)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            raise unreadable(self.place, error) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except self._failures as error:
            raise unwritable(self.place, error) from error


def _opened(address: str, extra: str) -> "tuple[AbstractFileSystem, str]":
    wanted = f"install attain[{extra}]" if extra else "install fsspec and its driver for this kind of address"
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # it has none

        files, root = url_to_fs(address, use_listings_cache=False)
    except ImportError as error:
        raise Invalid(f"Artifacts cannot be kept at {address!r}: {error}. To use it, {wanted}.") from None
    except ValueError as error:
        raise Invalid(
            f"Artifacts cannot be kept at {address!r}: {error}. "
            "Expected a folder, or an address such as 's3://bucket/prefix', 'gs://…', 'az://…'."
        ) from None
    root = root.rstrip("/")
    if not root.strip("/"):
        raise Invalid(f"The place for artifacts {address!r} names no bucket; expected e.g. 's3://bucket/prefix'.")
    return files, f"{root}/blobs"


def _loaded(name: str) -> type[Exception]:
    module, _, attribute = name.partition(":")
    found: type[Exception] = getattr(importlib.import_module(module), attribute)
    return found


def _modified(facts: dict[str, Any]) -> float:  # what a driver tells of a file differs
    """When a file came, in s since 1970; now where a driver does not say, so that it is never too old."""
    for name in ("LastModified", "last_modified", "mtime", "updated", "created"):
        when = facts.get(name)
        if isinstance(when, datetime):
            return when.timestamp()
        if isinstance(when, int | float):
            return float(when)
        if isinstance(when, str):
            return datetime.fromisoformat(when).timestamp()
    return float("inf")
