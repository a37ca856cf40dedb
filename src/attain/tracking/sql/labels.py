"""Params, which never change, and tags, which may."""

from collections.abc import Mapping

from sqlalchemy import Connection, delete, select, update

from attain.tracking.entities import KEY_TAG, PARENT_TAG, RUN_NAME_TAG
from attain.tracking.errors import Invalid, NotFound
from attain.tracking.rules import KEY_LENGTH, checked_key, checked_params, checked_tags
from attain.tracking.sql.dialect import insert_new, upsert
from attain.tracking.sql.tables import params, runs, tags

_MIRRORED = {RUN_NAME_TAG: "name", PARENT_TAG: "parent_run_id"}
"""Tags that are also a column of the run: one fact, and each way of writing it sets both."""


def add_params(c: Connection, run: int, given: Mapping[str, object]) -> None:
    """Add params to a run; one that is there with the same value is fine.

    Raises:
        Invalid: one is there with another value.
    """
    checked = checked_params(given)
    if not checked:
        return
    insert_new(c, params, [{"run": run, "key": k, "value": v} for k, v in checked.items()])
    there = c.execute(select(params.c.key, params.c.value).where(params.c.run == run, params.c.key.in_(checked)))
    for key, value in there.all():
        if value != checked[key]:
            raise Invalid(
                f"Param {key!r} of this run is {value!r} already and params never change; the new value is "
                f"{checked[key]!r}. Use a tag for what changes, or start another run."
            )


def set_tags(c: Connection, run: int, given: Mapping[str, object]) -> None:
    """Set tags of a run; those that are there are overwritten."""
    checked = checked_tags(given)
    for name in (KEY_TAG, PARENT_TAG):
        if len(checked.get(name, "")) > KEY_LENGTH:
            raise Invalid(f"Tag {name!r} has {len(checked[name])} characters; at most {KEY_LENGTH} fit.")
    upsert(c, tags, [{"run": run, "key": k, "value": v} for k, v in checked.items()])
    mirrored = {column: checked[tag] for tag, column in _MIRRORED.items() if tag in checked}
    if mirrored:
        c.execute(update(runs).where(runs.c.id == run).values(mirrored))


def delete_tag(c: Connection, run: int, key: str) -> None:
    """Take a tag from a run.

    Raises:
        NotFound: it has no such tag.
    """
    where = (tags.c.run == run) & (tags.c.key == checked_key("tag", key))
    if c.execute(delete(tags).where(where)).rowcount == 0:
        raise NotFound(f"The run has no tag {key!r}.")
    if key == PARENT_TAG:
        c.execute(update(runs).where(runs.c.id == run).values(parent_run_id=None))
