"""Runs: made, changed, marked as deleted, and read with all that belongs to them."""

import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from attain.tracking.entities import PARENT_TAG, RUN_NAME_TAG, Run, Status
from attain.tracking.errors import Exists, Invalid, NotFound
from attain.tracking.names import run_name
from attain.tracking.rules import checked_name, checked_status, checked_text, checked_time
from attain.tracking.sql import claims, experiments, labels
from attain.tracking.sql import tables as t
from attain.tracking.sql.run_rows import entities, entity

_ENDED = ("FINISHED", "FAILED", "KILLED")
_MANY = 5_000

_TO_READ = select(t.runs).where(t.runs.c.run_id == bindparam("wanted"))
_TO_WRITE = _TO_READ.with_for_update(key_share=True)
"""Made once: each request asks for a run, and to make the statement takes longer than to find it."""


def create(
    c: Connection,
    experiment_id: str,
    *,
    name: str | None,
    tags: Mapping[str, object],
    params: Mapping[str, object],
    parent_run_id: str | None,
    start_time: int,
    user_id: str,
    process: str | None,
    run_id: str | None = None,
) -> str:
    """Make a running run; its id.

    Raises:
        NotFound: there is no such experiment.
        Invalid: it is deleted, or a value breaks a rule.
        Exists: a run has the id already.
    """
    experiment = experiments.active(c, experiment_id)
    tags = {**_agreed(tags, RUN_NAME_TAG, name, "name"), **_agreed(tags, PARENT_TAG, parent_run_id, "parent_run_id")}
    name = checked_name("a run", tags.setdefault(RUN_NAME_TAG, name or run_name()))
    run_id = uuid.uuid4().hex if run_id is None else _free(c, run_id)
    values = {
        "run_id": run_id,
        "experiment": experiment,
        "name": name,
        "status": "RUNNING",
        "start_time": checked_time("start_time", start_time),
        "lifecycle_stage": "active",
        "deleted_with_experiment": False,
        "user_id": checked_text("user_id", user_id),
        "artifact_uri": f"mlflow-artifacts:/{experiment}/{run_id}/artifacts",
        "process": process,
        "heartbeat": start_time if process else None,
    }
    run = c.execute(insert(t.runs).values(values).returning(t.runs.c.id)).scalar_one()
    labels.set_tags(c, run, tags)
    labels.add_params(c, run, params)
    return run_id


def writable(c: Connection, run_id: str) -> tuple[int, int]:
    """The keys of a run that can be written to, and of its experiment; other writes to it wait until this one ends.

    Raises:
        NotFound: there is no such run.
        Invalid: it is deleted.
    """
    row = _found(c, run_id, for_writing=True)
    if row.lifecycle_stage == "deleted":
        raise Invalid(f"Run {run_id!r} is deleted; restore it to write to it.")
    return row.id, row.experiment


def number_of(c: Connection, run_id: str) -> int:
    """The key of a run, deleted or not."""
    number: int = _found(c, run_id).id
    return number


def numbers_of(c: Connection, run_ids: Iterable[str]) -> dict[str, int]:
    """The keys of those runs that exist, deleted or not."""
    rows = c.execute(select(t.runs.c.run_id, t.runs.c.id).where(t.runs.c.run_id.in_(list(run_ids))))
    return dict(rows.all())


def change(
    c: Connection, run_id: str, *, status: Status | None, end_time: int | None, name: str | None, now: int
) -> None:
    """Change the state or name of a run; ending it gives up its claims, going on takes its end away."""
    run, _ = writable(c, run_id)
    values: dict[str, object] = {}
    if status is not None:
        ended = checked_status(status) in _ENDED
        values |= {"status": status, "end_time": now if ended else None}
        if ended:
            claims.release_all(c, run_id)
    if end_time is not None:
        values["end_time"] = checked_time("end_time", end_time)
    if values:
        c.execute(update(t.runs).where(t.runs.c.id == run).values(values))
    if name:
        labels.set_tags(c, run, {RUN_NAME_TAG: checked_name("a run", name)})


def mark(c: Connection, run_id: str, stage: str, now: int) -> None:
    """Mark a run as deleted or active; it may be so already."""
    when = func.coalesce(t.runs.c.deleted_time, now) if stage == "deleted" else None
    values = {"lifecycle_stage": stage, "deleted_with_experiment": False, "deleted_time": when}
    c.execute(update(t.runs).where(t.runs.c.id == number_of(c, run_id)).values(values))


def attend(c: Connection, run_ids: Sequence[str], process: str, now: int) -> None:
    """Say that a process attends these runs and lives."""
    c.execute(update(t.runs).where(t.runs.c.run_id.in_(run_ids)).values(process=process, heartbeat=now))
    claims.renew(c, run_ids, process, now)


def attended(c: Connection, run_ids: Sequence[str]) -> dict[str, tuple[str | None, int | None]]:
    """Which process attends each of these runs, and when it was last heard of (ms)."""
    known: dict[str, tuple[str | None, int | None]] = {}
    for at in range(0, len(run_ids), _MANY):
        query = select(t.runs.c.run_id, t.runs.c.process, t.runs.c.heartbeat)
        for run_id, process, beat in c.execute(query.where(t.runs.c.run_id.in_(run_ids[at : at + _MANY]))):
            known[run_id] = (process, beat)
    return known


def get(c: Connection, run_id: str) -> Run:
    """A run with all that belongs to it, deleted or not.

    Raises:
        NotFound: there is no such run.
    """
    return entities(c, [_found(c, run_id)])[0]


def bare(c: Connection, run_id: str) -> Run:
    """A run without anything that was logged to it, deleted or not.

    Raises:
        NotFound: there is no such run.
    """
    return entity(_found(c, run_id))


def _found(c: Connection, run_id: str, *, for_writing: bool = False) -> Row[Any]:  # a row of the whole table `runs`
    row = c.execute(_TO_WRITE if for_writing else _TO_READ, {"wanted": run_id}).first()
    if row is None:
        raise NotFound(f"There is no run with id {run_id!r}.")
    return row


def _free(c: Connection, run_id: str) -> str:
    """An id that somebody chose for a new run."""
    if not re.fullmatch("[0-9a-f]{32}", run_id):
        raise Invalid(f"The run id {run_id!r} is not one; expected 32 of 0-9 and a-f.")
    if numbers_of(c, [run_id]):
        raise Exists(f"There is a run with id {run_id!r} already.")
    return run_id


def _agreed(tags: Mapping[str, object], tag: str, value: str | None, what: str) -> dict[str, object]:
    """Tags with `tag` set to `value`, which must not say otherwise."""
    if not value:
        return dict(tags)
    if tags.get(tag, value) != value:
        raise Invalid(f"The run's {what} is {value!r} but its tag {tag!r} is {tags[tag]!r}; give one, or the same.")
    return {**tags, tag: value}
