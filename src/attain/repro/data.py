"""Whether the data of a run are still what they were; a changed row is named."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attain.core.errors import UserError
from attain.data.columns import change_in
from attain.data.stream.files import are_there, find_files


def placed(
    suite: dict[str, Any], data: Sequence[Mapping[str, Any]], folders: Sequence[Path], *, elsewhere: bool
) -> dict[str, Any]:  # JSON
    """The suite with each file where it is now: the first with the bytes of then, else the first of that name.

    Args:
        suite: the suite as it is run.
        data: what was kept of its data.
        folders: where relative paths may start, and files may lie.
        elsewhere: whether a file may also be where it was when the run was made.

    Raises:
        UserError: a file is gone.
    """
    known = {name: (digest, one) for one in data for name, digest in one["source_sha256"].items()}
    choices = []
    for choice in suite["datasets"]:
        if not choice.get("file"):
            choices.append(choice)
            continue
        name = Path(choice["file"]).name
        digest, one = known.get(name, ("", {}))
        candidates = [path for folder in folders for path in (folder / choice["file"], folder / name)]
        if elsewhere and (at := one.get("files", {}).get(name)):
            candidates.append(Path(at))
        there = [path.resolve() for path in candidates if are_there(path)]
        if not there:
            raise UserError(
                f"The data file {choice['file']!r} of the run is gone; put the file with SHA-256 {digest[:16]}… into a "
                "folder and name that with --data."
            )
        same = [path for path in there if digest in find_files(path).sha256().values()]
        choices.append(choice | {"file": str((same or there)[0])})
    return suite | {"datasets": choices}


def changes(then: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]]) -> tuple[list[str], bool]:  # JSON
    """What changed in data sets, in words, and whether their bytes alone are others."""
    before, said, bytes_only = {one["name"]: one for one in then}, [], False
    for one in now:
        was = before.get(one["name"]) or (then[0] if len(then) == len(now) == 1 else None)
        if was is None or was["fingerprint"] == one["fingerprint"]:
            continue
        if what := change_in(was["columns"], one["columns"]):
            files = ", ".join(was["source_sha256"])
            said.append(f"{was['name']}{f' ({files})' if files else ''}: {what}")
        else:
            bytes_only = True
    return said, bytes_only
