"""An archive of a run as it is read: a ZIP file or the folder it was unpacked to, every file checked first."""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pydantic import BaseModel, ConfigDict

from attain.core.errors import UserError
from attain.tracking.artifacts import checked_path
from attain.tracking.errors import Invalid

FORMAT = 1
"""Raised when older readers would not understand it."""
HEAD, SUMS = "archive.json", "SHA256SUMS"
RUN, FILES, DATA, SOURCE = "run.json", "files", "data", "attain"
SMALL, TIMES = 1 << 30, 100
"""Bytes that any ZIP file may unpack to, and how many times its own size a larger one may: the files of a run pack to a
tenth or a third, and a trap to a thousandth."""
_PIECE = 1 << 20


class Head(BaseModel):
    """What an archive says of itself: its format, by which attain it was made, of which run; more does no harm."""

    model_config = ConfigDict(extra="ignore", frozen=True, use_attribute_docstrings=True)

    format: int
    attain: str
    run: str
    """What was exported."""
    suite_run: str
    """The run of its suite."""


@dataclass(frozen=True)
class Archive:
    """An archive whose every file is what its list of checksums says.

    Attributes:
        path: the ZIP file or folder.
        head: `archive.json`.
        names: its files, without the list of checksums.
    """

    path: Path
    head: Head
    names: tuple[str, ...]

    def read(self, name: str) -> bytes:
        """The content of a file."""
        if self.path.is_dir():
            return (self.path / name).read_bytes()
        with zipfile.ZipFile(self.path) as packed:
            return packed.read(name)

    def below(self, folder: str) -> list[str]:
        """Its files in a folder."""
        return [name for name in self.names if name.startswith(f"{folder}/")]

    def unpack(self, folder: str, into: Path) -> None:
        """Write the files of one of its folders below another."""
        for name in self.below(folder):
            target = into / name.removeprefix(f"{folder}/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(self.read(name))


def open_archive(path: Path) -> Archive:
    """Open an archive and check all of it.

    Raises:
        UserError: it is none, is damaged or was changed, holds a path that leads out of it, unpacks to far more than
            it is, or is of a format that this attain does not know.
    """
    try:
        if path.is_dir():
            return _checked(path, _listed_files(path), lambda name: (path / name).open("rb"), whole=False)
        with zipfile.ZipFile(path) as packed:
            _refuse_trap(path, packed)
            names = [one.filename for one in packed.infolist() if not one.is_dir()]
            return _checked(path, names, lambda name: packed.open(name), whole=True)  # type: ignore[arg-type, return-value]  # read as one
    except FileNotFoundError:
        raise UserError(f"There is no archive {str(path)!r}.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, NotImplementedError) as problem:
        raise UserError(
            f"The archive {str(path)!r} cannot be read: {str(problem).rstrip('.')}. Fetch it again from where it came."
        ) from None


def _refuse_trap(path: Path, packed: zipfile.ZipFile) -> None:
    """Refuse what would fill memory or disk; no entry gives more bytes than it says here, for reading stops there."""
    unpacked, allowed = sum(one.file_size for one in packed.infolist()), max(SMALL, TIMES * path.stat().st_size)
    if unpacked > allowed:
        raise UserError(
            f"The archive {str(path)!r} says that it unpacks to {unpacked / 1e9:,.1f} GB, more than {TIMES} times its "
            "size: nothing of it was unpacked. If you trust it, unpack it yourself and give the folder."
        )


def _checked(path: Path, names: list[str], opened: Callable[[str], BinaryIO], *, whole: bool) -> Archive:
    """All files against the list; files beside it are allowed in a folder alone, where people may put some."""
    for name in names:
        try:
            checked_path(name)
        except Invalid:
            raise UserError(f"The archive {str(path)!r} holds the path {name!r}, which leads out of it.") from None
    if len(set(names)) < len(names):
        raise UserError(f"The archive {str(path)!r} holds a file twice.")
    if HEAD not in names or SUMS not in names:
        raise UserError(
            f"{str(path)!r} is no archive of a run: {HEAD} or {SUMS} is not in it. `attain export` makes one."
        )
    with opened(SUMS) as stream:
        listed = _listed(path, stream.read())
    for name in listed:
        if name not in names:
            raise UserError(f"The archive {str(path)!r} is not whole: {name!r} is missing.")
        with opened(name) as stream:
            if _sha256(stream) != listed[name]:
                raise UserError(f"The archive {str(path)!r} is damaged or was changed: {name!r} has another SHA-256.")
    if whole and (more := sorted(set(names) - listed.keys() - {SUMS})):
        raise UserError(f"The archive {str(path)!r} was changed: {more[0]!r} is not in its list of checksums.")
    with opened(HEAD) as stream:
        return Archive(path, _head(path, stream.read()), tuple(listed))


def _head(path: Path, content: bytes) -> Head:
    try:
        known = json.loads(content)
        version = known["format"]
        if version != FORMAT:
            raise UserError(
                f"The archive {str(path)!r} has format {version}, and this attain reads format {FORMAT}; "
                f"it was made by attain {known.get('attain', 'of another version')}."
            )
        return Head.model_validate(known)
    except (ValueError, TypeError, KeyError):
        raise UserError(f"The archive {str(path)!r} does not say what it is: {HEAD} cannot be read.") from None


def _listed(path: Path, content: bytes) -> dict[str, str]:
    try:
        pairs = [line.split("  ", 1) for line in content.decode().splitlines()]
        return {name: digest for digest, name in pairs}
    except ValueError:
        raise UserError(f"The archive {str(path)!r} is damaged: {SUMS} is no list of checksums.") from None


def _listed_files(folder: Path) -> list[str]:
    """What is there of the files of a list; people may put others beside."""
    sums = folder / SUMS
    names = [*_listed(folder, sums.read_bytes()), SUMS] if sums.is_file() else []
    return [name for name in names if (folder / name).is_file()]


def _sha256(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while piece := stream.read(_PIECE):
        digest.update(piece)
    return digest.hexdigest()
