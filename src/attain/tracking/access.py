"""Who may do what: users, groups, tokens and grants, changed with a line in the ledger, in the same transaction."""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from attain.tracking.entities import Page
from attain.tracking.errors import Invalid
from attain.tracking.liveness import now_ms
from attain.tracking.passwords import checked_password, hashed
from attain.tracking.rights import Asker, Grant, Kind, Level, Principal, Role, Thing
from attain.tracking.sql import belonging, grants, ledger, principals, proofs
from attain.tracking.sql.belonging import Things
from attain.tracking.sql.engine import reading, writing
from attain.tracking.sql.ledger import Entry, Fact, Verdict
from attain.tracking.sql.proofs import Token

TOKEN_START = "attain_"
DAY_MS = 24 * 60 * 60 * 1000

Clock = Callable[[], int]


class Access:
    """Users, groups, tokens, grants and the ledger of one store; every change says who makes it (`by`).

    Every method is one transaction. All raise `Invalid` for a value that breaks a rule, `NotFound` for a name that is
    not there, `Exists` for one that is taken.
    """

    def __init__(self, engine: Engine, clock: Clock = now_ms) -> None:
        self._engine, self._clock = engine, clock

    # Users and groups

    def add_user(self, name: str, by: str, role: Role = "member", password: str | None = None) -> None:
        """Make a user; without a password there must be a token, or an identity provider."""
        hash = None if password is None else hashed(checked_password(password))
        with self._recorded(by, "user.add", f"user {name}", {"role": role, "password": hash is not None}) as c:
            principals.add(c, "user", name, self._clock(), role=role, password=hash)

    def add_group(self, name: str, by: str, role: Role = "member") -> None:
        """Make a group; its role is that of everybody in it."""
        with self._recorded(by, "group.add", f"group {name}", {"role": role}) as c:
            principals.add(c, "group", name, self._clock(), role=role)

    def remove(self, kind: Kind, name: str, by: str) -> None:
        """Remove a user or a group, with all tokens, sessions and grants; what they made stays."""
        with self._recorded(by, f"{kind}.remove", f"{kind} {name}") as c:
            principals.remove(c, kind, name)

    def set_password(self, name: str, password: str, by: str) -> None:
        """Give a user another password; all sessions end."""
        hash = hashed(checked_password(password))
        with self._recorded(by, "user.password", f"user {name}") as c:
            principals.set_password(c, name, hash)

    def set_role(self, kind: Kind, name: str, role: Role, by: str) -> None:
        """Give a user or a group a role on the whole server."""
        with self._recorded(by, f"{kind}.role", f"{kind} {name}", {"role": role}) as c:
            principals.set_role(c, kind, name, role)

    def join(self, user: str, group: str, by: str) -> None:
        """Put a user into a group."""
        with self._recorded(by, "group.join", f"group {group}", {"user": user}) as c:
            principals.join(c, user, group)

    def leave(self, user: str, group: str, by: str) -> None:
        """Take a user out of a group."""
        with self._recorded(by, "group.leave", f"group {group}", {"user": user}) as c:
            principals.leave(c, user, group)

    def principals(self, kind: Kind, max_results: int = 1_000, page_token: str | None = None) -> Page[Principal]:
        """Users or groups, by name."""
        with reading(self._engine) as c:
            return principals.listed(c, kind, max_results, page_token)

    def has_users(self) -> bool:
        """Whether anybody could sign in."""
        with reading(self._engine) as c:
            return principals.any_of(c, "user")

    def asker(self, name: str) -> Asker:
        """What is known of a user."""
        with reading(self._engine) as c:
            return principals.asker(c, principals.number_of(c, "user", name))

    # Tokens

    def add_token(self, user: str, by: str, days: int | None = None) -> str:
        """Make a token of a user; this is the only time that it can be seen."""
        if days is not None and not 1 <= days <= 3_650:
            raise Invalid(f"A token cannot be good for {days} days; expected 1 to 3650, or no limit.")
        prefix, now = secrets.token_hex(6), self._clock()
        token = f"{TOKEN_START}{prefix}_{secrets.token_urlsafe(32)}"
        hash = hashed(token)
        with self._recorded(by, "token.add", f"token {prefix}", {"user": user, "days": days}) as c:
            proofs.add_token(c, user, prefix, hash, now, None if days is None else now + days * DAY_MS)
        return token

    def revoke_token(self, prefix: str, by: str) -> None:
        """Let a token be good no longer, from this moment on."""
        with writing(self._engine) as c:
            user = proofs.revoke_token(c, prefix)
            ledger.append(c, self._clock(), by, "token.revoke", f"token {prefix}", {"user": user})

    def tokens(self, user: str | None = None) -> list[Token]:
        """Tokens of a user, or of all."""
        with reading(self._engine) as c:
            return proofs.tokens(c, user)

    # Grants

    def permit(self, kind: Kind, name: str, object: str, level: Level, by: str, thing: Thing = "experiment") -> None:
        """Give a user or a group a level on an experiment (id or name) or registered model; `*`: on all of both."""
        with self._recorded(by, "permit", f"{kind} {name}", {"thing": thing, "object": object, "level": level}) as c:
            if object == "*":
                principals.set_everywhere(c, kind, name, level)
            else:
                grants.give(c, kind, name, thing, grants.number_of(c, thing, object), level)

    def forbid(self, kind: Kind, name: str, object: str, by: str, thing: Thing = "experiment") -> None:
        """Take away what `permit` gave."""
        with self._recorded(by, "forbid", f"{kind} {name}", {"thing": thing, "object": object}) as c:
            if object == "*":
                principals.set_everywhere(c, kind, name, None)
            else:
                grants.take(c, kind, name, thing, grants.number_of(c, thing, object))

    def grants(self) -> list[Grant]:
        """Every grant."""
        with reading(self._engine) as c:
            return grants.listed(c)

    def levels(self, asker: Asker, things: Things, default: Level | None) -> dict[str, Level | None]:
        """What a user may do to each of some things, in words; those that do not exist are left out."""
        with reading(self._engine) as c:
            return belonging.levels(c, asker, things, default)

    def readable(self, asker: Asker, thing: Thing, called: Collection[str]) -> set[str]:
        """Which of some experiments (by id) or registered models (by name) a user was granted anything on."""
        with reading(self._engine) as c:
            return belonging.readable(c, asker, thing, called)

    # The ledger

    def record(self, by: str, action: str, object: str, details: Mapping[str, Fact] | None = None) -> None:
        """Add a line to the ledger."""
        with writing(self._engine) as c:
            ledger.append(c, self._clock(), by, action, object, details or {})

    def last_entry(self) -> int:
        """The number of the ledger's newest line; while it stays the same, so do all rights, tokens and sessions."""
        with reading(self._engine) as c:
            return ledger.last(c)

    def entries(self, max_results: int = 1_000, page_token: str | None = None, action: str = "") -> Page[Entry]:
        """Lines of the ledger whose action begins so, the newest first."""
        with reading(self._engine) as c:
            return ledger.listed(c, max_results, page_token, action)

    def about(self, object: str, actions: Sequence[str]) -> list[Entry]:
        """Lines of the ledger of some kinds about one thing, the oldest first."""
        with reading(self._engine) as c:
            return ledger.about(c, object, actions)

    def verify(self, known: str | None = None) -> Verdict:
        """Check every line of the ledger; `known` is a hash noted earlier that must still be in it."""
        with reading(self._engine) as c:
            return ledger.verify(c, known)

    @contextmanager
    def _recorded(
        self, by: str, action: str, object: str, details: Mapping[str, Fact] | None = None
    ) -> Iterator[Connection]:
        with writing(self._engine) as c:
            yield c
            ledger.append(c, self._clock(), by, action, object, details or {})
