"""Taking in what killed processes had logged but not yet written to the store."""

import logging

from attain.tracking.errors import Unavailable
from attain.tracking.journal import abandoned
from attain.tracking.store_protocol import Store

FOLDER = "journal"
PIECE = 10_000
"""Points that are written in one transaction."""

_log = logging.getLogger(__name__)


def recover(store: Store) -> int:
    """Move the points of abandoned journals into the store; how many there were.

    Points that the store has already are not doubled, so it may be stopped and run again at any moment.

    Raises:
        Unavailable: the store cannot be written to; the journals stay.
    """
    total = 0
    for path in sorted((store.folder / FOLDER).glob("*.jsonl")):
        with abandoned(path, store.name) as points:
            if points is None:
                continue
            for start in range(0, len(points), PIECE):
                store.add_points(points[start : start + PIECE])
            path.unlink(missing_ok=True)
            total += len(points)
    if total:
        _log.info("Took in %d metric points that a killed process had logged.", total)
    return total


def recover_if_possible(store: Store) -> None:
    """`recover`, or a warning where the store cannot be written to now: it can perhaps be read; the journals wait."""
    try:
        recover(store)
    except Unavailable as error:
        _log.warning("Metrics that a killed process left cannot be taken in now. %s", error)
