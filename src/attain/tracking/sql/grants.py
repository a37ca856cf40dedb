"""Grants: who may do what to which experiment or registered model."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, delete, select

from attain.tracking.errors import NotFound
from attain.tracking.rights import Asker, Grant, Kind, Level, Thing, highest
from attain.tracking.sql import experiments, principals
from attain.tracking.sql import tables as t
from attain.tracking.sql.dialect import upsert

_TABLES = {
    "experiment": (t.experiment_grants, t.experiments),
    "model": (t.model_grants, t.registered_models),
}
_MANY = 10_000


def give(c: Connection, kind: Kind, name: str, thing: Thing, number: int, level: Level) -> None:
    """Give a user or a group a level on one experiment or model, in place of what was given before."""
    row = {"principal": principals.number_of(c, kind, name), thing: number, "level": level}
    upsert(c, _TABLES[thing][0], [row])


def take(c: Connection, kind: Kind, name: str, thing: Thing, number: int) -> None:
    """Take away what a user or a group was given on one experiment or model."""
    table = _TABLES[thing][0]
    theirs = (table.c.principal == principals.number_of(c, kind, name)) & (table.c[thing] == number)
    if c.execute(delete(table).where(theirs)).rowcount == 0:
        raise NotFound(f"The {kind} {name!r} was given nothing on this {thing}. `attain user permissions` shows all.")


def number_of(c: Connection, thing: Thing, called: str) -> int:
    """The key of an experiment, by id or name, or of a registered model, by name.

    Raises:
        NotFound: there is none.
    """
    _, table = _TABLES[thing]
    number: int | None = c.execute(select(table.c.id).where(table.c.name == called)).scalar()
    if number is None and thing == "experiment":
        number = c.execute(select(table.c.id).where(table.c.id == experiments.number_of(called))).scalar()
    if number is None:
        raise NotFound(f"There is no {thing} called {called!r}.")
    return number


def levels(c: Connection, asker: Asker, thing: Thing, numbers: Collection[int]) -> dict[int, Level]:
    """What a user was given, alone or by groups, on each of these; missing where it is nothing (by primary key)."""
    table = _TABLES[thing][0]
    given: dict[int, Level] = {}
    wanted = sorted(set(numbers))
    for start in range(0, len(wanted), _MANY):
        query = select(table.c[thing], table.c.level).where(
            table.c.principal.in_(asker.principals), table.c[thing].in_(wanted[start : start + _MANY])
        )
        for number, level in c.execute(query):
            given[number] = highest([given.get(number), level]) or level
    return given


def listed(c: Connection) -> list[Grant]:
    """Every grant, by whom it is to."""
    p = t.principals.c
    found = [
        Grant(kind, name, "experiment", "*", level)
        for kind, name, level in c.execute(select(p.kind, p.name, p.everywhere).where(p.everywhere.is_not(None)))
    ]
    for thing, (table, things) in _TABLES.items():
        query: Select[Any] = (
            select(p.kind, p.name, things.c.name.label("object"), table.c.level)
            .join(t.principals, p.id == table.c.principal)
            .join(things, things.c.id == table.c[thing])
        )
        found += [Grant(row.kind, row.name, thing, row.object, row.level) for row in c.execute(query)]  # type: ignore[arg-type]  # one of two
    return sorted(found, key=lambda grant: (grant.kind, grant.name, grant.thing, grant.object))
