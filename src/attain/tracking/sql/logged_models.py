"""Logged models: what runs made, from the moment that their files are on the way."""

import re
import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select, update

from attain.tracking.errors import Exists, Invalid, NotFound
from attain.tracking.names import run_name
from attain.tracking.registry_entities import VERSIONS_TAG, LoggedModel
from attain.tracking.registry_rules import checked_logged_name, checked_model_status
from attain.tracking.rules import KEY_LENGTH, checked_key, checked_params, checked_tags, checked_text
from attain.tracking.sql import experiments, model_metrics
from attain.tracking.sql import tables as t
from attain.tracking.sql.dialect import insert_new, upsert
from attain.tracking.sql.pager import Found
from attain.tracking.sql.texts import texts

_MODELS = t.logged_models.c
ID = re.compile("m-[0-9a-f]{32}")


def create(
    c: Connection,
    experiment_id: str,
    now: int,
    *,
    name: str | None,
    model_type: str,
    source_run_id: str,
    params: Mapping[str, object],
    tags: Mapping[str, object],
    model_id: str | None = None,
) -> LoggedModel:
    """Make a logged model whose files are still to come; its id is made up if not given.

    Raises:
        NotFound: there is no such experiment.
        Exists: there is one with this id, perhaps deleted.
        Invalid: the experiment is deleted, or a value breaks a rule.
    """
    experiment = experiments.active(c, experiment_id)
    if len(checked_text("source_run_id", source_run_id)) > KEY_LENGTH:
        raise Invalid(f"The source_run_id has {len(source_run_id)} characters; at most {KEY_LENGTH} fit.")
    model_id = f"m-{uuid.uuid4().hex}" if model_id is None else _free(c, model_id)
    values = {
        "model_id": model_id,
        "experiment": experiment,
        "name": checked_logged_name(name or run_name()),
        "model_type": checked_text("model_type", model_type),
        "source_run_id": source_run_id,
        "status": "PENDING",
        "lifecycle_stage": "active",
        "artifact_uri": f"mlflow-artifacts:/{experiment}/models/{model_id}/artifacts",
        "creation_time": now,
        "last_update_time": now,
    }
    number = c.execute(insert(t.logged_models).values(values).returning(_MODELS.id)).scalar_one()
    _put_params(c, number, params)
    _put_tags(c, number, tags)
    return get(c, model_id)


def get(c: Connection, model_id: str, *, deleted: bool = False) -> LoggedModel:
    """A logged model; a deleted one only if asked for.

    Raises:
        NotFound: there is none.
    """
    return entities(c, [_found(c, model_id, deleted=deleted)])[0]


def finish(c: Connection, model_id: str, status: str, now: int) -> None:
    """Say that the files are there (`READY`) or will not be (`FAILED`)."""
    values = {"status": checked_model_status(status), "last_update_time": now}
    c.execute(update(t.logged_models).where(_MODELS.id == number_of(c, model_id)).values(values))


def remove(c: Connection, model_id: str, now: int) -> None:
    """Mark a logged model as deleted."""
    values = {"lifecycle_stage": "deleted", "last_update_time": now}
    c.execute(update(t.logged_models).where(_MODELS.id == number_of(c, model_id)).values(values))


def restore(c: Connection, model_id: str, now: int) -> None:
    """Bring back a deleted logged model."""
    values = {"lifecycle_stage": "active", "last_update_time": now}
    c.execute(update(t.logged_models).where(_MODELS.id == _found(c, model_id, deleted=True).id).values(values))


def add_params(c: Connection, model_id: str, params: Mapping[str, object]) -> None:
    """Add params, which never change.

    Raises:
        Invalid: one is there with another value.
    """
    _put_params(c, number_of(c, model_id), params)


def set_tags(c: Connection, model_id: str, tags: Mapping[str, object]) -> None:
    """Set tags; those that are there are overwritten."""
    _put_tags(c, number_of(c, model_id), tags)


def delete_tag(c: Connection, model_id: str, key: str) -> None:
    """Take a tag away.

    Raises:
        NotFound: there is no such tag.
    """
    tags = t.logged_model_tags.c
    where = (tags.model == number_of(c, model_id)) & (tags.key == checked_key("tag", key))
    if c.execute(delete(t.logged_model_tags).where(where)).rowcount == 0:
        raise NotFound(f"The logged model {model_id!r} has no tag {key!r}.")


def number_of(c: Connection, model_id: str) -> int:
    """The key of a logged model that is not deleted."""
    number: int = _found(c, model_id, deleted=False).id
    return number


def entities(c: Connection, rows: Sequence[Found]) -> list[LoggedModel]:
    """Logged models of rows of the table, in their order."""
    numbers = [row.id for row in rows]
    params, tags = texts(c, t.logged_model_params, numbers), texts(c, t.logged_model_tags, numbers)
    metrics = model_metrics.of_models(c, numbers)
    registered = _registered(c, [row.model_id for row in rows])
    return [
        LoggedModel(
            model_id=row.model_id,
            experiment_id=str(row.experiment),
            name=row.name,
            model_type=row.model_type,
            source_run_id=row.source_run_id,
            status=row.status,
            lifecycle_stage=row.lifecycle_stage,
            artifact_uri=row.artifact_uri,
            creation_time=row.creation_time,
            last_update_time=row.last_update_time,
            params=params.get(row.id, {}),
            tags=tags.get(row.id, {}),
            metrics=metrics.get(row.id, ()),
            registered=registered.get(row.model_id, ()),
        )
        for row in rows
    ]


def _free(c: Connection, model_id: str) -> str:
    """An id that was chosen elsewhere, of the right form and not yet taken."""
    if not ID.fullmatch(model_id):
        raise Invalid(f"The model_id is {model_id[:40]!r}; expected 'm-' and 32 hexadecimal digits.")
    if c.execute(select(_MODELS.id).where(_MODELS.model_id == model_id)).first():
        raise Exists(f"There is a logged model with id {model_id!r} already.")
    return model_id


def _registered(c: Connection, model_ids: Sequence[str]) -> dict[str, tuple[tuple[str, int], ...]]:
    """As which versions models are registered, by name and number."""
    v, names = t.model_versions.c, t.registered_models.c
    query = select(v.model_id, names.name, v.version).join(t.registered_models, names.id == v.model)
    found: dict[str, tuple[tuple[str, int], ...]] = {}
    for model_id, name, version in c.execute(query.where(v.model_id.in_(model_ids)).order_by(names.name, v.version)):
        found[model_id] = (*found.get(model_id, ()), (name, version))
    return found


def _found(c: Connection, model_id: str, *, deleted: bool) -> Found:
    known = ID.fullmatch(model_id)
    row = c.execute(select(t.logged_models).where(_MODELS.model_id == model_id)).first() if known else None
    if row is None or (row.lifecycle_stage == "deleted" and not deleted):
        raise NotFound(f"There is no logged model with id {model_id!r}.")
    return row


def _put_params(c: Connection, number: int, params: Mapping[str, object]) -> None:
    checked = checked_params(params)
    insert_new(c, t.logged_model_params, [{"model": number, "key": k, "value": v} for k, v in checked.items()])
    there = texts(c, t.logged_model_params, [number]).get(number, {}) if checked else {}
    for key, value in checked.items():
        if there[key] != value:
            raise Invalid(
                f"Param {key!r} of this logged model is {there[key]!r} already and params never change; "
                f"the new value is {value!r}."
            )


def _put_tags(c: Connection, number: int, tags: Mapping[str, object]) -> None:
    checked = checked_tags({key: value for key, value in tags.items() if key != VERSIONS_TAG})
    upsert(c, t.logged_model_tags, [{"model": number, "key": k, "value": v} for k, v in checked.items()])
