"""Where artifacts lie on this machine, by the address that MLflow kept of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from attain.tracking.errors import NotFound
from attain.tracking.mlflow_sources.source import SourceFile


def local_folder(uri: str, beside: Path) -> Path:
    """The folder of an artifact address.

    Args:
        uri: a path, `file:…`, or `mlflow-artifacts:/…`, which a server keeps in `mlartifacts` of its working folder.
        beside: the folder in which relative paths and `mlartifacts` are looked for.

    Raises:
        NotFound: it is empty, or an address of another kind of storage.
    """
    parts = urlsplit(uri)
    if not parts.path.strip("/"):
        raise NotFound(f"The address of its artifacts is {uri!r}, which names no folder.")
    if parts.scheme in ("", "file"):
        return beside / unquote(parts.path)
    if parts.scheme == "mlflow-artifacts":
        return beside / "mlartifacts" / unquote(parts.path).lstrip("/")
    raise NotFound(
        f"The artifacts at {uri!r} cannot be read from here. Import from the address of the MLflow server instead, "
        "which hands them on."
    )


def files_below(folder: Path) -> Iterator[SourceFile]:
    """Every file below a folder, which may be missing; links that lead out of it are left out."""
    inside = folder.resolve()
    for file in sorted(folder.rglob("*")) if folder.is_dir() else []:
        if file.is_file() and file.resolve().is_relative_to(inside):
            yield SourceFile(file.relative_to(folder).as_posix(), file.stat().st_size)


def opened(folder: Path, path: str) -> BinaryIO:
    """A file below a folder, for reading."""
    try:
        return (folder / path).open("rb")
    except OSError as error:
        raise NotFound(f"The artifact {str(folder / path)!r} cannot be read: {error.strerror}.") from None
