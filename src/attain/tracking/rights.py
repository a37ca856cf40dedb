"""Who asks, and what they may do: levels on experiments and models, and roles on the whole server."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from attain.core.errors import unknown
from attain.tracking.errors import Invalid

Level = Literal["read", "edit", "manage"]
LEVELS: tuple[Level, ...] = get_args(Level)
"""From the least to the most; each holds those before it."""

Role = Literal["member", "admin", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)
"""A member has what was granted; an admin may do everything; an auditor sees audits and reports, and nothing else."""

Kind = Literal["user", "group"]
Thing = Literal["experiment", "model"]


@dataclass(frozen=True)
class Asker:
    """A user who has been recognised.

    Attributes:
        name: the user's.
        role: the strongest of the user's own and the groups'; but an auditor stays one whatever the groups are.
        principals: keys of the user and the groups, to which grants are tied.
        everywhere: the level on every experiment and model, by the user's own right or a group's.
    """

    name: str
    role: Role
    principals: tuple[int, ...]
    everywhere: Level | None = None


@dataclass(frozen=True)
class Principal:
    """A user or a group, as lists show it; `groups` of a user by name, `creation_time` in ms."""

    name: str
    role: Role
    everywhere: Level | None
    creation_time: int
    groups: tuple[str, ...] = ()
    has_password: bool = False


@dataclass(frozen=True)
class Grant:
    """What someone may do to one experiment or registered model; `*` stands for all of both."""

    kind: Kind
    name: str
    thing: Thing
    object: str
    level: Level


def highest(levels: Sequence[Level | None]) -> Level | None:
    """The level that holds all the others.

    >>> highest(["read", None, "manage", "edit"])
    'manage'
    """
    given = [level for level in levels if level is not None]
    return max(given, key=LEVELS.index, default=None)


def reaches(level: Level | None, needed: Level) -> bool:
    """Whether a level is enough.

    >>> reaches("edit", "read"), reaches("read", "edit"), reaches(None, "read")
    (True, False, False)
    """
    return level is not None and LEVELS.index(level) >= LEVELS.index(needed)


def checked_level(level: str) -> Level:
    """One of read, edit, manage."""
    if level not in LEVELS:
        raise Invalid(str(unknown("level", level, LEVELS)))
    return level


def checked_role(role: str) -> Role:
    """One of member, admin, auditor."""
    if role not in ROLES:
        raise Invalid(str(unknown("role", role, ROLES)))
    return role
