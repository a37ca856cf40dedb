"""The files that a script made, found by patterns below the project's folder and nowhere else."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attain.core.places import home
from attain.tracking import artifacts
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.store_protocol import Store

FOLDER = "outputs"
"""Where outputs lie among the files of a run."""

Seen = Mapping[Path, tuple[int, int]]
"""Files with size and time of change, in ns."""


@dataclass(frozen=True)
class Outputs:
    """What was kept.

    Attributes:
        files: how many.
        size: their bytes.
        said: what was not kept and why, a sentence each.
    """

    files: int
    size: int
    said: tuple[str, ...]


def seen(folder: Path, patterns: Sequence[str]) -> Seen:
    """Files that patterns find now."""
    states = {path: path.stat() for pattern in patterns for path in _found(folder, pattern)}
    return {path: (state.st_size, state.st_mtime_ns) for path, state in states.items()}


def keep(store: Store, run_id: str, folder: Path, patterns: Sequence[str], before: Seen) -> Outputs:
    """Keep with a run the files that are new or were written anew; one that leads out of the folder is not kept."""
    top, said, kept, size = folder.resolve(), [], 0, 0
    after = seen(folder, patterns)
    for pattern in patterns:
        found = _found(folder, pattern)
        if not found:
            said.append(f"Nothing was found for the output {pattern!r}.")
        elif all(before.get(path) == after[path] for path in found):
            said.append(f"The run wrote nothing anew of the output {pattern!r}, so the old files are not kept with it.")
    for path in sorted(path for path in after if before.get(path) != after[path]):
        name = path.relative_to(folder).as_posix()
        if not path.resolve().is_relative_to(top):
            said.append(f"The output {name!r} leads out of the project's folder and is not kept.")
            continue
        try:
            artifacts.log_artifact(store, run_id, path, f"{FOLDER}/{name}".rpartition("/")[0])
        except (Invalid, NotFound) as problem:
            said.append(f"The output {name!r} is not kept. {problem}")
            continue
        kept, size = kept + 1, size + after[path][0]
    return Outputs(kept, size, tuple(said))


def _found(folder: Path, pattern: str) -> list[Path]:
    """Files that a pattern names, and all files below folders that it names; never those of git or of our own."""
    found: list[Path] = []
    for path in sorted(folder.glob(pattern.rstrip("/"))):
        if path.is_file():
            found.append(path)
        elif path.is_dir():
            for top, folders, names in os.walk(path):
                folders[:] = sorted(name for name in folders if name != ".git")
                found += [one for one in (Path(top) / name for name in sorted(names)) if one.is_file()]
    own = home().resolve()
    return [path for path in found if ".git" not in path.parts and not path.resolve().is_relative_to(own)]
