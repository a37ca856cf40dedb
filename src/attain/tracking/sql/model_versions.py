"""Versions of registered models: what was registered, where it stands, what it is called."""

from collections.abc import Mapping

from sqlalchemy import ColumnElement, Connection, delete, insert, update

from attain.tracking.errors import Invalid, NotFound
from attain.tracking.registry_entities import ModelVersion
from attain.tracking.registry_rules import checked_alias, checked_model_name, checked_registry_tag, checked_stage
from attain.tracking.rules import checked_key, checked_text
from attain.tracking.sql import tables as t
from attain.tracking.sql.dialect import upsert
from attain.tracking.sql.versions import Place, get, number_of, place

_VERSIONS, _MODELS = t.model_versions.c, t.registered_models.c
_ACTIVE = ("Staging", "Production")


def create(
    c: Connection,
    name: str,
    now: int,
    *,
    source: str,
    storage: str,
    run_id: str,
    model_id: str,
    run_link: str,
    description: str,
    tags: Mapping[str, object],
    user_id: str,
) -> ModelVersion:
    """Add a version; its number is one more than the greatest that the model ever had."""
    counted = update(t.registered_models).where(_MODELS.name == checked_model_name(name))
    values = {"last_version": _MODELS.last_version + 1, "last_update_time": now}
    row = c.execute(counted.values(values).returning(_MODELS.id, _MODELS.last_version)).first()
    if row is None:
        raise NotFound(f"There is no registered model {name!r}. Create it first.")
    texts = {"description": description, "source": source, "storage": storage, "run_link": run_link, "user_id": user_id}
    values = {
        **{what: checked_text(what, text) for what, text in texts.items()},
        "model": row.id,
        "version": row.last_version,
        "stage": "None",
        "run_id": run_id,
        "model_id": model_id,
        "creation_time": now,
        "last_update_time": now,
    }
    c.execute(insert(t.model_versions).values(values))
    _put_tags(c, (row.id, row.last_version), tags)
    return get(c, name, row.last_version)


def describe(c: Connection, name: str, version: object, description: str, now: int) -> None:
    """Change the description."""
    values = {"description": checked_text("The description", description), "last_update_time": now}
    c.execute(update(t.model_versions).where(_at(place(c, name, version))).values(values))


def move(c: Connection, name: str, version: object, stage: str, *, archive_others: bool, now: int) -> None:
    """Put a version into a stage; the others that are in it can go into the archive at once.

    Raises:
        Invalid: there is no such stage, or it is not one to be archived from.
    """
    stage = checked_stage(stage)
    if archive_others and stage not in _ACTIVE:
        raise Invalid(f"Other versions can be archived only on a move to {' or '.join(_ACTIVE)}, not to {stage}.")
    model, number = place(c, name, version)
    if archive_others:
        others = (_VERSIONS.model == model) & (_VERSIONS.version != number) & (_VERSIONS.stage == stage)
        c.execute(update(t.model_versions).where(others).values(stage="Archived", last_update_time=now))
    c.execute(update(t.model_versions).where(_at((model, number))).values(stage=stage, last_update_time=now))
    _touch(c, model, now)


def remove(c: Connection, name: str, version: object, now: int) -> None:
    """Delete a version with its tags and aliases; its number is not used again."""
    model, number = place(c, name, version)
    c.execute(delete(t.model_versions).where(_at((model, number))))
    _touch(c, model, now)


def set_tag(c: Connection, name: str, version: object, key: str, value: object) -> None:
    """Set a tag; one that is there is overwritten."""
    _put_tags(c, place(c, name, version), {key: value})


def delete_tag(c: Connection, name: str, version: object, key: str) -> None:
    """Take a tag away; it need not be there."""
    model, number = place(c, name, version)
    tags = t.model_version_tags.c
    where = (tags.model == model) & (tags.version == number) & (tags.key == checked_key("tag", key))
    c.execute(delete(t.model_version_tags).where(where))


def set_alias(c: Connection, name: str, alias: str, version: object) -> None:
    """Let an alias name a version; it no longer names another."""
    checked_alias(alias, new=True)
    model, number = place(c, name, version)
    upsert(c, t.model_aliases, [{"model": model, "alias": alias, "version": number}])


def delete_alias(c: Connection, name: str, alias: str) -> None:
    """Take an alias away; it need not be there."""
    aliases = t.model_aliases.c
    where = (aliases.model == number_of(c, name)) & (aliases.alias == checked_alias(alias))
    c.execute(delete(t.model_aliases).where(where))


def _at(place: Place) -> ColumnElement[bool]:
    return (_VERSIONS.model == place[0]) & (_VERSIONS.version == place[1])


def _touch(c: Connection, model: int, now: int) -> None:
    c.execute(update(t.registered_models).where(_MODELS.id == model).values(last_update_time=now))


def _put_tags(c: Connection, place: Place, tags: Mapping[str, object]) -> None:
    model, version = place
    checked = [checked_registry_tag(key, value) for key, value in tags.items()]
    upsert(c, t.model_version_tags, [{"model": model, "version": version, "key": k, "value": v} for k, v in checked])
