"""What a job hands to a model beside the data, and what becomes of it when the job is stopped."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attain.core.places import home
from attain.core.rng import rng
from attain.suite.job_run import Report
from attain.suite.plan import Job
from attain.tasks.context import FitContext
from attain.tracking import artifacts
from attain.tracking.store import Store

WARNINGS_TAG = "attain.warnings"
"""Tag of a run: what did not go as planned in its fit, and was mended."""
_log = logging.getLogger(__name__)


@contextmanager
def fitting(job: Job, store: Store, run_id: str, report: Report) -> Iterator[FitContext]:
    """The context of a job's fit, with a folder for checkpoints that is the job's own.

    A job that is begun again, in whatever run, finds the folder as it was left; once the job has gone well, the folder
    is taken away. Where the job is interrupted and the model has saved its best state in `model` there, the run keeps
    it as its model.
    """
    folder = home() / "checkpoints" / job.key
    told: list[str] = []

    def warn(sentence: str) -> None:
        _log.warning(sentence)
        told.append(sentence)
        store.log_batch(run_id, tags={WARNINGS_TAG: "\n".join(told)})

    try:
        yield FitContext(
            rng(job.seed, "fit", job.fold), report, warn, checkpoint=folder, seed=job.seed, folder=Path(job.folder)
        )
    except KeyboardInterrupt:
        _keep(store, run_id, folder / "model")
        raise
    shutil.rmtree(folder, ignore_errors=True)


def _keep(store: Store, run_id: str, model: Path) -> None:
    if model.is_dir():
        artifacts.log_artifacts(store, run_id, model, "model")
        shutil.rmtree(model)
