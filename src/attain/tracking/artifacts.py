"""Files of runs: logged under a path, listed, opened, downloaded."""

import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO
from urllib.parse import unquote

from attain.tracking.blobs import PIECE, Blob, Blobs
from attain.tracking.entities import ArtifactInfo
from attain.tracking.errors import Invalid, NotFound, Unavailable
from attain.tracking.sql.store import Store as SqlStore
from attain.tracking.store_protocol import File, MovesFiles, Store

PATH_LENGTH = 500


def log_artifact(store: Store, run_id: str, local: Path | str, artifact_path: str = "") -> None:
    """Keep a local file in the run's folder `artifact_path` (its root if empty), under its own name.

    Raises:
        Invalid: the path is not one inside the run.
        NotFound: there is no such local file.
    """
    local = Path(local)
    path = checked_path(_joined(artifact_path, local.name))
    _keep(store, run_id, [(path, local)])


def log_artifacts(store: Store, run_id: str, folder: Path | str, artifact_path: str = "") -> None:
    """Keep every file below a local folder, with the same paths below `artifact_path`; all of them or none."""
    folder = Path(folder)
    if not folder.is_dir():
        raise NotFound(f"There is no folder {str(folder)!r} to log.")
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    named = [(checked_path(_joined(artifact_path, f.relative_to(folder).as_posix())), f) for f in files]
    _keep(store, run_id, named)


def log_bytes(store: Store, run_id: str, content: bytes, path: str) -> None:
    """Keep some bytes under a path."""
    log_files(store, run_id, {path: content})


def log_files(store: Store, run_id: str, files: Mapping[str, bytes]) -> None:
    """Keep contents under their paths; all of them or none."""
    named = [(checked_path(path), content) for path, content in files.items()]
    _keep(store, run_id, named)


def list_artifacts(store: Store, run_id: str, folder: str = "") -> list[ArtifactInfo]:
    """What lies directly in a folder of the run, folders included, by path; nothing if there is no such folder."""
    folder = checked_path(folder) if folder else ""
    depth = len(PurePosixPath(folder).parts)
    found: dict[str, ArtifactInfo] = {}
    for file in store.artifacts_under(run_id, folder):
        parts = PurePosixPath(file.path).parts
        if len(parts) == depth + 1:
            found[file.path] = file
        elif len(parts) > depth + 1:
            path = "/".join(parts[: depth + 1])
            found[path] = ArtifactInfo(path, is_dir=True)
    return [found[path] for path in sorted(found)]


def open_artifact(store: Store, run_id: str, path: str) -> BinaryIO:
    """Open a file of a run for reading; the caller closes it.

    Raises:
        NotFound: the run has no such file.
        Unavailable: its content is gone from the folder of blobs.
    """
    path = checked_path(path)
    if isinstance(store, MovesFiles):
        return store.open_file(run_id, path)
    return _database(store).blobs.open(_blob(store.artifact(run_id, path)))


def read_bytes(store: Store, run_id: str, path: str) -> bytes:
    """The whole content of a file of a run."""
    with open_artifact(store, run_id, path) as stream:
        return stream.read()


def download(store: Store, run_id: str, path: str, into: Path | str) -> Path:
    """Copy a file, or a folder with all below it (`""`: everything), into a local folder; where it lies now."""
    path = checked_path(path) if path else ""
    files = store.artifacts_under(run_id, path)
    if path and not files:
        raise NotFound(f"The run has no artifact {path!r}.")
    Path(into).mkdir(parents=True, exist_ok=True)
    for file in files:
        target = Path(into) / file.path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open_artifact(store, run_id, file.path) as source:
            _copy_checked(source, target, file)
    return Path(into) / path


def info(path: str, blob: Blob) -> ArtifactInfo:
    """A content as a file of a run."""
    return ArtifactInfo(path, is_dir=False, size=blob.size, sha256=blob.sha256)


def checked_path(path: str) -> str:
    r"""A path inside a run: parts joined by `/`, none of them `.` or `..`, also not when percent-encoded.

    >>> checked_path("plots/roc.svg")
    'plots/roc.svg'

    Raises:
        Invalid: it is absolute, leads out of the run, or is not in its plain form.
    """
    plain = path
    while (decoded := unquote(plain)) != plain:
        plain = decoded
    parts = plain.split("/")
    bad = plain.count("/") > path.count("/") or any(part in ("", ".", "..") or part != part.strip() for part in parts)
    if bad or "\\" in plain or re.match(r"[A-Za-z]:", plain) or not plain.isprintable():
        raise Invalid(
            f"The artifact path {path!r} is not a plain path inside the run; "
            "expected names joined by '/', such as 'plots/roc.svg'."
        )
    if len(path) > PATH_LENGTH:
        raise Invalid(f"The artifact path {path[:40]!r}… has {len(path)} characters; at most {PATH_LENGTH} fit.")
    return path


def _copy_checked(source: BinaryIO, target: Path, file: ArtifactInfo) -> None:
    """Copy a content to a file that appears only if it is what was logged."""
    digest = hashlib.sha256()
    half = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with half.open("wb") as copy:
            while piece := source.read(PIECE):
                digest.update(piece)
                copy.write(piece)
        if file.sha256 not in (None, digest.hexdigest()):
            raise Unavailable(
                f"The content of artifact {file.path!r} is damaged where it is kept: its SHA-256 is "
                f"{digest.hexdigest()[:12]}… and not {str(file.sha256)[:12]}… as when it was logged."
            )
        half.replace(target)
    finally:
        half.unlink(missing_ok=True)


def _keep(store: Store, run_id: str, files: Sequence[File]) -> None:
    """Bring contents to their place, then say in one step that the run has them; or send them where the store is.

    A content that was there already may be collected as garbage at the last moment before the run has it; afterwards
    nobody takes it, so that one look more is enough.
    """
    if isinstance(store, MovesFiles):
        store.upload(run_id, files)
        return
    database = _database(store)
    kept = [(path, _add(database.blobs, content), content) for path, content in files]
    database.add_artifacts(run_id, [info(path, blob) for path, blob, _ in kept])
    for _, blob, content in kept:
        if not database.blobs.has(blob.sha256):
            _add(database.blobs, content)


def _add(blobs: Blobs, content: Path | bytes) -> Blob:
    if isinstance(content, bytes):
        return blobs.add_bytes(content)
    try:
        stream = content.open("rb")
    except OSError as error:
        raise NotFound(f"The file {str(content)!r} cannot be read: {error.strerror}.") from None
    with stream:
        return blobs.add(stream)


def _database(store: Store) -> SqlStore:
    assert isinstance(store, SqlStore)  # the only kind of store that does not move files itself
    return store


def _blob(file: ArtifactInfo) -> Blob:
    assert file.sha256 is not None
    assert file.size is not None
    return Blob(file.sha256, file.size)


def _joined(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
