"""Which differences between a suite's models are real: paired by learner, corrected for many comparisons."""

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from attain.core.metric import Metric
from attain.metrics.compare import compare_many, corrected
from attain.metrics.decisions import Agreement
from attain.metrics.difference import Difference
from attain.suite.decisions import curves_of, verdicts_of
from attain.suite.figures import FOLDER, draw_decisions, draw_suite
from attain.suite.plan import Plan
from attain.suite.results import predictions_of
from attain.suite.score import values_of
from attain.tracking import artifacts
from attain.tracking.store import Store

DIFFERENCES = "differences.json"
"""Artifact of a suite's run: data set to the differences between its models."""
AGREEMENT = "mastery_agreement.json"
"""Artifact of a suite's run: data set to how far its models agree on who has mastered what."""
OF_MODELS = frozenset({"score", "mastery", "rank", "text"})
"""Columns of the predictions table that come from a model; a metric of other columns is the same for every model."""


def compare_suite(store: Store, suite_run: str, plan: Plan, finished: Mapping[tuple[str, str], str]) -> None:
    """Compare the models of each data set, and keep the differences and a figure with the suite's run."""
    found, agreed = _of_data_sets(store, plan, finished), dict[str, list[Agreement]]()
    with tempfile.TemporaryDirectory() as scratch:
        for dataset in dict.fromkeys(name for name, _ in finished):
            runs = {label: run_id for (name, label), run_id in finished.items() if name == dataset}
            values = {label: values_of(store, run_id) for label, run_id in runs.items()}
            of_models = [metric for metric in plan.metrics if metric.needs & OF_MODELS]
            tables = {label: predictions_of(store, run_id) for label, run_id in runs.items()}
            units = next(f"{table.units_are}s" for table in tables.values())
            draw_suite(values, of_models, found.get(dataset, ()), dataset, Path(scratch) / FOLDER, units)
            agreed[dataset] = verdicts_of(tables, replicates=plan.source.suite.replicates)
            draw_decisions(curves_of(tables), dataset, Path(scratch) / FOLDER)
        text = json.dumps({name: [asdict(d) for d in many] for name, many in found.items()}, indent=1)
        (Path(scratch) / DIFFERENCES).write_text(text, encoding="utf-8")
        text = json.dumps({name: [asdict(one) for one in many] for name, many in agreed.items()}, indent=1)
        (Path(scratch) / AGREEMENT).write_text(text, encoding="utf-8")
        artifacts.log_artifacts(store, suite_run, scratch)


def _of_data_sets(store: Store, plan: Plan, finished: Mapping[tuple[str, str], str]) -> dict[str, list[Difference]]:
    """The differences on each data set that has several models, corrected for all that the suite compares."""
    of_models = [metric for metric in plan.metrics if metric.needs & OF_MODELS]
    found: dict[str, list[Difference]] = {}
    for dataset in dict.fromkeys(name for name, _ in finished):
        runs = {label: run_id for (name, label), run_id in finished.items() if name == dataset}
        if len(runs) > 1:
            found[dataset] = differences(store, runs, of_models, plan.source.suite.replicates)
    return corrected_together(found)


def corrected_together(found: Mapping[str, Sequence[Difference]]) -> dict[str, list[Difference]]:
    """Differences on several data sets, each p value adjusted for all comparisons of its metric on all of them."""
    together = iter(corrected([d for many in found.values() for d in many]))
    return {name: [next(together) for _ in many] for name, many in found.items()}


def differences(store: Store, runs: Mapping[str, str], metrics: Sequence[Metric], replicates: int) -> list[Difference]:
    """Every pair of runs (label to run id) on every metric."""
    tables = {label: predictions_of(store, run_id) for label, run_id in runs.items()}
    return compare_many(tables, metrics, replicates=replicates, seed=0)


def agreements_of(store: Store, suite_run: str) -> dict[str, list[Agreement]]:
    """What a suite's run keeps: data set to how far its models agree on mastery."""
    if AGREEMENT not in {file.path for file in store.artifacts_under(suite_run, AGREEMENT)}:
        return {}
    kept = json.loads(artifacts.read_bytes(store, suite_run, AGREEMENT))
    pairs = ("names", "rules")
    return {
        name: [Agreement(**{**one, **{pair: tuple(one[pair]) for pair in pairs}}) for one in many]
        for name, many in kept.items()
    }


def differences_of(store: Store, suite_run: str) -> dict[str, list[Difference]]:
    """What a suite's run keeps: data set to the differences between its models."""
    if DIFFERENCES not in {file.path for file in store.artifacts_under(suite_run, DIFFERENCES)}:
        return {}
    kept = json.loads(artifacts.read_bytes(store, suite_run, DIFFERENCES))
    return {name: [Difference(**{**d, "names": tuple(d["names"])}) for d in many] for name, many in kept.items()}
