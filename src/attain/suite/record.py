"""What the store keeps of a suite: its own run, a run for each model, and under that a run for each fold."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from attain.data.cohorts import shown, sizes
from attain.data.dataset import Dataset
from attain.suite import protocol
from attain.suite.canary import CANARIES, read_canaries
from attain.suite.config import Split
from attain.suite.plan import Job, ModelRun, Plan, describe, params_set
from attain.suite.repeatable import repeatable
from attain.suite.results import PREPARED
from attain.suite.verdicts import OF_MODELS, compare_suite
from attain.tasks.find import task
from attain.tracking import artifacts
from attain.tracking.entities import KEY_TAG, UNITS_TAG, DatasetInput
from attain.tracking.provenance import PROVENANCE_PATH, capture
from attain.tracking.store import Store

SUITE_FILE, METRICS_FILE, MEMBERS_FILE = "suite.yaml", "metrics.json", "members.json"
KIND, SUITE, DATASET, MODEL, LABEL = "attain.kind", "attain.suite", "attain.dataset", "attain.model", "attain.label"
DATA_FINGERPRINT, CODE, SPLIT, SEED = "attain.data_fingerprint", "attain.code", "attain.split", "attain.seed"
TASK = "attain.task"
BASELINE, PARAMS_SET = "attain.baseline", "attain.params_set"
MOST_COHORTS = 50
"""Values of an attribute whose sizes are kept."""
SUITE_KEY, FAILED = "attain.suite_key", "attain.failed"


def name_of(run: ModelRun, job: Job | None) -> str:
    """How a job is called: `bkt · assistments2009 · fold 2`, or `… · scores`."""
    if job is not None and job.kind == "trial":
        return f"{run.label} · {run.dataset.name} · fold {job.fold} · trial {job.trial}"
    part = "scores" if job is None else "canaries" if job.kind == "canary" else f"fold {job.fold}"
    return f"{run.label} · {run.dataset.name} · {part}"


def begin_suite(store: Store, experiment: str, plan: Plan, *, workers: int, threads: int) -> str:
    """The suite's own run, with everything needed to trust and repeat it."""
    suite = plan.source.suite
    tags = {
        KIND: "suite",
        TASK: suite.task,
        SUITE: suite.suite,
        SPLIT: _split(suite.split),
        SUITE_KEY: plan.key,
        **_units(plan, suite.split),
    }
    params = {
        "task": suite.task,
        "datasets": ", ".join(dict.fromkeys(run.dataset.name for run in plan.runs)),
        "models": ", ".join(dict.fromkeys(run.label for run in plan.runs)),
        "seeds": ", ".join(map(str, suite.seeds)),
        "replicates": str(suite.replicates),
    }
    run = store.create_run(experiment, suite.suite, tags=tags, params=params)
    artifacts.log_bytes(store, run.run_id, plan.source.text.encode(), SUITE_FILE)
    declared = {
        m.id: {"direction": m.direction, "unit": m.unit, "of_model": bool(m.needs & OF_MODELS)} for m in plan.metrics
    }
    artifacts.log_bytes(store, run.run_id, json.dumps(declared).encode(), METRICS_FILE)
    known = capture(Path.cwd())
    store.log_batch(run.run_id, tags=known.tags)
    facts = known.facts | repeatable(plan, workers=workers, threads=threads)
    artifacts.log_files(store, run.run_id, known.files | {PROVENANCE_PATH: json.dumps(facts, indent=1).encode()})
    store.log_inputs(run.run_id, _inputs(plan.runs))
    return run.run_id


def begin_model(store: Store, experiment: str, parent: str, plan: Plan, run: ModelRun) -> str:
    """The run of one model on one data set with one seed."""
    name = f"{run.label} · {run.dataset.name}"
    tags = tags_of(plan, run) | {
        KIND: "model",
        SUITE: plan.source.suite.suite,
        SPLIT: _split(run.split),
        KEY_TAG: plan.key_of(run),
    }
    made = store.create_run(experiment, name, tags=tags, params=describe(run), parent_run_id=parent)
    store.log_batch(made.run_id, tags=capture(Path.cwd()).tags)
    store.log_inputs(made.run_id, _inputs([run]))
    return made.run_id


def job_message(plan: Plan, run: ModelRun, job: Job) -> dict[str, Any]:
    """What a worker is told to fit and judge a fold, or to ask the canaries of it."""
    return {
        "do": job.kind,
        "job": job.as_dict(),
        "params": describe(replace(run, params=job.params, search=None)),
        "tags": tags_of(plan, run),
    }


def score_message(plan: Plan, run: ModelRun, folds: Mapping[str, str]) -> dict[str, Any]:
    """What a worker is told to score a model."""
    return {
        "do": "score",
        "folds": [folds[job.key] for job in run.jobs],
        "metrics": [metric.id for metric in plan.metrics],
        "cohorts": plan.source.suite.reported_by,
        "prepared": str(run.dataset.folder),
        "data_fingerprint": run.dataset.fingerprint,
        "replicates": plan.source.suite.replicates,
        "label": run.label,
        "folder": str(plan.source.path.parent.resolve()),
    }


def interrupt(store: Store, run_ids: Sequence[str]) -> None:
    """Mark runs as stopped from outside."""
    for run_id in run_ids:
        if store.get_run(run_id).status == "RUNNING":
            store.update_run(run_id, status="KILLED")


def keep_canaries(store: Store, suite_run: str, runs: Mapping[tuple[str, str], str]) -> None:
    """Keep with the suite's run what the canaries found; `runs` are theirs, by label of data set and model."""
    found = [{"dataset": d, "model": m, "canaries": read_canaries(store, run)} for (d, m), run in runs.items()]
    if found:
        artifacts.log_bytes(store, suite_run, json.dumps(found, indent=1).encode(), CANARIES)


def finish_suite(
    store: Store, suite_run: str, plan: Plan, finished: Mapping[tuple[str, str], str], failed: Sequence[str]
) -> None:
    """Compare the finished models, and close the suite's run."""
    if finished:
        artifacts.log_bytes(store, suite_run, json.dumps(list(finished.values())).encode(), MEMBERS_FILE)
        compare_suite(store, suite_run, plan, finished)
    if failed:
        store.log_batch(suite_run, tags={FAILED: "\n".join(failed)})
    store.update_run(suite_run, status="FAILED" if failed else "FINISHED")


def tags_of(plan: Plan, run: ModelRun) -> dict[str, str]:
    """What every run of a model, a fold or a search says of itself."""
    return {
        TASK: plan.source.suite.task,
        DATASET: run.dataset.name,
        DATA_FINGERPRINT: run.dataset.fingerprint,
        MODEL: run.model,
        LABEL: run.label,
        CODE: run.code,
        SEED: str(run.seed),
        PARAMS_SET: json.dumps(params_set(run)),
        PREPARED: str(run.dataset.folder),
        **({BASELINE: "true"} if run.baseline else {}),
        **_units(plan, run.split),
        **protocol.tags_of(_protocol(plan, run)),
    }


def _units(plan: Plan, parted: Split) -> dict[str, str]:
    """What intervals are drawn over, where that is not learners: the task's to say, or the split's if it may choose."""
    units = getattr(parted, "resample", None) or getattr(task(plan.source.suite.task), "UNITS", None)
    return {} if units is None else {UNITS_TAG: units}


def _protocol(plan: Plan, run: ModelRun) -> protocol.Record:
    rules = task(plan.source.suite.task).PROTOCOL
    return protocol.record_of(rules, run.split.model_dump(mode="json"), run.dataset)


def _split(parted: Split) -> str:
    return json.dumps(parted.model_dump(mode="json"))


def _cohorts(data: Dataset[Any]) -> dict[str, dict[str, int | str]]:
    """Learners by cohort, by attribute, small ones hidden; none by an attribute of too many values, such as a class."""
    known = {} if data.cohorts is None else sizes(data.cohorts)
    return {name: shown(counts) for name, counts in known.items() if len(counts) <= MOST_COHORTS}


def _inputs(runs: Sequence[ModelRun]) -> list[DatasetInput]:
    """Each data set once, with the bytes it was read from and what its loader changed."""
    sets = {run.dataset.fingerprint: (run.dataset, task(run.jobs[0].task).counts) for run in runs}
    return [
        DatasetInput(
            name=data.name,
            digest=digest,
            source=json.dumps(data.source_sha256),
            profile=json.dumps(
                {
                    **counts(data),
                    "options": data.options,
                    "changes": {change.what: change.rows for change in data.changes},
                    "cohorts": _cohorts(data),
                },
                default=str,
            ),
        )
        for digest, (data, counts) in sets.items()
    ]
