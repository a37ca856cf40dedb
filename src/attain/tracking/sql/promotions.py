"""Aliases that move by decision only, and the count of looks that a decision must be paid for with: with the ledger."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select

from attain.tracking.errors import Overtaken
from attain.tracking.sql import ledger
from attain.tracking.sql import tables as t
from attain.tracking.sql.dialect import upsert
from attain.tracking.sql.ledger import Fact
from attain.tracking.sql.versions import place

LOOK = "model.look"
PROMOTED, ROLLED_BACK = "model.promote", "model.rollback"
MOVED = "model.alias"
"""An alias that was moved without a decision."""
START = "model "


@dataclass(frozen=True)
class Look:
    """A comparison of a challenger with the champion.

    Attributes:
        champion: what is compared with: the SHA-256 of its predictions.
        data: on which data.
        pair: a mark of all that the comparison's result follows from; the same comparison made again is no new look.
    """

    champion: str
    data: str
    pair: str


def about(name: str) -> str:
    """What the ledger calls a registered model."""
    return f"{START}{name}"


def move(c: Connection, name: str, alias: str, version: int, expected: int | None) -> None:
    """Let an alias name a version, if it still names `expected` (None: if there is no such alias).

    Raises:
        Overtaken: it does not.
        NotFound: there is no such model or version.
    """
    model, number = place(c, name, version)
    c.execute(select(t.registered_models.c.id).where(t.registered_models.c.id == model).with_for_update())
    aliases = t.model_aliases.c
    now = c.execute(select(aliases.version).where(aliases.model == model, aliases.alias == alias)).scalar()
    if now != expected:
        was, names = (f"version {one}" if one else "no version" for one in (expected, now))
        raise Overtaken(
            f"{name}@{alias} named {was} when this was decided, and names {names} now: somebody else was faster. "
            "Nothing was changed; look at it, and decide again."
        )
    upsert(c, t.model_aliases, [{"model": model, "alias": alias, "version": number}])


def note(c: Connection, now: int, name: str, by: str, action: str, said: Mapping[str, Fact]) -> None:
    """Add a line about a registered model to the ledger."""
    ledger.append(c, now, by, action, about(name), said)


def look(c: Connection, now: int, name: str, look: Look, by: str) -> int:
    """Count a look; its number among those that had the same champion or the same data, from 1.

    A comparison that was counted before keeps its number: its result cannot be another.
    """
    ledger.hold(c)
    before = [json.loads(entry.details) for entry in ledger.about(c, about(name), [LOOK])]
    for one in before:
        if one["pair"] == look.pair:
            return int(one["look"])
    number = 1 + len([one for one in before if one["champion"] == look.champion or one["data"] == look.data])
    note(c, now, name, by, LOOK, {**asdict(look), "look": number})
    return number
