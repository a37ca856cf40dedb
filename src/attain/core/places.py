"""Where attain looks for things by name: cards and suites, data files, and its own home."""

import os
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def project_folders(name: str) -> list[Path]:
    """Folders called `name` (`datasets`, `configs`) in the order they are searched.

    The working folder comes first, then the folder that came with attain (inside the package when it was installed
    from a wheel, in the repository when it runs from source).
    """
    candidates = [Path.cwd() / name, _PACKAGE / "_project" / name, _PACKAGE.parents[1] / name]
    found: list[Path] = []
    for path in candidates:
        if path.is_dir() and path.resolve() not in [f.resolve() for f in found]:
            found.append(path)
    return found


def data_folders() -> list[Path]:
    """Folders in which data sets lie, each in a folder of its own name: those of `ATTAIN_DATA`, then our downloads."""
    listed = os.environ.get("ATTAIN_DATA", "")
    return [*(Path(p).expanduser() for p in listed.split(os.pathsep) if p), home() / "data"]


def home() -> Path:
    """The folder of the store, the cache and downloads: `ATTAIN_HOME`, or `.attain` in the working folder."""
    return Path(os.environ.get("ATTAIN_HOME", "") or Path.cwd() / ".attain").expanduser()
