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
    before, now = values(kept), values(again)
    every = {**before, **now}
    places = [place for place in every if before.get(place, ...) != now.get(place, ...)]
    if not every:
        return Check(what, True, "there are none, as then")
    if not places:
        return Check(what, True, f"all {len(every):,} values came out the same")
    listed = ", ".join(places[:MOST]) + (", …" if len(places) > MOST else "")
    return Check(what, False, f"{len(places):,} of {len(every):,} values differ: {listed}. {code}".rstrip())


def values(plain: Any, place: str = "") -> dict[str, Any]:  # JSON
    """Each single value of some plain data by its place.

    >>> values({"a": [1, 2], "b": {}})
    {'a.0': 1, 'a.1': 2}
    """
    if not isinstance(plain, dict | list):
        return {place or "everything": plain}
    parts = plain.items() if isinstance(plain, dict) else enumerate(plain)
    return {k: v for name, part in parts for k, v in values(part, f"{place}.{name}" if place else str(name)).items()}
