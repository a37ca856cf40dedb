"""One job as a run of its own: begun, watched, and closed with what became of it."""

import traceback
from collections.abc import Callable
from typing import Any

from attain.core.errors import UserError
from attain.suite.plan import Job
from attain.tracking import artifacts
from attain.tracking.entities import KEY_TAG, MetricPoint
from attain.tracking.liveness import now_ms
from attain.tracking.store import Store, open_store
from attain.tracking.writer import Writer

Say = Callable[..., None]
"""`say(event, **values)` tells the parent process."""
Report = Callable[..., None]
"""`report(step, **values)` adds a point to each named curve of the run."""
Work = Callable[[Job, Store, str, Report], str]
"""Does a job, given the store, the id of its run and where to report; says why it failed, "" where it did not."""


def run_job(message: dict[str, Any], say: Say, work: Work) -> dict[str, Any]:
    """Do one job as a run of its own, under the run of its model.

    Args:
        message: `store` (address), `experiment`, `parent` (run id), `name`, `params`, `tags` and `job`.
        say: tells the parent of the start and of progress.
        work: what is to be done.

    Returns:
        `run_id`, `outcome` (`finished` or `failed`) and, where it failed, `why`.
    """
    store, job = open_store(message["store"]), Job(**message["job"])
    try:
        run = store.create_run(
            message["experiment"],
            message["name"],
            tags=message["tags"] | {KEY_TAG: job.key, "attain.kind": job.kind},
            params=message["params"] | {"fold": str(job.fold)},
            parent_run_id=message["parent"],
        )
        say("started", run_id=run.run_id)
        with Writer(store) as writer:
            writer.attend(run.run_id)
            why = _done(work, job, store, run.run_id, _reporter(writer, run.run_id, say))
    except KeyboardInterrupt:
        _mark_as_stopped(store, message, job)
        raise
    if why:
        store.update_run(run.run_id, status="FAILED")
        return {"run_id": run.run_id, "outcome": "failed", "why": why}
    store.update_run(run.run_id, status="FINISHED")
    return {"run_id": run.run_id, "outcome": "finished"}


def _done(work: Work, job: Job, store: Store, run_id: str, report: Report) -> str:
    """What `work` says; whatever a model raises costs this job and no other."""
    try:
        return work(job, store, run_id, report)
    except Exception as error:  # noqa: BLE001  # see above
        store.update_run(run_id, status="FAILED")
        artifacts.log_bytes(store, run_id, traceback.format_exc().encode(), "error.txt")
        return str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"


def _mark_as_stopped(store: Store, message: dict[str, Any], job: Job) -> None:
    """Mark the run of this job, whose id is not known yet where it was being created."""
    wanted = f"tags.`{KEY_TAG}` = '{job.key}' AND attributes.status = 'RUNNING'"
    for run in store.search_runs([message["experiment"]], wanted).items:
        if run.parent_run_id == message["parent"]:
            store.update_run(run.run_id, status="KILLED")


def _reporter(writer: Writer, run_id: str, say: Say) -> Report:
    def report(step: int, **values: float) -> None:
        step, values = int(step), {key: float(value) for key, value in values.items()}  # also where they are NumPy's
        writer.log(run_id, [MetricPoint(key, value, now_ms(), step) for key, value in values.items()])
        shown = {key: value for key, value in values.items() if "/" not in key and key != "peak_memory_mb"}
        if shown:
            say("progress", step=step, values=shown)

    return report
