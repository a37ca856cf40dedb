"""Moments as ISO 8601 writes them."""

from datetime import UTC, datetime


def seconds_of(text: str) -> float | None:
    """Seconds since 1970, UTC where no zone is named; None for what is no moment.

    >>> seconds_of("1970-01-01T01:00:00.500+00:00"), seconds_of("noon")
    (3600.5, None)
    """
    try:
        found = datetime.fromisoformat(text.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None
