"""Searching registered models and their versions, with the grammar of runs and their own fields."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Table, and_, exists, func, select, true

from attain.tracking.entities import Page
from attain.tracking.registry_entities import PROMPT_TAG, ModelVersion, RegisteredModel
from attain.tracking.search.compile import Condition, Where, condition
from attain.tracking.search.fields import Words
from attain.tracking.search.order import Key, Order, read_order
from attain.tracking.search.parse import parse
from attain.tracking.search.syntax import And, Compare, Field, fields
from attain.tracking.search.syntax import Entity as Kind
from attain.tracking.search.tokens import fail
from attain.tracking.sql import registered_models, versions
from attain.tracking.sql import tables as t
from attain.tracking.sql.pager import paged

Column = ColumnElement[Any]  # of text or of numbers
_KINDS: Mapping[str, Kind] = {"tag": "tag", "tags": "tag", "attribute": "attribute", "attributes": "attribute"}
_TIMES = {"creation_timestamp": "creation_timestamp", "last_updated_timestamp": "last_updated_timestamp"}

MODELS = Words(
    thing="a registered model",
    example="name or tags.team",
    entities=_KINDS,
    attributes={"name": "name", "timestamp": "last_updated_timestamp", **_TIMES},
    numbers=frozenset(_TIMES),
)
_MODEL_COLUMNS: dict[str, Column] = {
    "name": t.registered_models.c.name,
    "creation_timestamp": t.registered_models.c.creation_time,
    "last_updated_timestamp": t.registered_models.c.last_update_time,
}

VERSIONS = Words(
    thing="a version of a model",
    example="name, run_id, source_path, version_number or tags.team",
    entities=_KINDS,
    attributes={name: name for name in ("name", "version_number", "run_id", "source_path", "stage", "model_id")}
    | _TIMES,
    numbers=frozenset({"version_number", *_TIMES}),
)
_VERSION_COLUMNS: dict[str, Column] = {
    "name": t.registered_models.c.name,
    "version_number": t.model_versions.c.version,
    "run_id": t.model_versions.c.run_id,
    "source_path": t.model_versions.c.source,
    "stage": t.model_versions.c.stage,
    "model_id": t.model_versions.c.model_id,
    "creation_timestamp": t.model_versions.c.creation_time,
    "last_updated_timestamp": t.model_versions.c.last_update_time,
}


def search_models(
    c: Connection, filter: str, order_by: Sequence[str], max_results: int, page_token: str | None
) -> Page[RegisteredModel]:
    """Registered models that a filter lets through, by name unless told otherwise (index `uq_registered_models_name`).

    Prompts are left out unless the filter asks for them (tag `mlflow.prompt.is_prompt`).
    """
    same = t.registered_model_tags.c.model == t.registered_models.c.id
    where = _where(MODELS, _MODEL_COLUMNS, t.registered_model_tags, same)
    order = _order(t.registered_models, order_by, MODELS, _MODEL_COLUMNS, {"name": False})
    query = select(t.registered_models).where(_wanted(filter, MODELS, where))
    rows, following = paged(c, query, order, ["models", filter, list(order_by)], max_results, page_token)
    return Page(registered_models.entities(c, rows), following)


def search_versions(
    c: Connection, filter: str, order_by: Sequence[str], max_results: int, page_token: str | None
) -> Page[ModelVersion]:
    """Versions that a filter lets through, by name, the last first, unless told otherwise."""
    tags = t.model_version_tags.c
    same = and_(tags.model == t.model_versions.c.model, tags.version == t.model_versions.c.version)
    where = _where(VERSIONS, _VERSION_COLUMNS, t.model_version_tags, same)
    ends = {"name": False, "version_number": True}
    order = _order(versions.JOINED, order_by, VERSIONS, _VERSION_COLUMNS, ends)
    query = versions.listed().where(_wanted(filter, VERSIONS, where))
    rows, following = paged(c, query, order, ["versions", filter, list(order_by)], max_results, page_token)
    return Page(versions.entities(c, rows), following)


def _wanted(filter: str, words: Words, where: Where) -> ColumnElement[bool]:
    asked = parse(filter.strip(), words)
    prompt = Field("tag", PROMPT_TAG)
    if prompt not in fields(asked):
        asked = And((asked, Compare(prompt, "!=", "true")))
    return condition(asked, where)


def _where(words: Words, columns: Mapping[str, Column], tags: Table, same: ColumnElement[bool]) -> Where:
    """How fields are asked for; what has no tag that makes it a prompt counts as tagged `false`."""

    def where(field: Field, wanted: Condition | None) -> ColumnElement[bool]:
        if field.entity == "attribute":
            there = true() if words.is_number(field) else columns[field.key] != ""
            return and_(there, wanted(columns[field.key])) if wanted else there
        found = select(tags.c.value).where(same, tags.c.key == field.key)
        if wanted is None:
            return exists(found)
        if field.key == PROMPT_TAG:
            return wanted(func.coalesce(found.scalar_subquery(), "false"))
        return exists(found.where(wanted(tags.c.value)))

    return where


def _order(
    joined: FromClause, texts: Sequence[str], words: Words, columns: Mapping[str, Column], ends: Mapping[str, bool]
) -> Order:
    """Read `order_by`; what is left equal goes by `ends` (whether each is descending). A field twice counts once."""
    wanted: dict[str, bool] = {}
    for text in texts:
        field, descending = read_order(text, words)
        if field.entity != "attribute":
            fail(text, 0, f"{words.thing} cannot be sorted by a tag; use one of {', '.join(columns)}")
        wanted.setdefault(field.key, descending)
    keys = [
        Key(columns[name], descending, int if name in words.numbers else str)
        for name, descending in {**wanted, **{end: ends[end] for end in ends if end not in wanted}}.items()
    ]
    return Order(tuple(keys), joined)
