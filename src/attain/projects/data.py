"""The files that an entry reads, known by the hash of their bytes."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attain.core.fingerprint import LENGTH, of_file
from attain.core.places import home

LARGEST = 16 << 30
"""Bytes of a file that is read for its hash; of a larger one only the size is known."""
MOST_FILES = 20_000
"""Files of a folder that are read."""


@dataclass(frozen=True)
class Read:
    """What a parameter named.

    Attributes:
        name: of the parameter.
        path: as it was given.
        at: where that was.
        fingerprint: of all its bytes.
        files: hash by path within the folder; of a file its own name.
        size: bytes of all.
        said: what is not known of it, in words; "" where all is.
    """

    name: str
    path: str
    at: str
    fingerprint: str
    files: Mapping[str, str]
    size: int
    said: str

    @property
    def facts(self) -> dict[str, Any]:  # JSON
        """As it is kept: hash and place of each file by name, in a folder with the folder's name in front."""
        at = Path(self.at)
        paths = {name: at / name if at.is_dir() else at for name in self.files}
        named = {name: f"{at.name}/{name}" if at.is_dir() else name for name in self.files}
        return {
            "name": self.name,
            "path": self.path,
            "at": self.at,
            "fingerprint": self.fingerprint,
            "source_sha256": {named[name]: digest for name, digest in self.files.items()},
            "files": {named[name]: str(path) for name, path in paths.items()},
            "bytes": self.size,
            "said": self.said,
            "columns": {},
        }

    @classmethod
    def of_facts(cls, facts: Mapping[str, Any]) -> "Read":  # JSON
        """What was kept of it."""
        folder, own = Path(facts["at"]).name, facts["source_sha256"]
        is_file = facts["files"] == {folder: facts["at"]}
        files = own if is_file else {name.removeprefix(f"{folder}/"): digest for name, digest in own.items()}
        what = (facts["name"], facts["path"], facts["at"], facts["fingerprint"])
        return cls(*what, files, facts["bytes"], facts["said"])


def read(name: str, path: str, folder: Path) -> Read:
    """What is at a path that starts in a folder."""
    at = (folder / path).resolve()
    found = {path.name: path for path in [at]} if at.is_file() else _below(at)
    said = []
    if len(found) > MOST_FILES:
        said.append(f"only {MOST_FILES:,} of its {len(found):,} files were read for the hash")
        found = dict(list(found.items())[:MOST_FILES])
    sizes = {one: file.stat().st_size for one, file in found.items()}
    if large := [one for one, size in sizes.items() if size > LARGEST]:
        said.append(f"of {', '.join(large[:3])} only the size is known, being larger than {LARGEST >> 30} GiB")
    files = {one: of_file(file) if one not in large else f"size {sizes[one]}" for one, file in found.items()}
    return Read(name, path, str(at), _of(files, is_file=at.is_file()), files, sum(sizes.values()), "; ".join(said))


def changed(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Which files are others, in words; "" where none is."""
    if len(then) == len(now) == 1:  # a file may have another name
        return "" if [*then.values()] == [*now.values()] else f"{next(iter(then))!r} has other bytes"
    other = [f"{name!r} has other bytes" for name in then if name in now and then[name] != now[name]]
    other += [f"{name!r} is gone" for name in then if name not in now]
    other += [f"{name!r} is new" for name in now if name not in then]
    more = f" and {len(other) - 5} more" if len(other) > 5 else ""
    return ", ".join(other[:5]) + more


def _below(folder: Path) -> dict[str, Path]:
    """Files below a folder by path, but for those of git and of our own."""
    found = {}
    for top, folders, names in os.walk(folder):
        own = (Path(top) / ".git", home().resolve())
        folders[:] = sorted(name for name in folders if Path(top) / name not in own)
        for path in (Path(top) / name for name in sorted(names)):
            if path.is_file():
                found[path.relative_to(folder).as_posix()] = path
    return found


def _of(files: Mapping[str, str], *, is_file: bool) -> str:
    """Of a file the beginning of its hash, whatever it is called; of a folder that of the list of its files."""
    if is_file and not (digest := next(iter(files.values()))).startswith("size"):
        return digest[:LENGTH]
    listed = "".join(f"{digest} {name}\n" for name, digest in files.items())
    return hashlib.sha256(listed.encode()).hexdigest()[:LENGTH]
