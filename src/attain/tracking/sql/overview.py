"""Of experiments: how many runs in each state, when the last began, how many are below others; one statement each."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from attain.tracking.sql.experiments import number_of
from attain.tracking.sql.rows import among
from attain.tracking.sql.tables import runs


@dataclass(frozen=True)
class Overview:
    """The active runs of one experiment: how many by status, and the start of the last one in ms (None for none)."""

    by_status: dict[str, int]
    last: int | None

    @property
    def total(self) -> int:
        """How many there are."""
        return sum(self.by_status.values())


def overview(c: Connection, experiment_ids: Sequence[str]) -> dict[str, Overview]:
    """The state of some experiments by id; those without runs have none."""
    found: dict[str, Overview] = {}
    query = (
        select(runs.c.experiment, runs.c.status, func.count(), func.max(runs.c.start_time))
        .where(among(runs.c.experiment, [number_of(one) for one in experiment_ids]))
        .where(runs.c.lifecycle_stage == "active")
        .group_by(runs.c.experiment, runs.c.status)
    )
    for experiment, status, count, last in c.execute(query):
        known = found.get(str(experiment), Overview({}, None))
        latest = max(last, known.last) if known.last is not None else last
        found[str(experiment)] = Overview(known.by_status | {status: count}, latest)
    return found


def parts(c: Connection, run_ids: Sequence[str]) -> dict[str, int]:
    """How many active runs are directly below some runs, by id; those without have none."""
    query = (
        select(runs.c.parent_run_id, func.count())
        .where(runs.c.parent_run_id.in_(run_ids), runs.c.lifecycle_stage == "active")
        .group_by(runs.c.parent_run_id)
    )
    return {row[0]: row[1] for row in c.execute(query)}


def started(c: Connection, experiment_ids: Sequence[str], count: int, before: int | None) -> int | None:
    """When the run began that is the last but `count` of some experiments' active ones (index `ix_runs_listed`), in ms.

    Args:
        c: an open transaction.
        experiment_ids: of which experiments.
        count: how many runs begin then or later.
        before: only those that began before this moment, ms; None for all.

    Returns:
        None where there are no more than `count`.
    """
    query = (
        select(runs.c.start_time)
        .where(among(runs.c.experiment, [number_of(one) for one in experiment_ids]))
        .where(runs.c.lifecycle_stage == "active")
        .order_by(runs.c.start_time.desc())
        .offset(count)
        .limit(1)
    )
    return c.execute(query if before is None else query.where(runs.c.start_time < before)).scalar()
