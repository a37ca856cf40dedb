"""The files that a data set is read from: one, those of a folder, or those that a pattern finds."""

import glob
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from attain.core.errors import UserError
from attain.core.fingerprint import of_file

_ENDINGS = (".csv", ".tsv", ".txt", ".parquet", ".csv.gz", ".tsv.gz", ".txt.gz")

_PACKED = 5
"""A gzipped or Parquet file of answers is about so many times as large as text."""


@dataclass(frozen=True)
class Files:
    """Files that are read one after the other as one table.

    Attributes:
        root: what was named: the file, the folder, or the pattern.
        paths: the files, by name.
    """

    root: Path
    paths: tuple[Path, ...]

    @property
    def several(self) -> bool:
        """Whether a folder or a pattern was named."""
        return self.paths != (self.root,)

    @property
    def name(self) -> str:
        """What the data set in them is called: the file, or the folder."""
        named = self.root.parent if glob.has_magic(self.root.name) else self.root
        return named.name.split(".")[0]

    @property
    def size(self) -> int:
        """Bytes of all."""
        return sum(path.stat().st_size for path in self.paths)

    @property
    def text_size(self) -> int:
        """About how many bytes of text they hold when they are unpacked."""
        return sum(path.stat().st_size * _unpacks(path) for path in self.paths)

    def name_of(self, path: Path) -> str:
        """The name of one of the files in messages and records."""
        if not self.several:
            return path.name
        return path.relative_to(self.root).as_posix() if self.root.is_dir() else path.name

    def sha256(self, hear: Callable[[int], None] | None = None) -> dict[str, str]:
        """SHA-256 by name; for several files one of all their names and contents.

        Args:
            hear: called with the bytes that have been read.
        """
        found, done = {}, 0
        for path in self.paths:
            found[self.name_of(path)] = of_file(path)
            done += path.stat().st_size
            if hear is not None:
                hear(done)
        if not self.several:
            return found
        listed = "\n".join(f"{digest}  {name}" for name, digest in sorted(found.items()))
        return {self.root.name: hashlib.sha256(listed.encode()).hexdigest()}


def find_files(named: Path) -> Files:
    """The files that a path names: itself, those in a folder and below it, or those that match a pattern.

    Raises:
        UserError: there are none.
    """
    if named.is_file():
        return Files(named, (named,))
    if named.is_dir():
        below = (path for path in named.rglob("*") if path.is_file())
        paths = [path for path in below if path.name.lower().endswith(_ENDINGS) and not path.name.startswith(".")]
        kind = f"files that end in {', '.join(_ENDINGS)}"
    else:
        if not glob.has_magic(str(named)):
            raise UserError(f"There is no file {str(named)!r}.")
        paths, kind = [Path(path) for path in glob.glob(str(named), recursive=True) if Path(path).is_file()], "files"
    if not paths:
        raise UserError(f"There are no {kind} in {str(named)!r}.")
    return Files(named, tuple(sorted(paths)))


def are_there(named: Path) -> bool:
    """Whether a path names a file, a folder, or a pattern that finds a file."""
    return named.exists() or (
        glob.has_magic(str(named)) and next(glob.iglob(str(named), recursive=True), None) is not None
    )


def _unpacks(path: Path) -> int:
    """How many times its size a file is as text, about."""
    with path.open("rb") as file:
        begins = file.read(4)
    return _PACKED if begins.startswith((b"\x1f\x8b", b"PAR1")) else 1
