"""Registered models: names under which versions of a model are known."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from attain.tracking.errors import Exists
from attain.tracking.registry_entities import RegisteredModel
from attain.tracking.registry_rules import checked_model_name, checked_registry_tag
from attain.tracking.rules import checked_key, checked_text
from attain.tracking.sql import tables as t
from attain.tracking.sql.dialect import upsert
from attain.tracking.sql.pager import Found
from attain.tracking.sql.texts import texts
from attain.tracking.sql.versions import latest, number_of


def create(c: Connection, name: str, now: int, description: str, tags: Mapping[str, object]) -> RegisteredModel:
    """Make a registered model without versions.

    Raises:
        Exists: the name is taken.
    """
    values = {
        "name": _free(c, name),
        "description": checked_text("The description", description),
        "last_version": 0,
        "creation_time": now,
        "last_update_time": now,
    }
    number = c.execute(insert(t.registered_models).values(values).returning(t.registered_models.c.id)).scalar_one()
    _put_tags(c, number, tags)
    return get(c, name)


def get(c: Connection, name: str) -> RegisteredModel:
    """The registered model with a name.

    Raises:
        NotFound: there is none.
    """
    rows = c.execute(select(t.registered_models).where(t.registered_models.c.id == number_of(c, name)))
    return entities(c, list(rows))[0]


def describe(c: Connection, name: str, description: str, now: int) -> None:
    """Change the description."""
    values = {"description": checked_text("The description", description), "last_update_time": now}
    c.execute(update(t.registered_models).where(t.registered_models.c.id == number_of(c, name)).values(values))


def rename(c: Connection, name: str, new_name: str, now: int) -> None:
    """Give a registered model another name; its versions, tags and aliases stay with it."""
    number = number_of(c, name)
    if new_name != name:
        _free(c, new_name)
    values = {"name": new_name, "last_update_time": now}
    c.execute(update(t.registered_models).where(t.registered_models.c.id == number).values(values))
    theirs = t.model_versions.c.model == number
    c.execute(update(t.model_versions).where(theirs).values(last_update_time=now))


def remove(c: Connection, name: str) -> None:
    """Delete a registered model with its versions, tags and aliases; files of runs stay."""
    c.execute(delete(t.registered_models).where(t.registered_models.c.id == number_of(c, name)))


def set_tag(c: Connection, name: str, key: str, value: object) -> None:
    """Set a tag; one that is there is overwritten."""
    _put_tags(c, number_of(c, name), {key: value})


def delete_tag(c: Connection, name: str, key: str) -> None:
    """Take a tag away; it need not be there."""
    tags = t.registered_model_tags
    where = (tags.c.model == number_of(c, name)) & (tags.c.key == checked_key("tag", key))
    c.execute(delete(tags).where(where))


def entities(c: Connection, rows: Sequence[Found]) -> list[RegisteredModel]:
    """Registered models of rows of the table, in their order."""
    numbers = [row.id for row in rows]
    newest = latest(c, numbers)
    tags = texts(c, t.registered_model_tags, numbers)
    aliases: dict[int, dict[str, int]] = {}
    query = select(t.model_aliases).where(t.model_aliases.c.model.in_(numbers)).order_by(t.model_aliases.c.alias)
    for row in c.execute(query):
        aliases.setdefault(row.model, {})[row.alias] = row.version
    return [
        RegisteredModel(
            name=row.name,
            description=row.description,
            creation_time=row.creation_time,
            last_update_time=row.last_update_time,
            latest_versions=tuple(newest.get(row.id, ())),
            tags=tags.get(row.id, {}),
            aliases=aliases.get(row.id, {}),
        )
        for row in rows
    ]


def _free(c: Connection, name: str) -> str:
    models = t.registered_models
    taken = select(func.count()).select_from(models).where(models.c.name == checked_model_name(name))
    if c.execute(taken).scalar_one():
        raise Exists(f"A registered model is called {name!r} already. Choose another name, or add a version to it.")
    return name


def _put_tags(c: Connection, number: int, tags: Mapping[str, object]) -> None:
    checked = [checked_registry_tag(key, value) for key, value in tags.items()]
    upsert(c, t.registered_model_tags, [{"model": number, "key": key, "value": value} for key, value in checked])
