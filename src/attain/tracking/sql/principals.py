"""Users and groups: made, changed, listed, removed; and what is known of a user who asks."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, or_, select, update

from attain.tracking.entities import Page
from attain.tracking.errors import Exists, Invalid, NotFound
from attain.tracking.pages import after, checked_size, token
from attain.tracking.rights import Asker, Kind, Level, Principal, Role, highest
from attain.tracking.rules import checked_text
from attain.tracking.sql import tables as t
from attain.tracking.sql.dialect import insert_new

_p = t.principals.c


def add(
    c: Connection,
    kind: Kind,
    name: str,
    now: int,
    *,
    role: Role = "member",
    password: str | None = None,
    subject: str | None = None,
) -> int:
    """Make a user or a group; its key. `password` is a hash, `subject` what an identity provider calls the user.

    Raises:
        Exists: there is one of that name.
        Invalid: the name cannot be used.
    """
    values = {"kind": kind, "name": checked_name(kind, name), "role": role, "password": password, "subject": subject}
    if c.execute(select(_p.id).where(_p.kind == kind, _p.name == name)).first():
        raise Exists(f"There is a {kind} called {name!r} already. Choose another name.")
    number: int = c.execute(insert(t.principals).values(**values, creation_time=now).returning(_p.id)).scalar_one()
    return number


def checked_name(kind: Kind, name: str) -> str:
    """A name that can stand in a command, in HTTP basic (no colon) and after the `@` of a group."""
    if not name or len(name) > 250 or name.strip() != name or name.startswith("@") or ":" in name:
        raise Invalid(
            f"A {kind} cannot be called {name!r}: expected 1 to 250 characters without ':', "
            "not beginning with '@', no blanks around."
        )
    if not name.isprintable():
        raise Invalid(f"A {kind} cannot be called {name!r}: it has a character that cannot be seen.")
    return checked_text(f"The name of a {kind}", name)


def number_of(c: Connection, kind: Kind, name: str) -> int:
    """The key of a user or a group.

    Raises:
        NotFound: there is none of that name.
    """
    number: int | None = c.execute(select(_p.id).where(_p.kind == kind, _p.name == name)).scalar()
    if number is None:
        raise NotFound(f"There is no {kind} called {name!r}. `attain user list` shows who there is.")
    return number


def listed(c: Connection, kind: Kind, max_results: int, page_token: str | None) -> Page[Principal]:
    """Users or groups by name (index `uq_principals_kind_name`)."""
    size, question = checked_size(max_results), ["principals", kind]
    query = select(t.principals).where(_p.kind == kind).order_by(_p.name).limit(size + 1)
    if page_token:
        query = query.where(_p.name > after(question, page_token, [str])[0])
    rows = c.execute(query).all()
    groups = _groups(c, [row.id for row in rows[:size]])
    found = [
        Principal(
            row.name, row.role, row.everywhere, row.creation_time, groups.get(row.id, ()), row.password is not None
        )
        for row in rows[:size]
    ]
    return Page(found, token(question, [found[-1].name]) if len(rows) > size else None)


def any_of(c: Connection, kind: Kind) -> bool:
    """Whether there is any user or group at all."""
    return c.execute(select(_p.id).where(_p.kind == kind).limit(1)).first() is not None


def remove(c: Connection, kind: Kind, name: str) -> None:
    """Remove a user or a group, with all tokens, sessions, memberships and grants."""
    c.execute(delete(t.principals).where(_p.id == number_of(c, kind, name)))


def set_password(c: Connection, name: str, hash: str) -> None:
    """Give a user another password, by its hash; all sessions end."""
    number = number_of(c, "user", name)
    c.execute(update(t.principals).where(_p.id == number).values(password=hash))
    c.execute(delete(t.sessions).where(t.sessions.c.user == number))


def set_role(c: Connection, kind: Kind, name: str, role: Role) -> None:
    """Give a user or a group a role on the whole server."""
    c.execute(update(t.principals).where(_p.id == number_of(c, kind, name)).values(role=role))


def set_everywhere(c: Connection, kind: Kind, name: str, level: Level | None) -> None:
    """Give a user or a group a level on every experiment and model; None takes it away."""
    c.execute(update(t.principals).where(_p.id == number_of(c, kind, name)).values(everywhere=level))


def join(c: Connection, user: str, group: str) -> None:
    """Put a user into a group; being in it already is fine."""
    row = {"member": number_of(c, "user", user), "group": number_of(c, "group", group), "from_provider": False}
    insert_new(c, t.memberships, [row])


def leave(c: Connection, user: str, group: str) -> None:
    """Take a user out of a group."""
    m = t.memberships.c
    theirs = (m.member == number_of(c, "user", user)) & (m.group == number_of(c, "group", group))
    if c.execute(delete(t.memberships).where(theirs)).rowcount == 0:
        raise NotFound(f"User {user!r} is not in the group {group!r}.")


def set_provided_groups(c: Connection, user: int, names: Iterable[str]) -> None:
    """Put a user into those groups that an identity provider names and that exist here, and out of others it named."""
    m = t.memberships.c
    c.execute(delete(t.memberships).where(m.member == user, m.from_provider))
    known = c.execute(select(_p.id).where(_p.kind == "group", _p.name.in_(list(names)))).scalars().all()
    insert_new(c, t.memberships, [{"member": user, "group": group, "from_provider": True} for group in known])


def with_subject(c: Connection, subject: str) -> int | None:
    """The key of the user whom an identity provider calls so; None if nobody is."""
    number: int | None = c.execute(select(_p.id).where(_p.subject == subject)).scalar()
    return number


def asker(c: Connection, number: int) -> Asker:
    """What is known of a user: one statement, along primary keys."""
    groups = select(t.memberships.c.group).where(t.memberships.c.member == number)
    rows = c.execute(
        select(_p.id, _p.kind, _p.name, _p.role, _p.everywhere).where(or_(_p.id == number, _p.id.in_(groups)))
    ).all()
    own = next((row for row in rows if row.id == number), None)
    if own is None:
        raise NotFound(f"There is no user with key {number}.")
    roles = {row.role for row in rows}
    role: Role = own.role if own.role == "auditor" else next(r for r in ("admin", "auditor", "member") if r in roles)
    return Asker(own.name, role, tuple(sorted(row.id for row in rows)), highest([row.everywhere for row in rows]))


def _groups(c: Connection, users: list[int]) -> dict[int, tuple[str, ...]]:
    m = t.memberships.c
    found: dict[int, tuple[str, ...]] = {}
    for row in c.execute(
        select(m.member, _p.name).join(t.principals, _p.id == m.group).where(m.member.in_(users)).order_by(_p.name)
    ):
        found[row.member] = (*found.get(row.member, ()), row.name)
    return found
