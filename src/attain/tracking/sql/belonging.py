"""To which experiments runs and logged models belong, and what rights somebody has on such things."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields

from sqlalchemy import ColumnElement, Connection, Table, select

from attain.tracking.rights import Asker, Level, Thing, highest
from attain.tracking.sql import experiments, grants
from attain.tracking.sql import tables as t

Ids = frozenset[str]
NONE: Ids = frozenset()


@dataclass(frozen=True)
class Things:
    """What a request is about, as the client names it: ids, names of experiments and registered models, jobs' keys."""

    experiments: Ids = NONE
    named: Ids = NONE
    runs: Ids = NONE
    logged_models: Ids = NONE
    claims: Ids = NONE
    models: Ids = NONE

    def __or__(self, other: "Things") -> "Things":
        return Things(*(getattr(self, f.name) | getattr(other, f.name) for f in fields(self)))

    def by_id(self) -> int | None:
        """How many things these are; None where some go by a name or key, which another thing may bear next."""
        if self.named or self.claims or self.models:
            return None
        return len(self.experiments) + len(self.runs) + len(self.logged_models)


def levels(c: Connection, asker: Asker, things: Things, default: Level | None) -> dict[str, Level | None]:
    """What somebody may do to each of some things; those that do not exist are left out."""
    told: dict[str, Level | None] = {}
    found = {f.name: _FIND[f.name](c, getattr(things, f.name)) for f in fields(things) if getattr(things, f.name)}
    for thing, kinds in _KINDS.items():
        numbers = {number for kind in kinds for number in found.get(kind, {}).values()}
        given = grants.levels(c, asker, thing, numbers) if numbers else {}
        for kind in kinds:
            for called, number in found.get(kind, {}).items():
                told[f"{_WORDS[kind]} {called!r}"] = highest([default, asker.everywhere, given.get(number)])
    return told


def readable(c: Connection, asker: Asker, thing: Thing, called: Collection[str]) -> set[str]:
    """Which of some experiments (by id) or registered models (by name) somebody was granted anything on."""
    numbers = _FIND["models" if thing == "model" else "experiments"](c, frozenset(called))
    given = grants.levels(c, asker, thing, set(numbers.values()))
    return {name for name, number in numbers.items() if number in given}


def _by_id(c: Connection, ids: Ids) -> dict[str, int]:
    wanted = {one: experiments.number_of(one) for one in ids}
    there = set(c.execute(select(t.experiments.c.id).where(t.experiments.c.id.in_(wanted.values()))).scalars())
    return {one: number for one, number in wanted.items() if number in there}


def _by(table: Table, name: str, owner: str) -> Callable[[Connection, Ids], dict[str, int]]:
    column: ColumnElement[str] = table.c[name]

    def find(c: Connection, ids: Ids) -> dict[str, int]:
        wanted = [one for one in ids if _can_be_kept(one)]
        return dict(c.execute(select(column, table.c[owner]).where(column.in_(wanted))).all())

    return find


def _of_claims(c: Connection, keys: Ids) -> dict[str, int]:
    wanted = [one for one in keys if _can_be_kept(one)]
    held = select(t.claims.c.key, t.runs.c.experiment).join(t.runs, t.runs.c.run_id == t.claims.c.run_id)
    return dict(c.execute(held.where(t.claims.c.key.in_(wanted))).all())


def _can_be_kept(text: str) -> bool:
    """Whether a database may hold this text; what none can hold, nothing is called."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


_FIND: Mapping[str, Callable[[Connection, Ids], dict[str, int]]] = {
    "experiments": _by_id,
    "named": _by(t.experiments, "name", "id"),
    "runs": _by(t.runs, "run_id", "experiment"),
    "logged_models": _by(t.logged_models, "model_id", "experiment"),
    "claims": _of_claims,
    "models": _by(t.registered_models, "name", "id"),
}
_KINDS: Mapping[Thing, tuple[str, ...]] = {
    "experiment": ("experiments", "named", "runs", "logged_models", "claims"),
    "model": ("models",),
}
_WORDS = {
    "experiments": "experiment",
    "named": "experiment",
    "runs": "run",
    "logged_models": "logged model",
    "claims": "job",
    "models": "registered model",
}
