"""Is an audit still what was made? What was kept against what was sealed, and every number computed again."""

from dataclasses import dataclass
from typing import Any

from attain.audit.record import sha256

Plain = dict[str, Any]  # JSON
MOST = 3
"""So many places that differ are named."""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        what: in a few words.
        passed: None where it could not be looked at.
        said: what was found.
    """

    what: str
    passed: bool | None
    said: str


def check_bytes(what: str, content: bytes, sealed: str) -> Check:
    """Whether some bytes are those whose SHA-256 was written down."""
    found = sha256(content)
    if found == sealed:
        return Check(what, True, f"SHA-256 {found[:12]}… as it was sealed")
    return Check(what, False, f"SHA-256 is {found[:12]}…, and {sealed[:12]}… was sealed")


def check_numbers(what: str, kept: Any, again: Any, *, code: str = "") -> Check:  # JSON
    """Whether numbers computed again are those that were kept.

    Args:
        what: in a few words.
        kept: what the record says.
        again: what was computed now.
        code: what is to be said where they differ and the code is another.
    """
    places = differences(kept, again)
    if not places:
        return Check(what, True, f"all {count(kept):,} values came out the same")
    listed = ", ".join(places[:MOST]) + (", …" if len(places) > MOST else "")
    return Check(what, False, f"{len(places):,} of {count(kept):,} values differ: {listed}. {code}".rstrip())


def differences(kept: Any, again: Any, place: str = "") -> list[str]:  # JSON
    """The places where two pieces of plain data differ.

    >>> differences({"a": [1, 2], "b": 3}, {"a": [1, 5], "b": 3})
    ['a.1']
    """
    if isinstance(kept, dict) and isinstance(again, dict):
        names = sorted({*kept, *again}, key=str)
        return [d for n in names for d in differences(kept.get(n, ...), again.get(n, ...), _under(place, n))]
    if isinstance(kept, list) and isinstance(again, list) and len(kept) == len(again):
        return [
            d for i, (a, b) in enumerate(zip(kept, again, strict=True)) for d in differences(a, b, _under(place, i))
        ]
    return [] if kept == again else [place or "everything"]


def count(plain: Any) -> int:  # JSON
    """How many single values some plain data hold."""
    if isinstance(plain, dict):
        return sum(map(count, plain.values()))
    return sum(map(count, plain)) if isinstance(plain, list) else 1


def _under(place: str, name: object) -> str:
    return f"{place}.{name}" if place else str(name)
