"""What proves who someone is: tokens, sessions, and sign-ins that an identity provider has yet to answer."""

import hashlib
from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select

from attain.tracking.errors import NotFound
from attain.tracking.sql import principals
from attain.tracking.sql import tables as t

_p = t.principals.c


@dataclass(frozen=True)
class Kept:
    """A user's hash of a password or token; `user` is the key, and both are None where there is none."""

    user: int | None
    hash: str | None


@dataclass(frozen=True)
class Token:
    """A token as lists show it: never the secret; times in ms, `expiry` None for one that stays good."""

    prefix: str
    user: str
    creation_time: int
    expiry: int | None


@dataclass(frozen=True)
class Pending:
    """A sign-in that is under way at an identity provider; `next` is the page to go to afterwards."""

    nonce: str
    verifier: str
    next: str


def digest(secret: str) -> str:
    """What is kept of a random secret that is long enough not to be guessed."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def password(c: Connection, name: str) -> Kept:
    """The password of a user."""
    if not name.isprintable():  # no user is called so, and not every database takes any text
        return Kept(None, None)
    row = c.execute(select(_p.id, _p.password).where(_p.kind == "user", _p.name == name)).first()
    return Kept(row.id, row.password) if row else Kept(None, None)


def add_token(c: Connection, user: str, prefix: str, hash: str, now: int, expiry: int | None) -> None:
    """Keep a new token of a user."""
    row = {"prefix": prefix, "user": principals.number_of(c, "user", user), "hash": hash}
    c.execute(insert(t.tokens).values(**row, creation_time=now, expiry=expiry))


def token(c: Connection, prefix: str, now: int) -> Kept:
    """The token with a prefix, if it has not expired."""
    row = c.execute(select(t.tokens).where(t.tokens.c.prefix == prefix)).first()
    good = row is not None and (row.expiry is None or row.expiry > now)
    return Kept(row.user, row.hash) if row is not None and good else Kept(None, None)


def tokens(c: Connection, user: str | None = None) -> list[Token]:
    """Tokens of one user, or of all, by user and time."""
    k = t.tokens.c
    query = select(k.prefix, _p.name, k.creation_time, k.expiry).join(t.principals, _p.id == k.user)
    if user is not None:
        query = query.where(k.user == principals.number_of(c, "user", user))
    return [Token(*row) for row in c.execute(query.order_by(_p.name, k.creation_time, k.prefix))]


def revoke_token(c: Connection, prefix: str) -> str:
    """Let a token be good no longer; whose it was.

    Raises:
        NotFound: there is none with this prefix.
    """
    where = t.tokens.c.prefix == prefix
    user: str | None = c.execute(select(_p.name).join(t.tokens, t.tokens.c.user == _p.id).where(where)).scalar()
    if user is None:
        raise NotFound(f"There is no token {prefix!r}. `attain user tokens` shows those there are.")
    c.execute(delete(t.tokens).where(where))
    return user


def add_session(c: Connection, secret: str, user: int, now: int, expiry: int) -> None:
    """Keep a session; those that have expired are forgotten."""
    c.execute(delete(t.sessions).where(t.sessions.c.expiry <= now))
    c.execute(insert(t.sessions).values(digest=digest(secret), user=user, creation_time=now, expiry=expiry))


def session(c: Connection, secret: str, now: int) -> int | None:
    """The user of a session; None if there is none, or it has expired."""
    s = t.sessions.c
    user: int | None = c.execute(select(s.user).where(s.digest == digest(secret), s.expiry > now)).scalar()
    return user


def end_session(c: Connection, secret: str) -> None:
    """Forget a session; nothing happens if there is none."""
    c.execute(delete(t.sessions).where(t.sessions.c.digest == digest(secret)))


def add_pending(c: Connection, state: str, pending: Pending, now: int, expiry: int) -> None:
    """Keep what a provider's answer must fit to; what nobody answered is forgotten."""
    c.execute(delete(t.pending_sign_ins).where(t.pending_sign_ins.c.expiry <= now))
    row = {"nonce": pending.nonce, "verifier": pending.verifier, "next": pending.next}
    c.execute(insert(t.pending_sign_ins).values(digest=digest(state), **row, expiry=expiry))


def take_pending(c: Connection, state: str, now: int) -> Pending | None:
    """The sign-in with a state, which is good for one answer; None if there is none, or it took too long."""
    w = t.pending_sign_ins.c
    row = c.execute(
        delete(t.pending_sign_ins).where(w.digest == digest(state)).returning(w.nonce, w.verifier, w.next, w.expiry)
    ).first()
    return Pending(row.nonce, row.verifier, row.next) if row is not None and row.expiry > now else None
