"""Numbers, moments and states as pages say them."""

import math
import sys
from datetime import UTC, datetime

DAY_MS = 86_400_000
ENDLESS = sys.float_info.max
"""As which a store keeps infinity."""


def number(value: float | None) -> str:
    """Four significant digits; – for none.

    >>> number(0.998), number(12345.6), number(32), number(None), number(float("nan"))
    ('0.9980', '12,346', '32', '–', 'not a number')
    """
    if value is None:
        return "–"
    if math.isnan(value):
        return "not a number"
    if abs(value) >= ENDLESS:
        return "∞" if value > 0 else "−∞"
    if abs(value) >= 1e15:
        return f"{value:.3e}"
    if abs(value) >= 10_000 or (value == int(value) and abs(value) >= 2):
        return f"{value:,.0f}"
    if value != 0 and abs(value) < 1e-4:
        return f"{value:.2e}"
    return f"{value:#.4g}"


def half(value: float) -> str:
    """Half an interval, to two significant digits.

    >>> half(0.009713), half(0.0025), half(12.3), half(140)
    ('0.0097', '0.0025', '12', '140')
    """
    if not math.isfinite(value) or value == 0 or abs(value) >= 10:
        return f"{value:,.0f}" if math.isfinite(value) else number(value)
    return f"{value:.{1 - math.floor(math.log10(abs(value)))}f}"


def percent(share: float) -> str:
    """A share as whole percent; 0 and 100 only for none and all.

    >>> percent(0.834), percent(0.999), percent(0.001), percent(1), percent(0)
    ('83', '99', '1', '100', '0')
    """
    return f"{share * 100 if share in (0, 1) else min(max(share * 100, 1), 99):.0f}"


def ago(ms: int | None, now: int) -> str:
    """How long ago a moment was.

    >>> ago(0, 90_000), ago(0, 3 * 3_600_000), ago(0, 5 * DAY_MS)
    ('1 minute ago', '3 hours ago', '5 days ago')
    """
    if ms is None:
        return "–"
    seconds = max(0, (now - ms) // 1000)
    for size, word in ((86_400, "day"), (3600, "hour"), (60, "minute"), (1, "second")):
        if (count := seconds // size) >= 1:
            return f"{count:,} {word}{'s' if count > 1 else ''} ago"
    return "just now"


def moment(ms: int | None) -> str:
    """A moment in full, in UTC."""
    return "" if ms is None else datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def took(start: int, end: int | None) -> str:
    """How long something took.

    >>> took(0, 1500), took(0, 200_000), took(0, None)
    ('1.5 s', '3 min 20 s', 'still going')
    """
    if end is None:
        return "still going"
    seconds = (end - start) / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def size(count: int | None) -> str:
    """Bytes as people say them.

    >>> size(999), size(15_300), size(2_400_000)
    ('999 B', '15 KB', '2.4 MB')
    """
    if count is None:
        return ""
    for limit, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "KB")):
        if count >= limit:
            value = count / limit
            return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
    return f"{count} B"


def cut(text: str, most: int = 80) -> str:
    """A text that fits into a cell."""
    return text if len(text) <= most else text[: most - 1] + "…"
