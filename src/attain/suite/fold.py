"""One job: fit a model on the training part of a fold, predict the held-out part, keep what came out."""

import resource
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from attain.core import rng, table_file
from attain.core.errors import UserError
from attain.core.table import Predictions
from attain.data import split
from attain.data.cache import open_prepared
from attain.suite.plan import Job
from attain.tasks.context import FitContext
from attain.tasks.find import task
from attain.tasks.peeking import refuse_peeking
from attain.tracking import artifacts
from attain.tracking.entities import KEY_TAG, MetricPoint
from attain.tracking.liveness import now_ms
from attain.tracking.store import Store, open_store
from attain.tracking.writer import Writer

Say = Callable[..., None]
"""`say(event, **values)` tells the parent process."""


def run_fold(message: dict[str, Any], say: Say) -> dict[str, Any]:
    """Do one job as a run of its own, under the run of its model.

    Args:
        message: `store` (address), `experiment`, `parent` (run id), `name`, `params`, `tags` and `job`.
        say: tells the parent of the start and of progress.

    Returns:
        `run_id`, `outcome` (`finished` or `failed`) and, where it failed, `why`.
    """
    store, job = open_store(message["store"]), Job(**message["job"])
    run = store.create_run(
        message["experiment"],
        message["name"],
        tags=message["tags"] | {KEY_TAG: job.key, "attain.kind": "fold"},
        params=message["params"] | {"fold": str(job.fold)},
        parent_run_id=message["parent"],
    )
    say("started", run_id=run.run_id)
    with Writer(store) as writer:
        writer.attend(run.run_id)
        try:
            _fit_and_judge(job, store, run.run_id, _reporter(writer, run.run_id, say))
        except KeyboardInterrupt:
            writer.flush()
            store.update_run(run.run_id, status="KILLED")
            raise
        except Exception as error:  # noqa: BLE001  # whatever a model raises costs this job and no other
            store.update_run(run.run_id, status="FAILED")
            artifacts.log_bytes(store, run.run_id, traceback.format_exc().encode(), "error.txt")
            why = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
            return {"run_id": run.run_id, "outcome": "failed", "why": why}
    store.update_run(run.run_id, status="FINISHED")
    return {"run_id": run.run_id, "outcome": "finished"}


def _fit_and_judge(job: Job, store: Store, run_id: str, report: Callable[..., None]) -> None:
    module = task(job.task)
    model = module.MODELS.get(job.model, folder=Path(job.folder)).create(**job.params)
    data = open_prepared(Path(job.prepared))
    parted: Any = TypeAdapter(split.Split).validate_python(job.split)  # mypy cannot type an annotated union
    fold = split.make(parted, data.log, data.published, job.fold)
    context = FitContext(rng.rng(job.seed, "fit", job.fold), report)
    started, cpu = time.perf_counter(), time.process_time()
    model.fit(fold.train, context)
    fitted, fit_cpu = time.perf_counter(), time.process_time()
    table: Predictions = module.judge(model, fold)
    seconds = {
        "seconds/fit": fitted - started,
        "seconds/fit_cpu": fit_cpu - cpu,
        "seconds/predict": time.perf_counter() - fitted,
        "seconds/predict_cpu": time.process_time() - fit_cpu,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "answers/train": len(fold.train),
        "answers/test": int(fold.scored.sum()),
        "learners/train": len(fold.train.present),
        "learners/test": len(table.units),
    }
    report(0, **seconds)
    refuse_peeking(model, fold.test)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        table_file.write(table, folder)
        (folder / "model").mkdir()
        model.save(folder / "model")
        artifacts.log_artifacts(store, run_id, folder)


def _reporter(writer: Writer, run_id: str, say: Say) -> Callable[..., None]:
    def report(step: int, **values: float) -> None:
        step, values = int(step), {key: float(value) for key, value in values.items()}  # also where they are NumPy's
        writer.log(run_id, [MetricPoint(key, value, now_ms(), step) for key, value in values.items()])
        shown = {key: value for key, value in values.items() if "/" not in key and key != "peak_memory_mb"}
        if shown:
            say("progress", step=step, values=shown)

    return report
