"""Remembering who was let through, so that the next request like it costs next to nothing.

Whatever changes rights, tokens, passwords or sessions adds a row to the ledger in the same transaction. So what was
found out is still true while the ledger has no new row, whichever process writes there, and a right that is taken away
is gone at once. Only the end of a token or session by time adds no row, hence the few seconds.
"""

import hmac
import secrets
import time
from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")

SECONDS = 5.0
_MOST = 10_000


class Memory(Generic[T]):
    """What was found, by key; safe to use from several threads. A key may be a secret: only its keyed hash is kept."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._found: dict[Hashable, tuple[int, float, T]] = {}

    def secret(self, shown: str) -> bytes:
        """A key for a secret, of no use to anyone else."""
        return hmac.digest(self._key, shown.encode(errors="surrogatepass"), "sha256")

    def get(self, key: Hashable, row: int) -> T | None:
        """What was found; None if nothing was, or the ledger's last row is another than `row`, or it is too old."""
        found = self._found.get(key)
        if found is None or found[0] != row or found[1] < time.monotonic():
            return None
        return found[2]

    def put(self, key: Hashable, row: int, value: T) -> None:
        """Remember what was found after `row` was seen to be the ledger's last."""
        if len(self._found) >= _MOST:
            self._found.clear()
        self._found[key] = (row, time.monotonic() + SECONDS, value)
