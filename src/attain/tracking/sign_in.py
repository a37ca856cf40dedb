"""Signing in: who somebody is, by password, token or session; tried too often it is refused for a while."""

import secrets
import threading
import time

from sqlalchemy import Engine

from attain.core.errors import UserError
from attain.tracking.access import TOKEN_START, Clock
from attain.tracking.liveness import now_ms
from attain.tracking.passwords import Checker
from attain.tracking.rights import Asker
from attain.tracking.sql import failures, ledger, principals, proofs
from attain.tracking.sql.engine import reading, writing
from attain.tracking.sql.proofs import Kept, Pending

SESSION_MS = 12 * 60 * 60 * 1000
PENDING_MS = 10 * 60 * 1000
MOST_BY_BOTH, MOST_BY_USER, MOST_BY_ADDRESS = 10, 100, 100
"""Failed tries within a quarter of an hour: of one user from one address, of one user, and from one address."""

_MOST_ADDRESSES = 10_000


class Refused(UserError):  # noqa: N818 - the name says what is wrong
    """Somebody could not show who they are; the message does not tell what was wrong."""


class TooMany(Refused):
    """It was tried too often lately; what was shown now was not even looked at."""


class SignIn:
    """Finds out who asks. Safe to use from several threads; several processes count failures together."""

    def __init__(self, engine: Engine, clock: Clock = now_ms) -> None:
        self._engine, self._clock, self._checker = engine, clock, Checker()
        self._strangers: dict[str, float] = {}
        self._lock = threading.Lock()

    def by_password(self, name: str, password: str, address: str) -> Asker:
        """The user who has this name and password, or this name and the token that stands in the password's place.

        Raises:
            Refused: there is none.
        """
        if password.startswith(TOKEN_START):
            return self.by_token(password, address, name)
        with reading(self._engine) as c:
            kept = proofs.password(c, name)
        return self._proved(kept, password, f"user {name}", "password", address)

    def by_token(self, token: str, address: str, name: str | None = None) -> Asker:
        """The user whose token this is, and who is called `name` if that is given."""
        start, _, rest = token.partition("_")
        prefix = rest.partition("_")[0] if f"{start}_" == TOKEN_START and rest.isascii() and rest.isprintable() else ""
        with reading(self._engine) as c:
            kept = proofs.token(c, prefix, self._clock())
        asker = self._proved(kept, token, f"token {prefix[:12]}", "token", address)
        if name is not None and name != asker.name:
            raise self._failed(f"token {prefix[:12]}", "token", address)
        return asker

    def by_session(self, secret: str) -> Asker:
        """The user who signed in with the session that has this secret."""
        with reading(self._engine) as c:
            user = proofs.session(c, secret, self._clock())
            if user is None:
                raise Refused("The session has ended. Sign in again.")
            return principals.asker(c, user)

    def stranger(self, address: str, asked: str) -> None:
        """Put into the ledger that somebody showed nothing at all: once a quarter of an hour for each address."""
        now = time.monotonic()
        with self._lock:
            if self._strangers.get(address, 0.0) > now:
                return
            if len(self._strangers) >= _MOST_ADDRESSES:
                self._strangers.clear()
            self._strangers[address] = now + failures.WINDOW_MS / 1000
        with writing(self._engine) as c:
            ledger.append(c, self._clock(), "", "denied", asked, {"address": address, "reason": "nobody signed in"})

    # Sessions

    def start_session(self, name: str, by: str, address: str, before: str | None = None) -> str:
        """Start a session with a new secret; the one `before` ends. `by` says how the user was recognised."""
        secret, now = secrets.token_urlsafe(32), self._clock()
        with writing(self._engine) as c:
            if before is not None:
                proofs.end_session(c, before)
            proofs.add_session(c, secret, principals.number_of(c, "user", name), now, now + SESSION_MS)
            ledger.append(c, now, name, "session.start", f"user {name}", {"by": by, "address": address})
        return secret

    def end_session(self, secret: str) -> None:
        """Sign out; a session that has ended already is fine."""
        with writing(self._engine) as c:
            user = proofs.session(c, secret, self._clock())
            proofs.end_session(c, secret)
            if user is not None:
                name = principals.asker(c, user).name
                ledger.append(c, self._clock(), name, "session.end", f"user {name}", {})

    # Sign-ins at an identity provider

    def begin(self, pending: Pending) -> str:
        """Keep what the provider's answer must fit to; the state that the answer must bring back."""
        state = secrets.token_urlsafe(32)
        with writing(self._engine) as c:
            proofs.add_pending(c, state, pending, self._clock(), self._clock() + PENDING_MS)
        return state

    def answered(self, state: str) -> Pending:
        """What was kept under a state; it is good for one answer."""
        with writing(self._engine) as c:
            pending = proofs.take_pending(c, state, self._clock())
        if pending is None:
            raise Refused("The sign-in took too long, or was answered before. Begin again.")
        return pending

    def provided(self, subject: str, name: str, groups: list[str]) -> Asker:
        """The user whom an identity provider has recognised; made now if this is the first time.

        Raises:
            Exists: somebody else has the name already.
        """
        with writing(self._engine) as c:
            user = principals.with_subject(c, subject)
            if user is None:
                user = principals.add(c, "user", name, self._clock(), subject=subject)
                ledger.append(c, self._clock(), name, "user.add", f"user {name}", {"subject": subject})
            principals.set_provided_groups(c, user, groups)
            return principals.asker(c, user)

    def failed(self, what: str, by: str, address: str) -> None:
        """Put into the ledger that somebody could not show who they are."""
        with writing(self._engine) as c:
            ledger.append(c, self._clock(), "", "sign_in.failed", what, {"by": by, "address": address})

    def _proved(self, kept: Kept, secret: str, who: str, by: str, address: str) -> Asker:
        if kept.user is not None and self._checker.knows(kept.hash, secret):
            with reading(self._engine) as c:
                return principals.asker(c, kept.user)
        tries = {f"{who} {address}": MOST_BY_BOTH, who: MOST_BY_USER, f"address {address}": MOST_BY_ADDRESS}
        self._count(tries, who, by, address)
        if not self._checker.matches(kept.hash, secret) or kept.user is None:
            raise self._failed(who, by, address)
        with writing(self._engine) as c:
            failures.forgive(c, tries)
            asker = principals.asker(c, kept.user)
            ledger.append(c, self._clock(), asker.name, "sign_in", who, {"by": by, "address": address})
        return asker

    def _count(self, tries: dict[str, int], who: str, by: str, address: str) -> None:
        with writing(self._engine) as c:
            counts = failures.count(c, tries, self._clock())
            over = [thing for thing in tries if counts[thing] > tries[thing]]
            if over:  # or a stranger who is held back at one address would shut out the user everywhere
                failures.forgive(c, [thing for thing in tries if thing not in over])
            if any(counts[thing] == tries[thing] + 1 for thing in over):  # the first to be too many, not each
                ledger.append(c, self._clock(), "", "sign_in.limited", who, {"by": by, "address": address})
        if over:
            raise TooMany("Signing in failed too often. Wait a quarter of an hour, then try again.")

    def _failed(self, who: str, by: str, address: str) -> Refused:
        self.failed(who, by, address)
        return Refused(f"The {'user name or the ' if by == 'password' else ''}{by} is wrong, or no longer good.")
