"""Who may do what, and who did what?"""

from dataclasses import dataclass

from attain.server.ui.ask import Ask, Needs, Table
from attain.tracking.rights import Principal

PATH, NAME, NAV, PLACE = "/admin", "admin", "Admin", 90
SHOWN, MOST = 50, 1_000
"""Rows of the ledger on a page, and users or groups that are shown."""


@dataclass(frozen=True)
class Who:
    """A user or a group (with @): role, level on everything, groups, whether there is a password, when made (ms)."""

    name: str
    role: str
    everywhere: str
    groups: tuple[str, ...]
    has_password: bool
    made: int


@dataclass(frozen=True)
class Right:
    """Who may do what to which experiment or model."""

    who: str
    thing: str
    object: str
    level: str


@dataclass(frozen=True)
class Key:
    """A token, never its secret: how it begins, whose it is, when it was made and when it ends (ms; None: never)."""

    prefix: str
    user: str
    made: int
    ends: int | None


@dataclass(frozen=True)
class Deed:
    """A row of the ledger."""

    row: int
    time: int
    actor: str
    action: str
    object: str
    details: str


@dataclass(frozen=True)
class Facts:
    """Who there is, and a part of the ledger, the newest row first; `changed` says that it is not whole."""

    title: str
    users: tuple[Who, ...]
    groups: tuple[Who, ...]
    rights: tuple[Right, ...]
    tokens: tuple[Key, ...]
    ledger: tuple[Deed, ...]
    rows: int
    changed: str
    head: str
    first: str
    next: str


def needs(ask: Ask) -> list[Needs]:
    """The right of admins."""
    return [("GET", "pages/admin", {})]


def offered(ask: Ask) -> bool:
    """Whether the navigation leads here."""
    return ask.may(needs(ask)[0])


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    access = ask.store.access
    whole, page = access.verify(), access.entries(SHOWN, ask.one("page") or None)
    return Facts(
        title="Who may do what",
        users=tuple(_who(one.name, one) for one in access.principals("user", MOST).items),
        groups=tuple(_who(f"@{one.name}", one) for one in access.principals("group", MOST).items),
        rights=tuple(
            Right(f"@{one.name}" if one.kind == "group" else one.name, one.thing, one.object, one.level)
            for one in access.grants()
        ),
        tokens=tuple(Key(one.prefix, one.user, one.creation_time, one.expiry) for one in access.tokens()),
        ledger=tuple(Deed(one.seq, one.time, one.actor, one.action, one.object, one.details) for one in page.items),
        rows=whole.rows,
        changed="" if whole.broken is None else f"broken at row {whole.broken}: {whole.reason}",
        head=whole.head,
        first=ask.address(page=None) if ask.one("page") else "",
        next=ask.address(page=page.next_token) if page.next_token else "",
    )


def table(found: Facts) -> Table:
    """One line a row of the ledger."""
    rows: list[list[object]] = [[d.row, d.time, d.actor, d.action, d.object, d.details] for d in found.ledger]
    return Table(["row", "time", "by", "action", "object", "details"], rows)


def _who(name: str, one: Principal) -> Who:
    return Who(name, one.role, one.everywhere or "", one.groups, one.has_password, one.creation_time)
