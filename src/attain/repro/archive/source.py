"""attain's own source, for archives of runs that had it from a folder: no index has what was installed so."""

from pathlib import Path

from attain.core.places import project_folders
from attain.repro.archive.read import SOURCE

_PACKAGE = Path(__file__).resolve().parents[2]
_NOT = frozenset({"__pycache__"})


def own_source() -> dict[str, Path]:
    """Each path in an archive and the file to put there; cards and suites that came with attain too."""
    found = _below(_PACKAGE, f"{SOURCE}/attain")
    for name in ("datasets", "configs"):
        for folder in project_folders(name)[-1:]:
            found |= _below(folder, f"{SOURCE}/attain/_project/{name}")
    return found


def _below(folder: Path, at: str) -> dict[str, Path]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and not _NOT & set(path.parts))
    return {f"{at}/{path.relative_to(folder).as_posix()}": path for path in files}
