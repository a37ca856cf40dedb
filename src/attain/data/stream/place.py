"""Room on disk for a preparation: found before it begins, and cleared whether it ends or is killed."""

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from attain.core.errors import UserError

_ENDING = ".streaming"


@contextlib.contextmanager
def workplace(cache: Path) -> Iterator[Path]:
    """A folder beside the prepared data that is gone afterwards.

    It is locked as long as its process lives: what a killed one left is removed by the next.

    Raises:
        UserError: it cannot be made.
    """
    with contextlib.ExitStack() as stack:
        try:
            cache.mkdir(parents=True, exist_ok=True)
            with (cache / f"lock{_ENDING}").open("a") as door:
                fcntl.flock(door, fcntl.LOCK_EX)  # else another process could clear the new folder before it is locked
                _clear(cache)
                folder = Path(tempfile.mkdtemp(prefix=".", suffix=_ENDING, dir=cache))
                stack.callback(shutil.rmtree, folder, ignore_errors=True)
                lock = stack.enter_context((folder / "lock").open("w"))
                fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            raise UserError(
                f"The data cannot be prepared in {str(cache)!r}: {error.strerror}. "
                "Set ATTAIN_HOME to a folder that can be written."
            ) from None
        yield folder


def check_room(cache: Path, needed: int) -> None:
    """Refuse to begin where the disk is too full.

    Args:
        cache: where the work will be.
        needed: bytes.

    Raises:
        UserError: fewer are free.
    """
    there = next(folder for folder in (cache, *cache.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < needed:
        raise UserError(
            f"Preparing takes about {needed / 1e9:.1f} GB of disk for a while and {str(there)!r} has "
            f"{free / 1e9:.1f} GB free; free some, or set ATTAIN_HOME to a folder on a larger disk."
        )


def _clear(cache: Path) -> None:
    """Remove the folders of processes that are no more."""
    for folder in cache.glob(f".*{_ENDING}"):
        with contextlib.suppress(FileNotFoundError), (folder / "lock").open("r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
        shutil.rmtree(folder, ignore_errors=True)
