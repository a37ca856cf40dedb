"""What a finished suite says, as facts: models by metrics with intervals, and the verdicts."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from attain.core.direction import Direction
from attain.metrics.difference import Difference, verdict
from attain.metrics.evaluate import Value
from attain.suite import record
from attain.suite.canary import read_canaries
from attain.suite.protocol import PROTOCOL, PROTOCOL_KEY
from attain.suite.results import BESIDE
from attain.suite.score import values_of
from attain.suite.verdicts import differences_of
from attain.tasks.canaries import Canary
from attain.tracking import artifacts
from attain.tracking.entities import Run
from attain.tracking.store import Store


@dataclass(frozen=True)
class Declared:
    """What was declared of a metric when the suite ran, so that its results can be read without its code."""

    id: str
    direction: Direction
    unit: str
    of_model: bool
    """Whether it reads what a model said; if not, it is the same for every model."""


@dataclass(frozen=True)
class Column:
    """One model: its run, its values overall, and its values by cohort."""

    label: str
    run_id: str
    values: dict[str, Value]
    by_cohort: tuple[Value, ...]
    beside: str = ""
    """A sentence that must stand beside the values."""


@dataclass(frozen=True)
class Table:
    """The models of one data set and one protocol record beside each other, best first by the first metric."""

    dataset: str
    metrics: tuple[Declared, ...]
    columns: tuple[Column, ...]
    baselines: tuple[Column, ...]
    differences: tuple[Difference, ...]
    protocol: Mapping[str, Any] = field(default_factory=dict)  # JSON
    units: str = "learners"
    """What intervals were drawn over."""

    @property
    def of_models(self) -> tuple[Declared, ...]:
        """Metrics that read what a model said."""
        return tuple(m for m in self.metrics if m.of_model)

    @property
    def of_data(self) -> tuple[Declared, ...]:
        """Metrics that read only what learners did, and so are the same for every model."""
        return tuple(m for m in self.metrics if not m.of_model)

    def verdicts(self) -> list[str]:
        """For the first metric, each model against the next in order: together they say which order is sure.

        Then which models are not better than the best baseline. Where one reason forbids every comparison, it is said
        once. Where the first metric is asked for several times, as on each of several parts, all this is said of each.
        """
        family = self.metrics[0].id.partition("[")[0]
        asked = [metric for metric in self.metrics if metric.id.partition("[")[0] == family]
        return [sentence for metric in asked for sentence in self._verdicts_on(metric)]

    def _verdicts_on(self, metric: Declared) -> list[str]:
        own = [d for d in self.differences if d.metric == metric.id]
        if len({d.reason for d in own}) == 1 and all(d.difference is None for d in own):
            return [f"no models can be compared on {metric.id}: {own[0].reason}"]
        models, baselines = _ranked(self.columns, metric), _ranked(self.baselines, metric)
        found = [_between(own, a, b) for a, b in pairwise(models)]
        told = [verdict(difference) for difference in found if difference is not None]
        return told + _against_baselines(own, models, baselines)


def _between(own: Sequence[Difference], a: Column, b: Column) -> Difference | None:
    """The difference of two models on one metric."""
    return next((d for d in own if set(d.names) == {a.label, b.label}), None)


def _against_baselines(own: Sequence[Difference], models: Sequence[Column], baselines: Sequence[Column]) -> list[str]:
    """Which models are not better than the best baseline on one metric, or that all are."""
    if not baselines:
        return []
    best, worse = baselines[0], []
    for model in models:
        difference = _between(own, model, best)
        if difference is not None and not (difference.clear and difference.better == model.label):
            worse.append(verdict(difference))
    if worse:
        return [f"{sentence} (the best baseline)" for sentence in worse]
    return [f"{best.label} is the best baseline; every model is better than it"] if models else []


def tables(store: Store, suite_run: str) -> list[Table]:
    """The results of a suite's run, one table a data set."""
    run = store.get_run(suite_run)
    kept = differences_of(store, suite_run)
    metrics = _declared(store, suite_run)
    members = [r for r in model_runs(store, run) if r.status == "FINISHED"]
    out = []
    for dataset, key in dict.fromkeys((r.tags[record.DATASET], r.tags.get(PROTOCOL_KEY)) for r in members):
        runs = [r for r in members if (r.tags[record.DATASET], r.tags.get(PROTOCOL_KEY)) == (dataset, key)]
        models, baselines = (
            _ranked([_column(store, r) for r in runs if (record.BASELINE in r.tags) is baseline], metrics[0])
            for baseline in (False, True)
        )
        rules = json.loads(runs[0].tags.get(PROTOCOL, "{}"))
        out.append(Table(dataset, metrics, models, baselines, tuple(kept.get(dataset, ())), rules, run.units))
    return out


@dataclass(frozen=True)
class Asked:
    """What the canaries found of one model on one data set; none where they died of something else."""

    dataset: str
    model: str
    canaries: tuple[Canary, ...]


def canaries(store: Store, suite_run: str) -> list[Asked]:
    """What the canaries of a suite's run found; nothing where they were not asked."""
    found = read_canaries(store, suite_run)
    return [Asked(f["dataset"], f["model"], tuple(Canary(**c) for c in f["canaries"])) for f in found]


def _declared(store: Store, suite_run: str) -> tuple[Declared, ...]:
    kept = json.loads(artifacts.read_bytes(store, suite_run, record.METRICS_FILE))
    return tuple(Declared(id=identity, **said) for identity, said in kept.items())


def model_runs(store: Store, suite_run: Run) -> list[Run]:
    """The finished runs of models that a suite's run stands on: its own, and those of earlier runs it found done."""
    if record.MEMBERS_FILE not in {file.path for file in store.artifacts_under(suite_run.run_id, record.MEMBERS_FILE)}:
        return []
    members = json.loads(artifacts.read_bytes(store, suite_run.run_id, record.MEMBERS_FILE))
    return [store.get_run(run_id) for run_id in members]


def last_suite_run(store: Store, suite: str, *, key: str | None = None) -> Run | None:
    """The last finished run of a suite by name; with `key`, only one of the very same content."""
    experiment = store.experiment_named(suite)
    if experiment is None:
        return None
    asked = f"tags.`{record.KIND}` = 'suite' AND status = 'FINISHED'"
    if key is not None:
        asked += f" AND tags.`{record.SUITE_KEY}` = '{key}'"
    found = store.search_runs([experiment.experiment_id], asked, max_results=1).items
    return found[0] if found else None


def _column(store: Store, run: Run) -> Column:
    values = values_of(store, run.run_id)
    overall = {value.metric: value for value in values if value.cohort is None}
    by_cohort = tuple(value for value in values if value.cohort is not None)
    return Column(run.tags[record.LABEL], run.run_id, overall, by_cohort, run.tags.get(BESIDE, ""))


def _ranked(columns: Sequence[Column], metric: Declared) -> tuple[Column, ...]:
    """Best first; a model without a value comes last."""
    sign = {"max": -1.0, "min": 1.0, "none": 0.0}[metric.direction]

    def place(column: Column) -> tuple[bool, float]:
        found = column.values.get(metric.id)
        value = None if found is None else found.value
        return (value is None, 0.0 if value is None else sign * value)

    return tuple(sorted(columns, key=place))
