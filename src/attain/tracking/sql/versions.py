"""Reading versions of registered models, with their tags and aliases."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, Table, func, select, tuple_

from attain.tracking.errors import Invalid, NotFound
from attain.tracking.registry_entities import ModelVersion
from attain.tracking.registry_rules import LATEST, checked_alias, checked_model_name, checked_stage, checked_version
from attain.tracking.sql import tables as t
from attain.tracking.sql.pager import Found

Place = tuple[int, int]
"""The key of a registered model, and the number of a version of it."""

_VERSIONS, _MODELS = t.model_versions.c, t.registered_models.c
JOINED = t.model_versions.join(t.registered_models, _MODELS.id == _VERSIONS.model)
_MANY = 5_000


def get(c: Connection, name: str, version: object) -> ModelVersion:
    """A version.

    Raises:
        NotFound: there is no such model or version.
    """
    rows = c.execute(listed().where(tuple_(_VERSIONS.model, _VERSIONS.version) == tuple_(*place(c, name, version))))
    return entities(c, list(rows))[0]


def by_alias(c: Connection, name: str, alias: str) -> ModelVersion:
    """The version that an alias names; `latest` names the last one.

    Raises:
        NotFound: there is no such model, or it has no version.
        Invalid: the model has no such alias.
    """
    model = number_of(c, name)
    if checked_alias(alias).lower() == LATEST:
        found = c.execute(select(func.max(_VERSIONS.version)).where(_VERSIONS.model == model)).scalar()
        if found is None:
            raise NotFound(f"The registered model {name!r} has no version yet.")
    else:
        aliases = t.model_aliases.c
        query = select(aliases.version).where(aliases.model == model, aliases.alias == alias)
        found = c.execute(query).scalar()
        if found is None:
            raise Invalid(f"The registered model {name!r} has no alias {alias!r}.")
    return get(c, name, found)


def latest(c: Connection, models: Sequence[int]) -> dict[int, list[ModelVersion]]:
    """The last version in each stage of registered models, by version; along the primary key."""
    last = select(_VERSIONS.model, func.max(_VERSIONS.version)).where(_VERSIONS.model.in_(models))
    last = last.group_by(_VERSIONS.model, _VERSIONS.stage)
    query = listed().where(_VERSIONS.model.in_(models), tuple_(_VERSIONS.model, _VERSIONS.version).in_(last))
    rows = list(c.execute(query.order_by(_VERSIONS.model, _VERSIONS.version)))
    found: dict[int, list[ModelVersion]] = {}
    for row, version in zip(rows, entities(c, rows), strict=True):
        found.setdefault(row.model, []).append(version)
    return found


def latest_of(c: Connection, name: str, stages: Sequence[str]) -> list[ModelVersion]:
    """The last version in each of these stages (all if none are given) of a registered model."""
    wanted = {checked_stage(stage) for stage in stages}
    model = number_of(c, name)
    found = latest(c, [model]).get(model, [])
    return [version for version in found if not wanted or version.stage in wanted]


def listed() -> Select[Any]:
    """Versions with the names of their models, as `entities` takes them."""
    return select(t.model_versions, _MODELS.name.label("name")).select_from(JOINED)


def entities(c: Connection, rows: Sequence[Found]) -> list[ModelVersion]:
    """Versions of rows of `listed()`, in their order."""
    return [version for at in range(0, len(rows), _MANY) for version in _entities(c, rows[at : at + _MANY])]


def number_of(c: Connection, name: str) -> int:
    """The key of a registered model.

    Raises:
        NotFound: there is none of this name.
    """
    number: int | None = c.execute(select(_MODELS.id).where(_MODELS.name == checked_model_name(name))).scalar()
    if number is None:
        raise NotFound(f"There is no registered model {name!r}.")
    return number


def place(c: Connection, name: str, version: object) -> Place:
    """Where a version is.

    Raises:
        NotFound: there is no such model or version.
    """
    model, number = number_of(c, name), checked_version(version)
    found = select(_VERSIONS.version).where(_VERSIONS.model == model, _VERSIONS.version == number)
    if c.execute(found).scalar() is None:
        raise NotFound(f"The registered model {name!r} has no version {number}.")
    return model, number


def _entities(c: Connection, rows: Sequence[Found]) -> list[ModelVersion]:
    places = [(row.model, row.version) for row in rows]
    tags: dict[Place, dict[str, str]] = {}
    aliases: dict[Place, list[str]] = {}
    for row in c.execute(_of(t.model_version_tags, places).order_by(t.model_version_tags.c.key)):
        tags.setdefault((row.model, row.version), {})[row.key] = row.value
    for row in c.execute(_of(t.model_aliases, places).order_by(t.model_aliases.c.alias)):
        aliases.setdefault((row.model, row.version), []).append(row.alias)
    return [
        ModelVersion(
            name=row.name,
            version=row.version,
            stage=row.stage,
            description=row.description,
            source=row.source,
            storage=row.storage,
            run_id=row.run_id,
            run_link=row.run_link,
            model_id=row.model_id,
            user_id=row.user_id,
            creation_time=row.creation_time,
            last_update_time=row.last_update_time,
            tags=tags.get((row.model, row.version), {}),
            aliases=tuple(aliases.get((row.model, row.version), ())),
        )
        for row in rows
    ]


def _of(table: Table, places: Sequence[Place]) -> Select[Any]:
    return select(table).where(tuple_(table.c.model, table.c.version).in_(places))
