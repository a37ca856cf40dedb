"""The data files of a run, for an archive that may hold them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attain.core.errors import UserError
from attain.core.fingerprint import of_file
from attain.core.places import data_folders
from attain.repro.archive.read import DATA


def data_files(data: Sequence[Mapping[str, Any]], folders: Sequence[Path]) -> dict[str, Path]:  # JSON
    """Each path in an archive and the file to put there.

    Args:
        data: what `provenance.json` says of the data.
        folders: where files may lie, beside the folders of data and where they were when the run was made.

    Raises:
        UserError: a file is gone or changed.
    """
    found: dict[str, Path] = {}
    for one in data:
        for name, digest in one["source_sha256"].items():
            set_, at = one["name"].partition(" ")[0], one["files"].get(name)
            known = [Path(at)] if at else [path for folder in data_folders() for path in folder.glob(f"*/{name}")]
            known += [folder / name for folder in folders]
            same = next((path for path in known if path.is_file() and of_file(path) == digest), None)
            if same is None:
                raise UserError(
                    f"The data file {name!r} of {one['name']!r} (SHA-256 {digest[:16]}…) is gone or changed; export "
                    "without --with-data, or name the folder it is in with --data."
                )
            found[f"{DATA}/{name}" if at else f"{DATA}/{same.parent.name or set_}/{name}"] = same
    return found
