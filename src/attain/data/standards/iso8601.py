"""Moments and durations as ISO 8601 writes them."""

import re
from datetime import UTC, datetime

from attain.data.standards.tally import Unreadable

_DURATION = re.compile(r"P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:[.,]\d+)?)S)?)?")
_SECONDS = (604_800, 86_400, 3_600, 60, 1)


def moment(value: object) -> float:
    """Seconds since 1970; UTC where no zone is named.

    >>> moment("1970-01-01T01:00:00.500+00:00")
    3600.5

    Raises:
        Unreadable: it is no moment.
    """
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value.strip())
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            pass
    raise Unreadable("its time is not one of ISO 8601")


def duration(value: object) -> float | None:
    """Seconds; None for what is no duration, or counts in months and years, which differ in length.

    >>> duration("PT1M4.5S"), duration("P1Y")
    (64.5, None)
    """
    match = _DURATION.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None or not any(match.groups()):
        return None
    parts = (float(part.replace(",", ".")) if part else 0.0 for part in match.groups())
    return sum(size * part for size, part in zip(_SECONDS, parts, strict=True))
