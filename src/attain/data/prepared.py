"""Finding prepared data by fingerprint: in the cache of this machine, or in a place that several machines share.

The place is `ATTAIN_PREPARED`: a folder, or an address such as `s3://bucket/prepared`. Nothing but a fingerprint
travels with a job; whoever lacks the data takes them from there once, and keeps them in its own cache.
"""

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from attain.core.errors import UserError
from attain.core.places import home
from attain.data.cache import check_prepared, find_prepared, put_prepared

PLACE = "ATTAIN_PREPARED"
ABOUT = "about.json"
"""Written last: where it is, the rest is there."""


def publish(folder: Path, fingerprint: str) -> None:
    """Put prepared data where other machines find them; nothing where no such place is named, or they are there.

    Raises:
        UserError: the place cannot be written.
    """
    if not (place := os.environ.get(PLACE, "")):
        return
    system, root = _open(place)
    target = f"{root}/{fingerprint}"
    try:
        if system.exists(f"{target}/{ABOUT}"):
            return
        system.makedirs(target, exist_ok=True)
        for path in sorted(folder.iterdir(), key=lambda path: path.name == ABOUT):
            system.put_file(str(path), f"{target}/{path.name}")
    except OSError as error:
        raise UserError(f"Prepared data cannot be written to {PLACE}={place!r}: {error}.") from None


def obtain(folder: Path, fingerprint: str) -> Path:
    """The folder of prepared data on this machine.

    Args:
        folder: where they lay when the job was planned; used where it is there.
        fingerprint: what the data are.

    Raises:
        UserError: they are nowhere that this machine can look.
    """
    if (folder / ABOUT).is_file():
        return folder
    if (found := find_prepared(fingerprint)) is not None:
        return found
    if place := os.environ.get(PLACE, ""):
        return _fetched(place, fingerprint)
    raise UserError(
        f"The prepared data {fingerprint[:12]} are not on this machine. Share attain's home with it, or set {PLACE} to "
        "a folder or bucket that all machines see."
    )


def _fetched(place: str, fingerprint: str) -> Path:
    system, root = _open(place)
    target = home() / "cache" / fingerprint
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{fingerprint}-", dir=target.parent))
    try:
        if not system.exists(f"{root}/{fingerprint}/{ABOUT}"):
            raise UserError(f"{PLACE}={place!r} does not hold the prepared data {fingerprint[:12]}.")
        for path in system.ls(f"{root}/{fingerprint}", detail=False):
            system.get_file(path, str(fresh / Path(path).name))
        check_prepared(fresh)
        put_prepared(fresh, target)
    except OSError as error:
        raise UserError(f"Prepared data cannot be read from {PLACE}={place!r}: {error}.") from None
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return target


def _open(place: str) -> tuple[Any, str]:  # fsspec has no types
    try:
        from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # it has none

        system, root = url_to_fs(place)
    except ImportError as error:
        raise UserError(f"{PLACE}={place!r} cannot be reached ({error}); install attain[s3] or the like.") from None
    except ValueError as error:
        raise UserError(f"{PLACE}={place!r} is neither a folder nor an address: {error}.") from None
    return system, str(root).rstrip("/")
