"""Taking in what killed processes had logged but not yet written to the store."""

import logging
from collections.abc import Sequence

from attain.tracking.errors import Invalid, NotFound, Unavailable
from attain.tracking.journal import Ending, abandoned
from attain.tracking.store_protocol import Store

FOLDER = "journal"
PIECE = 10_000
"""Points that are written in one transaction."""

_log = logging.getLogger(__name__)


def recover(store: Store) -> int:
    """Move what is in abandoned journals into the store; how many points there were.

    Points that the store has already are not doubled, so it may be stopped and run again at any moment.

    Raises:
        Unavailable: the store cannot be written to; the journals stay.
    """
    total = 0
    for path in sorted((store.folder / FOLDER).glob("*.jsonl")):
        with abandoned(path, store.name) as entries:
            if entries is None:
                continue
            points = [entry for entry in entries if not isinstance(entry, Ending)]
            for start in range(0, len(points), PIECE):
                store.add_points(points[start : start + PIECE])
            end_runs(store, [entry for entry in entries if isinstance(entry, Ending)])
            path.unlink(missing_ok=True)
            total += len(points)
    if total:
        _log.info("Took in %d metric points that a killed process had logged.", total)
    return total


def end_runs(store: Store, endings: Sequence[Ending]) -> None:
    """Give runs the ends that could not be written when they came; a run that was deleted since keeps its own."""
    for ending in endings:
        try:
            store.update_run(ending.run_id, status=ending.status, end_time=ending.time)
        except (NotFound, Invalid) as error:
            _log.warning("The end of a run could not be written. %s", error)


def recover_if_possible(store: Store) -> None:
    """`recover`, or a warning where the store cannot be written to now: it can perhaps be read; the journals wait."""
    try:
        recover(store)
    except Unavailable as error:
        _log.warning("Metrics that a killed process left cannot be taken in now. %s", error)
