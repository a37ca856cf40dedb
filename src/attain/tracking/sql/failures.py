"""How often signing in failed lately, by user and address: kept in the store, so that all workers count together."""

import hashlib
from collections.abc import Collection

from sqlalchemy import Connection, delete, select, update

from attain.tracking.sql.dialect import insert_new
from attain.tracking.sql.tables import failures

WINDOW_MS = 15 * 60 * 1000


def count(c: Connection, things: Collection[str], now: int) -> dict[str, int]:
    """Count one try more for each of several things; how many each has had within a quarter of an hour, with this one.

    Args:
        c: a write transaction; until it ends, others who count the same wait.
        things: what is counted, such as a user's name together with an address.
        now: ms.
    """
    c.execute(delete(failures).where(failures.c.since <= now - WINDOW_MS))
    keys = {key_of(thing): thing for thing in things}
    insert_new(c, failures, [{"key": key, "count": 0, "since": now} for key in sorted(keys)])
    theirs = select(failures.c.key).where(failures.c.key.in_(keys)).order_by(failures.c.key)
    c.execute(theirs.with_for_update())  # always in the same order, so that no two wait for each other
    c.execute(update(failures).where(failures.c.key.in_(keys)).values(count=failures.c["count"] + 1))
    rows = c.execute(select(failures.c.key, failures.c["count"]).where(failures.c.key.in_(keys)))
    return {keys[key]: number for key, number in rows}


def forgive(c: Connection, things: Collection[str]) -> None:
    """Take back one try of each thing: it was none that failed."""
    keys = [key_of(thing) for thing in things]
    fewer = update(failures).where(failures.c.key.in_(keys), failures.c["count"] > 0)
    c.execute(fewer.values(count=failures.c["count"] - 1))


def key_of(thing: str) -> str:
    """What is kept of a thing: not what a stranger typed, which may be a password in the wrong field."""
    return hashlib.sha256(thing.encode(errors="surrogatepass")).hexdigest()
