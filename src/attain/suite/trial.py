"""One job: try params on parts of a fold's training data. What the fold holds out is never looked at."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from attain.core.rng import rng
from attain.data.cache import open_prepared
from attain.data.prepared import obtain
from attain.metrics.discover import find
from attain.metrics.evaluate import by_fold
from attain.suite.config import Split
from attain.suite.job_run import Report, Say, run_job
from attain.suite.keys import check_code
from attain.suite.plan import Job
from attain.suite.search_config import Search
from attain.suite.study import Trial, is_hopeless
from attain.suite.training import trained
from attain.tasks.context import FitContext
from attain.tasks.find import task
from attain.tracking.store import Store

VALUE = "trial"
"""The curve of a trial's run: the mean of the metric over the parts so far, after each part."""
STATE = "attain.trial"
"""Tag of a trial's run: `complete` or `pruned`."""


def run_trial(message: dict[str, Any], say: Say) -> dict[str, Any]:
    """Do one job: see `run_job`."""
    return run_job(message, say, _try)


def _try(job: Job, store: Store, run_id: str, report: Report) -> str:
    module = task(job.task)
    adapter = module.MODELS.get(job.model, folder=Path(job.folder))
    check_code(adapter, job.code)
    data = open_prepared(obtain(Path(job.prepared), job.data_fingerprint))
    parted: Any = TypeAdapter(Split).validate_python(job.split)  # mypy cannot type an annotated union
    inside = replace(data, log=module.make_fold(parted, data, job.fold).train, published=None)
    search, direction = Search.model_validate(job.search["search"]), job.search["direction"]
    seen = [Trial(**trial) for trial in job.search["seen"]]
    metric = find(job.search["metric"], folder=Path(job.folder))
    values, steps = list[float](), list[float]()
    again, parts = module.inner(parted, search.folds, search.seed)
    for part in range(parts):
        fold = module.make_fold(again, inside, part)
        context = FitContext(rng(job.seed, "fit", job.fold, part))
        model = trained(job, lambda: adapter.create(**job.params), fold.train, inside, context)
        value = by_fold(module.judge(model, fold), metric).mean
        if value is None:
            return f"{metric.id} is undefined on part {part} of the training data"
        values.append(value)
        steps.append(sum(values) / len(values))
        report(part, **{VALUE: steps[-1]})
        if len(steps) < parts and is_hopeless(search, direction, seen, steps):
            store.log_batch(run_id, tags={STATE: "pruned"})
            return ""
    store.log_batch(run_id, tags={STATE: "complete"})
    return ""
