"""Collecting garbage: contents of artifacts that no run and no logged model has any more; trainings long stopped."""

import shutil
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from attain.core.places import home
from attain.tracking.blobs import Stored
from attain.tracking.errors import Invalid
from attain.tracking.sql.store import Store

GRACE_S = 24 * 3600.0
"""How old a content must be by default; one just brought in may be waiting for its run to say that it has it."""

LEAST_GRACE_S = 3600.0
TOGETHER = 100
"""Contents that are removed while no process can say that a run has a file."""
CHECKPOINT_DAYS = 7
"""How long a training that was stopped waits to be taken up again."""


def old_checkpoints(stores: Sequence[Store], *, dry_run: bool = False, now: float | None = None) -> int:
    """Remove what trainings that were stopped left for going on, where nothing in it changed for a week; how many.

    Never takes what belongs to a job (its folder is named by the job's key) that is being done.

    Args:
        stores: those that may know of the jobs.
        dry_run: remove nothing, only count.
        now: s since 1970; the clock's time if not given.
    """
    before = (time.time() if now is None else now) - CHECKPOINT_DAYS * 24 * 3600
    old = [folder for folder in (home() / "checkpoints").glob("*/") if _changed(folder) < before]
    at_work = {key for store in stores for key in store.claimed([folder.name for folder in old])}
    left = [folder for folder in old if folder.name not in at_work]
    for folder in [] if dry_run else left:
        shutil.rmtree(folder, ignore_errors=True)
    return len(left)


def _changed(folder: Path) -> float:
    """When something in a folder changed last, in s since 1970; files that vanish meanwhile change the folder."""
    newest = 0.0
    for path in [*folder.rglob("*"), folder]:
        with suppress(FileNotFoundError):
            newest = max(newest, path.stat().st_mtime)
    return newest


@dataclass(frozen=True)
class Collected:
    """What was removed, or would be: contents, their bytes, uploads that a killed process left; and what stays."""

    contents: int
    bytes: int
    halves: int
    kept: int


def collect(
    store: Store,
    older_than: float = GRACE_S,
    *,
    dry_run: bool = False,
    beside: Sequence[Store] = (),
    now: float | None = None,
) -> Collected:
    """Remove contents that no run and no logged model has, deleted ones included.

    Never takes what is referenced, also not what another process logs at this moment: references are looked at once
    more while none can be added, and a process that finds its content there before it adds a reference looks again
    afterwards (see `artifacts._keep`).

    Args:
        store: whose artifacts to look at.
        older_than: seconds since a content came, at least an hour.
        dry_run: remove nothing, only count.
        beside: other stores that keep contents in the same place.
        now: s since 1970; the clock's time if not given.

    Raises:
        Invalid: another store keeps contents in the same place and is not in `beside`; or the time is too short.
    """
    if older_than < LEAST_GRACE_S:
        raise Invalid(f"Contents {older_than:.0f} s old may belong to a file that is being logged; take 1 h or more.")
    stores = sorted([store, *beside], key=lambda one: one.name)
    _check_marks(store, stores)
    before = (time.time() if now is None else now) - older_than
    count = size = kept = 0
    for some in _in_parts(store.blobs.stored()):
        lost = _unreferenced(stores, [blob for blob in some if blob.modified < before])
        if lost and not dry_run:
            lost = _removed(store, stores, lost)
        count, size, kept = count + len(lost), size + sum(b.size for b in lost), kept + len(some) - len(lost)
    halves = 0 if dry_run else store.blobs.remove_halves(before)
    return Collected(count, size, halves, kept)


def _check_marks(store: Store, stores: Sequence[Store]) -> None:
    if others := set(store.blobs.marks()) - {one.name for one in stores}:
        raise Invalid(
            f"The place {store.blobs.place!r} also holds artifacts of {', '.join(map(repr, sorted(others)))}, which "
            "this store knows nothing of. Name each of these stores too (--beside URI); if one is gone for good, "
            "remove the file with its name in the folder 'stores' there."
        )


def _unreferenced(stores: Sequence[Store], blobs: Sequence[Stored]) -> list[Stored]:
    names = [blob.sha256 for blob in blobs]
    taken = set().union(*(one.referenced(names) for one in stores)) if names else set()
    return [blob for blob in blobs if blob.sha256 not in taken]


def _removed(store: Store, stores: Sequence[Store], blobs: Sequence[Stored]) -> list[Stored]:
    """Remove those that are still not referenced, while nobody can add a reference."""
    names = [blob.sha256 for blob in blobs]
    with ExitStack() as stack:
        taken = set().union(*(stack.enter_context(one.holding_artifacts())(names) for one in stores))
        lost = [blob for blob in blobs if blob.sha256 not in taken]
        store.blobs.remove([blob.sha256 for blob in lost])
    return lost


def _in_parts(blobs: Iterable[Stored]) -> Iterator[list[Stored]]:
    rest = iter(blobs)
    while some := list(islice(rest, TOGETHER)):
        yield some
