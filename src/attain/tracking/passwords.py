"""Secrets: kept as argon2id hashes only, checked without telling by time, remembered for a while once checked."""

import functools
import hmac
import secrets
import threading
import time
from typing import TYPE_CHECKING

from attain.core.errors import UserError
from attain.tracking.errors import Invalid

if TYPE_CHECKING:
    from argon2 import PasswordHasher

SHORTEST, LONGEST = 12, 1_000
REMEMBERED_S = 300.0
"""How long a checked secret need not be hashed again. Its hash is read from the store each time all the same, so that
a token that is revoked or a password that is changed stops working at once."""

_MOST = 10_000
_AT_ONCE = threading.BoundedSemaphore(2)  # each takes 19 MiB and a core for some 20 ms


def checked_password(password: str) -> str:
    """A password that may be set."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid(
            f"The password has {len(password)} characters; expected {SHORTEST} to {LONGEST}. "
            "Several words in a row are easy to keep in mind."
        )
    return password


def hashed(secret: str) -> str:
    """The argon2id hash of a secret, with its salt and costs."""
    with _AT_ONCE:
        return _hasher().hash(secret)


class Checker:
    """Compares secrets with hashes; safe to use from several threads. One a process."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._until: dict[bytes, float] = {}

    def matches(self, hash: str | None, secret: str) -> bool:
        """Whether a secret belongs to a hash; without a hash it never does, and that takes as long to find out."""
        mark = hmac.digest(self._key, f"{hash}\x00{secret}".encode(errors="surrogatepass"), "sha256")
        if self._until.get(mark, 0.0) > time.monotonic():
            return True
        if len(secret) > LONGEST or not _verified(hash or _nobody(), secret) or hash is None:
            return False
        if len(self._until) >= _MOST:
            self._until.clear()
        self._until[mark] = time.monotonic() + REMEMBERED_S
        return True

    def knows(self, hash: str | None, secret: str) -> bool:
        """Whether a secret was found to belong to a hash a short time ago, so that `matches` costs nothing."""
        mark = hmac.digest(self._key, f"{hash}\x00{secret}".encode(errors="surrogatepass"), "sha256")
        return self._until.get(mark, 0.0) > time.monotonic()


def _verified(hash: str, secret: str) -> bool:
    from argon2.exceptions import VerifyMismatchError

    try:
        with _AT_ONCE:
            return _hasher().verify(hash, secret.encode(errors="surrogatepass"))
    except VerifyMismatchError:
        return False


@functools.cache
def _nobody() -> str:
    return hashed(secrets.token_urlsafe())


@functools.cache
def _hasher() -> "PasswordHasher":
    try:
        from argon2 import PasswordHasher
    except ModuleNotFoundError:
        raise UserError("Passwords and tokens need argon2. Install it: pip install 'attain[server]'.") from None
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)  # as OWASP's cheat sheet has it
