"""Claims: a job's key belongs to one living process at a time, so that no job is done twice at once."""

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, update

from attain.tracking.entities import KEY_TAG
from attain.tracking.liveness import is_gone
from attain.tracking.rules import checked_key
from attain.tracking.sql.dialect import insert_new
from attain.tracking.sql.tables import JOB_KEY, claims, runs, tags

_MANY = 10_000


def claim(c: Connection, key: str, run_id: str, process: str, now: int) -> bool:
    """Take a key for a run; False if another run has it whose process may still live."""
    wanted = {"key": checked_key("job", key), "run_id": run_id, "process": process, "heartbeat": now}
    insert_new(c, claims, [wanted])
    held = c.execute(select(claims).where(claims.c.key == key).with_for_update()).one()
    if held.run_id != run_id and not is_gone(held.process, held.heartbeat, now):
        return False
    c.execute(update(claims).where(claims.c.key == key).values(wanted))
    return True


def release(c: Connection, key: str) -> None:
    """Give a key up; nothing happens if nobody has it."""
    c.execute(delete(claims).where(claims.c.key == key))


def release_all(c: Connection, run_id: str) -> None:
    """Give up every key of a run."""
    c.execute(delete(claims).where(claims.c.run_id == run_id))


def renew(c: Connection, run_ids: Sequence[str], process: str, now: int) -> None:
    """Say that these runs' claims are still wanted, by this process."""
    c.execute(update(claims).where(claims.c.run_id.in_(run_ids)).values(heartbeat=now, process=process))


def claimed(c: Connection, keys: Sequence[str], now: int) -> dict[str, str]:
    """Which of these keys are held by a living process, and for which run."""
    held = {}
    for start in range(0, len(keys), _MANY):
        for row in c.execute(select(claims).where(claims.c.key.in_(keys[start : start + _MANY]))):
            if not is_gone(row.process, row.heartbeat, now):
                held[row.key] = row.run_id
    return held


def finished(c: Connection, keys: Sequence[str]) -> dict[str, str]:
    """The last started finished run of each job key that has one (by index `ix_tags_job_key`)."""
    assert KEY_TAG in str(JOB_KEY)
    query = (
        select(tags.c.value, runs.c.run_id)
        .join(runs, runs.c.id == tags.c.run)
        .where(tags.c.key == JOB_KEY, runs.c.status == "FINISHED", runs.c.lifecycle_stage == "active")
        .order_by(runs.c.start_time, runs.c.id)
    )
    done: dict[str, str] = {}
    for start in range(0, len(keys), _MANY):
        rows = c.execute(query.where(tags.c.value.in_(keys[start : start + _MANY])))
        done |= dict(rows.all())
    return done
