"""Which version of a model is in use, where did it come from, and who said so?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from attain.audit.ledger import lines
from attain.server.ui.ask import Ask, Needs, Table
from attain.tracking.registry_entities import ModelVersion
from attain.tracking.search.tokens import quoted
from attain.tracking.sql.ledger import Entry
from attain.tracking.sql.promotions import MOVED, PROMOTED, ROLLED_BACK, about

PATH, NAME, NAV = "/models/{name}", "model", ""
SHOWN = 100
RUN = "attain.run"
"""Tag of a version with the run that was judged and audited; its source is a fold of that run."""


@dataclass(frozen=True)
class Version:
    """One version: its number, names, source run, who registered it when, and its audit; "" for what is not known."""

    version: int
    aliases: tuple[str, ...]
    stage: str
    run_id: str
    source: str
    by: str
    made: int
    description: str
    tags: tuple[tuple[str, str], ...]
    audit: str


@dataclass(frozen=True)
class Decision:
    """That an alias was moved, or was not: when (ms), by whom, with which result and reason, after which checks."""

    time: int
    by: str
    alias: str
    version: str
    result: str
    because: str
    checks: tuple[str, ...]


@dataclass(frozen=True)
class Facts:
    """A registered model with its versions and what was decided on them, the last one first."""

    title: str
    description: str
    made: int
    tags: tuple[tuple[str, str], ...]
    aliases: tuple[tuple[str, int], ...]
    versions: tuple[Version, ...]
    decisions: tuple[Decision, ...]
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
    decided = ask.store.access.about(about(model.name), (PROMOTED, ROLLED_BACK, MOVED))
    audits = {line.run_id: line.id for line in reversed(lines(ask.store))}
    return Facts(
        title=model.name,
        description=model.description,
        made=model.creation_time,
        tags=tuple(sorted(model.tags.items())),
        aliases=tuple(sorted(model.aliases.items())),
        versions=tuple(_version(ask, one, audits) for one in page.items),
        decisions=tuple(_decision(entry) for entry in reversed(decided[-SHOWN:])),
        first=ask.address(page=None) if ask.one("page") else "",
        next=ask.address(page=page.next_token) if page.next_token else "",
        address=repr(f"models:/{model.name}@{min(model.aliases, default='ALIAS')}"),
    )


def table(found: Facts) -> Table:
    """One line a version."""
    head = ["version", "aliases", "stage", "run", "source", "registered by", "registered", "audit", "description"]
    rows: list[list[object]] = [
        [v.version, ", ".join(v.aliases), v.stage, v.run_id, v.source, v.by, v.made, v.audit, v.description]
        for v in found.versions
    ]
    return Table(head, rows)


def _may_see(ask: Ask, run_id: str) -> bool:
    """Whether they may see the audits of a run."""
    return ask.may(("GET", "pages/audits/all", {})) or ask.may(("GET", "runs/get", {"run_id": run_id}))


def _version(ask: Ask, one: ModelVersion, audits: Mapping[str, str]) -> Version:
    """A version with the last audit of its run."""
    stage = "" if one.stage == "None" else one.stage
    run_id = one.tags.get(RUN) or one.run_id
    made = (one.user_id, one.creation_time, one.description)
    audit = audits[run_id] if run_id in audits and _may_see(ask, run_id) else ""
    shown = (tuple(sorted(one.tags.items())), audit)
    return Version(one.version, tuple(sorted(one.aliases)), stage, run_id, one.source, *made, *shown)


def _decision(entry: Entry) -> Decision:
    said = json.loads(entry.details)
    usual = {PROMOTED: "decided", ROLLED_BACK: "rolled back", MOVED: "moved without a decision"}[entry.action]
    alias, version = (str(said.get(key) or "") for key in ("alias", "version"))
    result = str(said.get("result") or usual)
    checks = said.get("checks")
    told = tuple(map(str, checks)) if isinstance(checks, list) else ()
    return Decision(entry.time, entry.actor, alias, version, result, str(said.get("because") or ""), told)
