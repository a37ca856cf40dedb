"""Which version of a model is in use, where did it come from, and who registered it?"""

from dataclasses import dataclass

from attain.server.ui.ask import Ask, Needs, Table
from attain.tracking.registry_entities import ModelVersion
from attain.tracking.search.tokens import quoted

PATH, NAME, NAV = "/models/{name}", "model", ""
SHOWN = 100


@dataclass(frozen=True)
class Version:
    """One version: its number, names, source run ("" if not known), and who registered it when."""

    version: int
    aliases: tuple[str, ...]
    stage: str
    run_id: str
    source: str
    by: str
    made: int
    description: str
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Facts:
    """A registered model with its versions, the last one first."""

    title: str
    description: str
    made: int
    tags: tuple[tuple[str, str], ...]
    aliases: tuple[tuple[str, int], ...]
    versions: tuple[Version, ...]
    first: str
    next: str
    address: str


def needs(ask: Ask) -> list[Needs]:
    """The right to read the model."""
    return [("GET", "registered-models/get", {"name": ask.parts["name"]})]


def facts(ask: Ask) -> Facts:
    """What stands on the page."""
    model = ask.store.registry.model(ask.parts["name"])
    own = f"name = {quoted(model.name)}"
    page = ask.store.registry.search_versions(own, (), SHOWN, ask.one("page") or None)
    return Facts(
        title=model.name,
        description=model.description,
        made=model.creation_time,
        tags=tuple(sorted(model.tags.items())),
        aliases=tuple(sorted(model.aliases.items())),
        versions=tuple(map(_version, page.items)),
        first=ask.address(page=None) if ask.one("page") else "",
        next=ask.address(page=page.next_token) if page.next_token else "",
        address=repr(f"models:/{model.name}@{min(model.aliases, default='ALIAS')}"),
    )


def table(found: Facts) -> Table:
    """One line a version."""
    head = ["version", "aliases", "stage", "run", "source", "registered by", "registered", "description"]
    rows: list[list[object]] = [
        [v.version, ", ".join(v.aliases), v.stage, v.run_id, v.source, v.by, v.made, v.description]
        for v in found.versions
    ]
    return Table(head, rows)


def _version(one: ModelVersion) -> Version:
    stage = "" if one.stage == "None" else one.stage
    tags = tuple(sorted(one.tags.items()))
    made = (one.user_id, one.creation_time, one.description)
    return Version(one.version, tuple(sorted(one.aliases)), stage, one.run_id, one.source, *made, tags)
