"""The way back: an alias names again what it named before the last promotion."""

from dataclasses import dataclass

from attain.core.errors import UserError
from attain.suite.gates.contender import named
from attain.suite.gates.promote import history
from attain.tracking.sql.ledger import Fact
from attain.tracking.sql.promotions import ROLLED_BACK
from attain.tracking.sql.store import Store as Database


@dataclass(frozen=True)
class RolledBack:
    """What an alias named, and what it names again."""

    name: str
    alias: str
    before: int
    now: int


def rollback(store: Database, name: str, alias: str, because: str, by: str) -> RolledBack:
    """Let an alias name the version that it named before its last promotion, and write that into the ledger.

    Nothing is compared or audited: that version was in use.

    Raises:
        UserError: no reason is given, there is nothing to go back to, or the alias was moved without a decision.
        Overtaken: somebody else moved it meanwhile.
    """
    if not because.strip():
        raise UserError('A rollback needs its reason: --because "…".')
    now, taken = named(store, name, alias), history(store, name, alias)
    if now is None or not taken:
        raise UserError(f"{name!r} has no {alias} that was promoted, so there is nothing to roll back.")
    if taken[-1] != now:
        raise UserError(
            f"{name}@{alias} is version {now}, and the ledger says version {taken[-1]}: it was moved without a "
            f'decision. Say which it shall be: attain promote {name} VERSION --as {alias} --because "…".'
        )
    if len(taken) < 2:
        raise UserError(f"Version {now} is the first {alias} of {name!r}; there is no earlier one to go back to.")
    said: dict[str, Fact] = {"alias": alias, "version": taken[-2], "from": now, "because": because}
    store.registry.move_alias(name, alias, taken[-2], expected=now, by=by, action=ROLLED_BACK, said=said)
    return RolledBack(name, alias, now, taken[-2])
