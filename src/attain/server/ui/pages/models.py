"""Which models have a name, and which version of each is in use?"""

from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

from attain.server.ui.ask import Ask, Needs, Table
from attain.tracking.registry_entities import RegisteredModel

PATH, NAME, NAV = "/models", "models", "Models"
SHOWN = 50


@dataclass(frozen=True)
class Row:
    """One registered model: its last version (0 for none), and which versions have a name of their own."""

    name: str
    address: str
    description: str
    last: int
    aliases: tuple[tuple[str, int], ...]
    updated: int


@dataclass(frozen=True)
class Facts:
    """A part of the registered models, by name."""

    title: str
    rows: tuple[Row, ...]
    first: str
    next: str


def needs(ask: Ask) -> list[Needs]:
    """A list, of which `facts` shows what may be read."""
    return [("GET", "registered-models/search", {})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    part = partial(ask.store.registry.search_models, "", (), SHOWN)
    shown, following = ask.listed("model", lambda one: one.name, part)
    return Facts("Models", tuple(map(_row, shown)), ask.address(page=None) if ask.one("page") else "", following)


def table(found: Facts) -> Table:
    """One line a model."""
    rows: list[list[object]] = [[r.name, r.last, in_words(r.aliases), r.updated, r.description] for r in found.rows]
    return Table(["model", "last version", "aliases", "updated", "description"], rows)


def in_words(aliases: tuple[tuple[str, int], ...]) -> str:
    """Each alias with its version.

    >>> in_words((("champion", 3), ("next", 4)))
    'champion: 3, next: 4'
    """
    return ", ".join(f"{alias}: {version}" for alias, version in aliases)


def _row(one: RegisteredModel) -> Row:
    last = max((version.version for version in one.latest_versions), default=0)
    aliases = tuple(sorted(one.aliases.items()))
    return Row(one.name, f"/models/{quote(one.name, safe='')}", one.description, last, aliases, one.last_update_time)
