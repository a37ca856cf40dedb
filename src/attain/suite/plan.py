"""From a suite file to jobs: everything is named, checked and keyed before anything runs."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

from attain.core import fingerprint
from attain.core.component import Component
from attain.core.errors import UserError
from attain.core.metric import Metric
from attain.data.dataset import Dataset
from attain.suite.config import Split, SuiteFile
from attain.suite.keys import code_of_metrics, code_of_model
from attain.suite.named import (
    Arm,
    adapters_of,
    baselines_of,
    check_cohorts,
    check_needs,
    check_training,
    datasets_of,
    metrics_of,
    search_of,
)
from attain.suite.resources import Resources
from attain.suite.search_config import Search
from attain.suite.study import version
from attain.tasks.find import task

RULES = 1
"""Raised when the way a job is run changes its result, so that older results are not taken for new ones."""

SEARCH_RULES = 1
"""As `RULES`, for searches of params."""

CANARY_RULES = 2
"""As `RULES`, for the canaries."""


@dataclass(frozen=True)
class Job:
    """One fold of one model, or its canaries: plain data, so that any process on any machine can run it.

    Attributes:
        key: fingerprint of everything that the result depends on.
        task: name of the task.
        dataset: name of the data set.
        prepared: folder of its prepared columns.
        data_fingerprint: what the data are.
        model: name of the adapter, as the suite gives it.
        params: all its params, defaults included.
        seed: the seed of this run.
        split: how learners are parted.
        fold: which fold is held out.
        folder: the suite's folder, for adapters given as `my_file:MyModel`.
        kind: what is done: a `fold` is fitted and judged, or the canaries (`canary`) are asked of it.
        training: what the model learns from, where that is not all training learners: `Suite.training_as`.
        allow: what the suite lets the task's guard pass, and why.
        code: fingerprint of the adapter's code, where it was planned.
        search: how its params are found, where the suite does not give them: `search`, `metric`, `direction`; of a
            trial, `seen` too, the trials that it may be pruned by.
        trial: the number of a trial.
    """

    key: str
    task: str
    dataset: str
    prepared: str
    data_fingerprint: str
    model: str
    params: dict[str, Any]  # an adapter's own fields
    seed: int
    split: dict[str, Any]  # as above
    fold: int
    folder: str
    kind: Literal["fold", "canary", "trial"] = "fold"
    training: dict[str, Any] = field(default_factory=dict)
    allow: dict[str, str] = field(default_factory=dict)
    code: str = ""
    search: dict[str, Any] = field(default_factory=dict)  # JSON
    trial: int = 0

    def as_dict(self) -> dict[str, Any]:
        """Plain data for the worker."""
        return asdict(self)


@dataclass(frozen=True)
class ModelRun:
    """One model with its params on one data set with one seed: the folds together are one run.

    Attributes:
        label: how tables name it, the shortest that tells it from the others of its data set.
        dataset: the prepared data.
        model: name of the adapter.
        adapter: its class.
        params: all params.
        code: fingerprint of the adapter's code.
        split: how learners are parted.
        jobs: one a fold.
        canary: the job that looks for leaks, where the suite wants it.
        baseline: whether the suite did not name it, and it is there to compare with.
        resources: what each of its jobs asks for.
        search: how params are found that the suite does not give; each fold has its own.
    """

    label: str
    dataset: Dataset[Any]  # of answers or enrolments
    model: str
    adapter: type[Component]
    params: dict[str, Any]  # an adapter's own fields
    seed: int
    code: str
    split: Split
    jobs: tuple[Job, ...]
    canary: Job | None = None
    baseline: bool = False
    resources: Resources = field(default_factory=Resources)
    search: Search | None = None

    @property
    def on(self) -> str:
        """What it learns from."""
        return str(self.jobs[0].training.get("on", "all"))

    @property
    def all_jobs(self) -> tuple[Job, ...]:
        """The canaries first, then the folds."""
        return (*([self.canary] if self.canary else []), *self.jobs)


@dataclass(frozen=True)
class Plan:
    """What a suite will do."""

    source: SuiteFile
    runs: tuple[ModelRun, ...]
    metrics: tuple[Metric, ...]

    @property
    def jobs(self) -> list[Job]:
        """Every job: the canaries of all runs, then fold by fold in the order of the runs."""
        jobs = [job for run in self.runs for job in run.all_jobs]
        return sorted(jobs, key=lambda job: job.kind != "canary")

    @cached_property
    def key(self) -> str:
        """Fingerprint of all that the suite's results depend on: its jobs, and what is asked of them."""
        canaries = [run.canary.key for run in self.runs if run.canary]
        return fingerprint.of_json([self.key_of(run) for run in self.runs] + canaries)

    def place_of_resources(self, run: ModelRun) -> tuple[str | int, ...]:
        """Where the suite file says what a run's jobs ask for."""
        models = self.source.suite.models
        own = [i for i, choice in enumerate(models) if choice.name == run.model and choice.resources == run.resources]
        return ("models", own[0], "resources") if own else ("resources",)

    def key_of(self, run: ModelRun) -> str:
        """Fingerprint of a model's scores: its folds, and what is asked of them."""
        return fingerprint.of_json({"jobs": [job.key for job in run.jobs], "label": run.label} | self._asked)

    @cached_property
    def _asked(self) -> dict[str, Any]:
        return {
            "metrics": [m.id for m in self.metrics],
            "metric_code": code_of_metrics(self.metrics),
            "cohorts": self.source.suite.reported_by,
            "replicates": self.source.suite.replicates,
        }


def make_plan(source: SuiteFile) -> Plan:
    """Check every name, param, column and cohort of a suite, and expand it into jobs.

    Raises:
        UserError: something in the file is wrong; nothing has run yet.
    """
    suite = source.suite
    module = task(suite.task)
    if suite.canaries and not module.HAS_CANARIES:
        raise source.error(f"There are no canaries for {suite.task}; its guard is always on.", "canaries")
    check_training(source, module)
    adapters = list(adapters_of(source, module))
    named = {adapter.name for _, adapter, _ in adapters}
    baselines = baselines_of(module, named) if suite.baselines else []
    metrics = metrics_of(source, module)
    placed = datasets_of(source, module)
    datasets = [dataset for _, dataset in placed]
    check_cohorts(source, datasets)
    check_needs(source, module, metrics, datasets, [adapter for _, adapter, _ in adapters])
    runs = []
    for index, dataset in placed:
        parted = suite.datasets[index].split or suite.split
        try:
            module.guarded(parted, module.make_fold(parted, dataset, 0), suite.allow)
        except UserError as problem:
            raise source.error(problem, "datasets", index) from None
        for choice, adapter, params in adapters:
            try:
                model = adapter.create(**params)
                model.folder = source.path.parent
                model.check_data(dataset.log)
            except UserError as problem:
                raise source.error(f"{dataset.name}: {problem}", "models", suite.models.index(choice)) from None
        for arm, on, seed in itertools.product(adapters, suite.training, suite.seeds):
            runs.append(_model_run(source, dataset, parted, arm, seed, metrics, on))
        for arm in baselines:
            runs.append(replace(_model_run(source, dataset, parted, arm, suite.seeds[0], metrics), baseline=True))
    return Plan(source, tuple(_labelled(source, runs)), tuple(metrics))


def _model_run(
    source: SuiteFile,
    dataset: Dataset[Any],
    parted: Split,
    arm: Arm,
    seed: int,
    metrics: Sequence[Metric],
    on: str = "all",
) -> ModelRun:
    choice, adapter, params = arm
    suite, code = source.suite, code_of_model(adapter)
    written = parted.model_dump(mode="json")
    deal = {name: value for name, value in written.items() if name != "only"}
    training = suite.training_as(on)
    module = task(suite.task)
    sought = search_of(source, module, choice, parted, metrics)
    jobs = []
    for fold in range(module.count(parted, dataset)):
        identity = {
            "rules": RULES,
            "task": suite.task,
            "data": dataset.fingerprint,
            "model": adapter.name,
            "params": params,
            "seed": seed,
            "split": deal,
            "fold": fold,
            "code": code,
            **({"training": training} if training else {}),
            **({"search": {**sought, "optuna": version(), "rules": SEARCH_RULES}} if sought else {}),
        }
        jobs.append(
            Job(
                key=fingerprint.of_json(identity),
                task=suite.task,
                dataset=dataset.name,
                prepared=str(dataset.folder),
                data_fingerprint=dataset.fingerprint,
                model=choice.name,
                params=params,
                seed=seed,
                split=written,
                fold=fold,
                folder=str(source.path.parent.resolve()),
                training=training,
                allow=suite.allow,
                code=code,
                search=sought,
            )
        )
    canary = _canary(jobs[0]) if suite.canaries and seed == suite.seeds[0] else None
    asked = choice.resources or suite.resources
    return ModelRun(
        "", dataset, choice.name, adapter, params, seed, code, parted, tuple(jobs), canary, False, asked, choice.search
    )


def _canary(first: Job) -> Job:
    """The canaries of a run are asked of its first fold."""
    return replace(first, kind="canary", key=fingerprint.of_json({"canaries": CANARY_RULES, "of": first.key}))


def _labelled(source: SuiteFile, runs: list[ModelRun]) -> Iterator[ModelRun]:
    """Runs with labels: the model's name, then only the params and seeds that vary among its runs.

    Raises:
        UserError: two runs of a data set would be called the same, for they are the same.
    """
    taken: set[tuple[str, str]] = set()
    for run in runs:
        named = [r for r in runs if r.adapter.name == run.adapter.name and r.dataset is run.dataset]
        same = [r for r in named if r.model == run.model]
        own = [name for name in run.params if name not in run.adapter.from_files]
        varying = [name for name in own if len({repr(r.params[name]) for r in same}) > 1]
        parts = [run.adapter.name if len(same) == len(named) else run.model]
        if len(varying) > 1:  # what is as it usually is need not be said
            usual = run.adapter.params_class().model_construct().model_dump(mode="json")
            varying = [name for name in varying if name not in usual or run.params[name] != usual[name]]
        parts += [f"{name}={_shown(run.params[name])}" for name in varying]
        if len({r.on for r in same}) > 1:
            parts.append(f"on {run.on}")
        if len({r.seed for r in same}) > 1:
            parts.append(f"seed={run.seed}")
        label = " ".join(parts)
        if (run.dataset.name, label) in taken:
            raise source.error(f"{label!r} is named twice with the same params; keep one.", "models")
        taken.add((run.dataset.name, label))
        yield replace(run, label=label)


def _shown(value: object) -> str:
    return "+".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def describe(run: ModelRun) -> Mapping[str, str]:
    """The params of a run as the store keeps them."""
    own = {f"model.{name}": str(value) for name, value in run.params.items()}
    if run.search is not None:  # each fold finds its own
        own |= {f"model.{name}": "searched" for name in run.search.space}
        own["search.trials"] = str(run.search.trials)
    options = {f"dataset.{name}": str(value) for name, value in run.dataset.options.items()}
    training = {} if run.on == "all" else {f"training.{n}": str(value) for n, value in run.jobs[0].training.items()}
    return {"model": run.model, "dataset": run.dataset.name, "seed": str(run.seed), **training, **own, **options}


def params_set(run: ModelRun) -> list[str]:
    """Which of the described params of the model are other than by default."""
    usual = run.adapter.params_class().model_construct().model_dump(mode="json")
    return [f"model.{name}" for name, value in run.params.items() if name not in usual or value != usual[name]]
