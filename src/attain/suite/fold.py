"""One job: fit a model on the training part of a fold, predict the held-out part, keep what came out."""

import json
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from attain.core import table_file
from attain.core.table import Predictions
from attain.data import catalogue
from attain.data.cache import open_prepared
from attain.data.interactions import Interactions
from attain.data.prepared import obtain
from attain.suite.config import Split
from attain.suite.fitting import fitting
from attain.suite.job_run import Report, Say, run_job
from attain.suite.keys import check_code
from attain.suite.plan import Job
from attain.suite.results import BESIDE
from attain.suite.training import trained
from attain.tasks.find import task
from attain.tracking import artifacts
from attain.tracking.store import Store

GUARD = "guard.json"
"""Artifact with what the task's guard found in a fold and let pass."""


def run_fold(message: dict[str, Any], say: Say) -> dict[str, Any]:
    """Do one job: see `run_job`."""
    return run_job(message, say, _fit_and_judge)


def _fit_and_judge(job: Job, store: Store, run_id: str, report: Report) -> str:
    module = task(job.task)
    adapter = module.MODELS.get(job.model, folder=Path(job.folder))
    check_code(adapter, job.code)
    data = open_prepared(obtain(Path(job.prepared), job.data_fingerprint))
    parted: Any = TypeAdapter(Split).validate_python(job.split)  # mypy cannot type an annotated union
    fold = module.make_fold(parted, data, job.fold)
    if found := module.guarded(parted, fold, job.allow):
        artifacts.log_bytes(store, run_id, json.dumps(found, indent=1).encode(), GUARD)
    started, cpu = time.perf_counter(), time.process_time()
    with fitting(job, store, run_id, report) as context:
        model = trained(job, lambda: adapter.create(**job.params), fold.train, data, context)
    fitted, fit_cpu = time.perf_counter(), time.process_time()
    table: Predictions = module.judge(model, fold)
    seconds = {
        "seconds/fit": fitted - started,
        "seconds/fit_cpu": fit_cpu - cpu,
        "seconds/predict": time.perf_counter() - fitted,
        "seconds/predict_cpu": time.process_time() - fit_cpu,
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        **module.sizes(fold),
        f"{table.units_are}s/test": len(table.units),
    }
    report(0, **seconds)
    module.look(model, fold)
    if job.fold == 0 and (said := module.said_beside(lambda: adapter.create(**job.params), parted, data, job.seed)):
        store.log_batch(run_id, tags={BESIDE: said})
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        table_file.write(table, folder)
        (folder / "model").mkdir()
        model.save(folder / "model")
        if isinstance(fold.train, Interactions):
            catalogue.write(catalogue.of_log(fold.train), folder / "model")
        artifacts.log_artifacts(store, run_id, folder)
    return ""
