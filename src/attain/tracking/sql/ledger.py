"""The ledger: what must be answered for, in rows that are only ever added, each sealed with the hash of the one before.

Whoever changes, removes or slips in a row breaks the chain from there on. Cutting off the newest rows leaves a whole,
shorter chain: note the last hash elsewhere from time to time, and ask `verify` whether it is still there.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, fields

from sqlalchemy import Connection, func, insert, select, text

from attain.tracking.entities import Page
from attain.tracking.pages import after, checked_size, token
from attain.tracking.sql import tables as t

FIRST = "0" * 64
"""What stands for the hash before the first row."""

_AT_ONCE = 1_000
_LAST = select(func.max(t.ledger.c.seq))
_GAP = "The row is missing, or rows before it are."

Fact = str | int | float | bool | None | Sequence[str]


@dataclass(frozen=True)
class Entry:
    """One row: at `time` (ms) `actor` did `action` to `object`; `details` is canonical JSON.

    `hash` is the SHA-256 of the JSON list of all that stands before it.
    """

    seq: int
    time: int
    actor: str
    action: str
    object: str
    details: str
    previous: str
    hash: str


@dataclass(frozen=True)
class Verdict:
    """What checking the chain found.

    Attributes:
        rows: how many rows were found whole, from the first on.
        head: the hash of the last of them.
        broken: the number of the first row that is not as it was written; None if there is none.
        reason: what is wrong with it.
    """

    rows: int
    head: str
    broken: int | None = None
    reason: str = ""


def hold(c: Connection) -> None:
    """Let nobody else add a row until the transaction ends.

    On SQLite any write holds the only lock; on PostgreSQL the table is locked here, and readers are not held up.
    """
    if c.dialect.name == "postgresql":
        c.execute(text("LOCK TABLE ledger IN EXCLUSIVE MODE"))


def append(c: Connection, now: int, actor: str, action: str, object: str, details: Mapping[str, Fact]) -> Entry:
    """Add a row; it is kept if the transaction is.

    One transaction at a time adds (see `hold`), so this should be the last that it does.
    """
    hold(c)
    last = c.execute(select(t.ledger.c.seq, t.ledger.c.hash).order_by(t.ledger.c.seq.desc()).limit(1)).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, FIRST)
    parts = (seq, now, _plain(actor), action, _plain(object), _canonical(details), previous)
    entry = Entry(*parts, hash=sealed(parts))
    c.execute(insert(t.ledger).values({field.name: getattr(entry, field.name) for field in fields(Entry)}))
    return entry


def last(c: Connection) -> int:
    """The number of the newest row; 0 if there is none."""
    number: int | None = c.execute(_LAST).scalar()
    return number or 0


def listed(c: Connection, max_results: int, page_token: str | None, action: str = "") -> Page[Entry]:
    """Rows whose action begins so, the newest first (by primary key)."""
    size = checked_size(max_results)
    query = select(t.ledger).order_by(t.ledger.c.seq.desc()).limit(size + 1)
    if page_token:
        query = query.where(t.ledger.c.seq < after(["ledger"], page_token, [int])[0])
    if action:
        query = query.where(t.ledger.c.action.startswith(action, autoescape=True))
    entries = [Entry(*row) for row in c.execute(query)]
    following = token(["ledger"], [entries[size - 1].seq]) if len(entries) > size else None
    return Page(entries[:size], following)


def about(c: Connection, object: str, actions: Sequence[str]) -> list[Entry]:
    """The rows of some kinds about one thing, the oldest first (along the primary key)."""
    wanted = (t.ledger.c.object == _plain(object)) & t.ledger.c.action.in_(actions)
    return [Entry(*row) for row in c.execute(select(t.ledger).where(wanted).order_by(t.ledger.c.seq))]


def verify(c: Connection, known: str | None = None) -> Verdict:
    """Compute every hash again.

    Args:
        c: an open transaction.
        known: a hash noted earlier, which must be that of some row; None if none is known.
    """
    rows, head, seen = 0, FIRST, known in (None, FIRST)
    for entry in _all(c):
        if entry.seq != rows + 1 or entry.previous != head:
            reason = _GAP if entry.seq != rows + 1 else "It does not follow the row before."
            return Verdict(rows, head, rows + 1, reason)
        if sealed(astuple(entry)[:-1]) != entry.hash:
            return Verdict(rows, head, entry.seq, "It is not what was written: its hash is another.")
        rows, head, seen = entry.seq, entry.hash, seen or entry.hash == known
    if not seen:
        return Verdict(rows, head, rows + 1, f"The row with the hash {known!r} is gone: the end is cut off.")
    return Verdict(rows, head)


def sealed(parts: Sequence[str | int]) -> str:
    """The hash of a row: SHA-256 of its other columns as a JSON list."""
    return hashlib.sha256(json.dumps(list(parts), separators=(",", ":"), ensure_ascii=True).encode()).hexdigest()


def _all(c: Connection) -> Iterator[Entry]:
    last = -(2**62)
    while rows := c.execute(
        select(t.ledger).where(t.ledger.c.seq > last).order_by(t.ledger.c.seq).limit(_AT_ONCE)
    ).all():
        yield from (Entry(*row) for row in rows)
        last = rows[-1].seq


def _canonical(details: Mapping[str, Fact]) -> str:
    return json.dumps(dict(details), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def _plain(given: str) -> str:
    """Text that every database gives back as it was: what a stranger typed may hold anything."""
    return given.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()[:500]
