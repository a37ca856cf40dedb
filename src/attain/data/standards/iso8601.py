"""Moments and durations as ISO 8601 writes them."""

import re

from attain.core.moments import seconds_of
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
    if not isinstance(value, str) or (found := seconds_of(value)) is None:
        raise Unreadable("its time is not one of ISO 8601")
    return found


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
