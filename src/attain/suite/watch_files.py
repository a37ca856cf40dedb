"""A file or a folder that is watched."""

from pathlib import Path

from attain.core.fingerprint import of_file, of_json
from attain.suite.watch import Signs

UNFINISHED = (".part", ".tmp", ".crdownload")
"""Endings of files that are still on their way."""


class Files:
    """A file, or all files of a folder but hidden ones and those that are still on their way."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.name = str(path)

    def signs(self) -> Signs:
        """Of each file its name in the folder, its size and when it was changed (ns)."""
        if self._path.is_file():
            found = self._path.stat()
            return ((".", found.st_size, found.st_mtime_ns),)
        facts = [(str(file), (self._path / file).stat()) for file in self._files()]
        return tuple((name, found.st_size, found.st_mtime_ns) for name, found in facts)

    def content(self) -> str:
        """The names and the bytes of the files."""
        names = ["."] if self._path.is_file() else [str(file) for file in self._files()]
        return of_json({name: of_file(self._path / name) for name in names})

    def put(self) -> None:
        """Nothing: the suite reads the files where they are."""

    def _files(self) -> list[Path]:
        files = sorted(file for file in self._path.rglob("*") if file.is_file() and self._counts(file))
        return [file.relative_to(self._path) for file in files]

    def _counts(self, file: Path) -> bool:
        inside = file.relative_to(self._path)
        return not any(part.startswith(".") for part in inside.parts) and file.suffix not in UNFINISHED
