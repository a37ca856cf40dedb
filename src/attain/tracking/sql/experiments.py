"""Experiments: named places for runs."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, select, update

from attain.tracking.entities import Experiment, View
from attain.tracking.errors import Exists, Invalid, NotFound
from attain.tracking.rules import checked_key, checked_name, checked_tags
from attain.tracking.sql.dialect import upsert
from attain.tracking.sql.rows import among
from attain.tracking.sql.tables import experiment_tags, experiments, runs

Found = Row[Any]  # a row of the whole table `experiments`, perhaps with more behind


def create(
    c: Connection, name: str, now: int, artifact_location: str | None = None, tags: Mapping[str, object] | None = None
) -> str:
    """Make an experiment; its id.

    Raises:
        Exists: another one, perhaps deleted, has the name.
    """
    checked_name("an experiment", name)
    if (other := c.execute(select(experiments).where(experiments.c.name == name)).first()) is not None:
        mend = "Restore it, or choose" if other.lifecycle_stage == "deleted" else "Choose"
        state = "A deleted experiment" if other.lifecycle_stage == "deleted" else "An experiment"
        raise Exists(f"{state} (id {other.id}) is called {name!r} already. {mend} another name.")
    values = {
        "name": name,
        "artifact_location": artifact_location or "",
        "lifecycle_stage": "active",
        "creation_time": now,
        "last_update_time": now,
    }
    number = c.execute(insert(experiments).values(values).returning(experiments.c.id)).scalar_one()
    if not artifact_location:
        place = f"mlflow-artifacts:/{number}"
        c.execute(update(experiments).where(experiments.c.id == number).values(artifact_location=place))
    set_tags(c, str(number), tags or {})
    return str(number)


def get(c: Connection, experiment_id: str) -> Experiment:
    """The experiment with an id, deleted or not.

    Raises:
        NotFound: there is none.
    """
    row = c.execute(select(experiments).where(experiments.c.id == number_of(experiment_id))).first()
    if row is None:
        raise NotFound(f"There is no experiment with id {experiment_id!r}.")
    return entities(c, [row])[0]


def named(c: Connection, name: str) -> Experiment | None:
    """The experiment with a name, deleted or not; None if there is none."""
    row = c.execute(select(experiments).where(experiments.c.name == name)).first()
    return entities(c, [row])[0] if row is not None else None


def rename(c: Connection, experiment_id: str, name: str, now: int) -> None:
    """Give an active experiment another name."""
    checked_name("an experiment", name)
    number = active(c, experiment_id)
    other = c.execute(select(experiments.c.id).where(experiments.c.name == name)).scalar()
    if other not in (None, number):
        raise Exists(f"Experiment {other} is called {name!r} already. Choose another name.")
    c.execute(update(experiments).where(experiments.c.id == number).values(name=name, last_update_time=now))


def set_tags(c: Connection, experiment_id: str, tags: Mapping[str, object]) -> None:
    """Set tags of an active experiment; those there already are overwritten."""
    number = active(c, experiment_id)
    rows = [{"experiment": number, "key": k, "value": v} for k, v in checked_tags(tags).items()]
    upsert(c, experiment_tags, rows)


def delete_tag(c: Connection, experiment_id: str, key: str) -> None:
    """Take a tag from an active experiment."""
    number = active(c, experiment_id)
    where = (experiment_tags.c.experiment == number) & (experiment_tags.c.key == checked_key("tag", key))
    if c.execute(delete(experiment_tags).where(where)).rowcount == 0:
        raise NotFound(f"Experiment {experiment_id!r} has no tag {key!r}.")


def remove(c: Connection, experiment_id: str, now: int) -> None:
    """Mark an active experiment and its active runs as deleted."""
    number = _at_stage(c, experiment_id, "active")
    _mark(c, number, "deleted", now)
    theirs = (runs.c.experiment == number) & (runs.c.lifecycle_stage == "active")
    gone = {"lifecycle_stage": "deleted", "deleted_with_experiment": True, "deleted_time": now}
    c.execute(update(runs).where(theirs).values(gone))


def restore(c: Connection, experiment_id: str, now: int) -> None:
    """Bring back a deleted experiment, with the runs that went with it."""
    number = _at_stage(c, experiment_id, "deleted")
    _mark(c, number, "active", now)
    theirs = (runs.c.experiment == number) & runs.c.deleted_with_experiment
    back = {"lifecycle_stage": "active", "deleted_with_experiment": False, "deleted_time": None}
    c.execute(update(runs).where(theirs).values(back))


def active(c: Connection, experiment_id: str) -> int:
    """The key of an experiment that can be written to; it is not deleted before this write ends.

    Raises:
        NotFound: there is none with this id.
        Invalid: it is deleted.
    """
    number = number_of(experiment_id)
    query = select(experiments.c.lifecycle_stage).where(experiments.c.id == number)
    stage = c.execute(query.with_for_update(read=True)).scalar()
    if stage is None:
        raise NotFound(f"There is no experiment with id {experiment_id!r}.")
    if stage == "deleted":
        raise Invalid(f"Experiment {experiment_id!r} is deleted; restore it to write to it.")
    return number


def number_of(experiment_id: str) -> int:
    """The key of an experiment id; -1, which no experiment has, if it is not a decimal number."""
    known = experiment_id.isascii() and experiment_id.isdecimal() and len(experiment_id) < 19
    return int(experiment_id) if known else -1


def viewed(stage: "ColumnElement[str]", view: View) -> ColumnElement[bool]:
    """The condition that a view sets on a lifecycle stage."""
    stages = {"ACTIVE_ONLY": ("active",), "DELETED_ONLY": ("deleted",), "ALL": ("active", "deleted")}
    if view not in stages:
        raise Invalid(f"The view is {view!r}; expected one of {', '.join(stages)}.")
    return among(stage, stages[view])


def entities(c: Connection, rows: Sequence[Found]) -> list[Experiment]:
    """Experiments of rows of `experiments`, in their order, with their tags."""
    numbers = [row.id for row in rows]
    tags: dict[int, dict[str, str]] = {number: {} for number in numbers}
    for tag in c.execute(select(experiment_tags).where(experiment_tags.c.experiment.in_(numbers))):
        tags[tag.experiment][tag.key] = tag.value
    return [
        Experiment(
            experiment_id=str(row.id),
            name=row.name,
            artifact_location=row.artifact_location,
            lifecycle_stage=row.lifecycle_stage,
            creation_time=row.creation_time,
            last_update_time=row.last_update_time,
            tags=tags[row.id],
        )
        for row in rows
    ]


def _at_stage(c: Connection, experiment_id: str, stage: str) -> int:
    where = (experiments.c.id == number_of(experiment_id)) & (experiments.c.lifecycle_stage == stage)
    number: int | None = c.execute(select(experiments.c.id).where(where)).scalar()
    if number is None:
        raise NotFound(f"There is no {stage} experiment with id {experiment_id!r}.")
    return number


def _mark(c: Connection, number: int, stage: str, now: int) -> None:
    values = {"lifecycle_stage": stage, "last_update_time": now}
    c.execute(update(experiments).where(experiments.c.id == number).values(values))
