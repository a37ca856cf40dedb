"""A model that is being served, and what it knows by name."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Self

from attain.core.errors import UserError
from attain.core.table import SKILL_SEPARATOR
from attain.core.tasks import TASKS
from attain.data import catalogue
from attain.data.catalogue import Catalogue
from attain.models._saved import JSON_FILE
from attain.serve.by_history import ByHistory
from attain.serve.refusals import Unknown
from attain.tasks import knowledge_tracing
from attain.tasks.find import task
from attain.tasks.knowledge_tracing import KnowledgeTracer
from attain.tasks.online import Asked, Online

_GROUP = knowledge_tracing.NAME


@dataclass(frozen=True)
class Served:
    """A fitted tracer under a name.

    Attributes:
        name: what it is called.
        version: which one it is, for people.
        key: fingerprint of its files; what is known of learners can be read by the model with this key alone.
        tracer: the model.
        items: the items that there are, with their skills; None where that is not known.
        skills: the skills that there are; None where that is not known.
    """

    name: str
    version: str
    key: str
    tracer: KnowledgeTracer
    items: Catalogue | None = None
    skills: frozenset[str] | None = None
    online: Online = field(init=False)

    def __post_init__(self) -> None:
        steps = self.tracer if isinstance(self.tracer, Online) else ByHistory(self.tracer)
        object.__setattr__(self, "online", steps)

    @property
    def each_answer_alike(self) -> bool:
        """Whether an answer takes as long after many as after few."""
        return isinstance(self.tracer, Online)

    def with_items(self, items: Catalogue) -> Self:
        """The same model where these items, with these skills, are asked."""
        return replace(self, items=items, skills=_skills({}, items))

    def asked(self, item: str, skills: Sequence[str] | None, time_s: float | None) -> Asked:
        """An item with its skills, looked up where they are not given.

        Raises:
            Unknown: the item or a skill is not one that there is, or the item's skills are not known.
        """
        if self.items is not None and item not in self.items:
            raise Unknown(_unknown("item", item, self.items, self))
        if skills is None:
            if self.items is None:
                raise Unknown(f"The skills of item {item!r} are not known to {self.name!r}; send 'skills' with it.")
            return Asked(item, self.items[item], time_s)
        if self.skills is not None and (others := [name for name in skills if name not in self.skills]):
            raise Unknown(_unknown("skill", others[0], self.skills, self))
        return Asked(item, tuple(skills), time_s)


def load(folder: Path, name: str, version: str, key: str) -> Served:
    """The model in a folder.

    Raises:
        UserError: there is none that can be served.
    """
    path = folder / JSON_FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        kind = str(content["model"])
    except (OSError, ValueError, KeyError, TypeError):
        raise UserError(f"{str(folder)!r} holds no saved model of attain that can be read.") from None
    if kind not in knowledge_tracing.MODELS.names():
        raise UserError(f"Model {kind!r} cannot be served: {_other_task(kind)}.")
    tracer = knowledge_tracing.MODELS.get(kind).load(folder)
    items = catalogue.read(folder / catalogue.FILE) if (folder / catalogue.FILE).is_file() else None
    return Served(name, version, key, tracer, items, _skills(content.get("names", {}), items))


def _skills(names: dict[str, list[str]], items: Catalogue | None) -> frozenset[str] | None:
    if items is not None:
        return frozenset(skill for skills in items.values() for skill in skills)
    if "skills" not in names:
        return None
    return frozenset(skill for joint in names["skills"] for skill in joint.split(SKILL_SEPARATOR) if skill)


def _other_task(kind: str) -> str:
    for name in TASKS:
        if kind in task(name).MODELS.names():
            return f"it is for {name.replace('_', ' ')}, and only models of knowledge tracing are served"
    return f"no installed model has this name; one of your own is found by the entry point group 'attain.{_GROUP}'"


def _unknown(what: str, name: str, known: Catalogue | frozenset[str], served: Served) -> str:
    near = get_close_matches(name, list(known)[:20_000], n=1)
    hint = f" Did you mean {near[0]!r}?" if near else ""
    return f"Unknown {what} {name!r}: {served.name!r} (version {served.version}) was not fitted to it.{hint}"
