"""One job: ask of a model, on a data set and split, the questions that only a leak answers wrongly."""

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from attain.core.rng import rng
from attain.data.cache import open_prepared
from attain.data.interactions import Interactions
from attain.data.prepared import obtain
from attain.data.split import ByTime, Fold
from attain.metrics.names import to_key
from attain.suite.config import Split
from attain.suite.job_run import Report, Say, run_job
from attain.suite.keys import check_code
from attain.suite.plan import Job
from attain.suite.training import trained
from attain.tasks.canaries import Experiment, canaries
from attain.tasks.context import FitContext
from attain.tasks.find import task
from attain.tasks.knowledge_tracing import KnowledgeTracer
from attain.tracking import artifacts
from attain.tracking.store import Store

CANARIES = "canaries.json"
"""Artifact with what each canary found."""


def run_canary(message: dict[str, Any], say: Say) -> dict[str, Any]:
    """Do one job: see `run_job`. It fails where one of the canaries does."""
    return run_job(message, say, _ask)


def _ask(job: Job, store: Store, run_id: str, report: Report) -> str:
    found = canaries(_experiment(job), job.seed)
    artifacts.log_bytes(store, run_id, json.dumps([asdict(c) for c in found], indent=1).encode(), CANARIES)
    for canary in found:
        report(0, **{to_key("canary", canary.name.replace(" ", "_")): canary.value})
        if canary.standard_error is not None:
            report(0, **{to_key("canary", canary.name.replace(" ", "_"), "standard_error"): canary.standard_error})
    return "; ".join(f"canary {c.name!r}: {c.found}" for c in found if not c.passed)


def _experiment(job: Job) -> Experiment:
    module = task(job.task)
    adapter = module.MODELS.get(job.model, folder=Path(job.folder))
    check_code(adapter, job.code)
    data = open_prepared(obtain(Path(job.prepared), job.data_fingerprint))
    parted: Any = TypeAdapter(Split).validate_python(job.split)  # mypy cannot type an annotated union

    def fold(log: Interactions) -> Fold:
        made: Fold = module.make_fold(parted, replace(data, log=log), job.fold)
        return made

    def fit(fold: Fold) -> KnowledgeTracer:
        """As the job's fold is fitted: to all training learners, by segment, or with simulated ones."""
        context = FitContext(rng(job.seed, "fit", job.fold))
        return trained(job, lambda: adapter.create(**job.params), fold.train, data, context)

    return Experiment(data.log, fold, fit, module.judge, by_learner=not isinstance(parted, ByTime))


def read_canaries(store: Store, run_id: str) -> list[dict[str, Any]]:
    """What a run keeps of canaries, as it stands in its file; nothing where it did not get so far."""
    if CANARIES not in {file.path for file in store.artifacts_under(run_id, CANARIES)}:
        return []
    kept: list[dict[str, Any]] = json.loads(artifacts.read_bytes(store, run_id, CANARIES))
    return kept
