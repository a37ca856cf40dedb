"""What a suite found when it compared its models learner by learner, as far as it is about some runs."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from attain.core.errors import UserError
from attain.metrics.difference import Difference, verdict
from attain.tracking.artifacts import read_bytes
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store

LOOKED_AT = 20
"""Runs of suites that are looked into, the last first."""
MEMBERS, DIFFERENCES = "members.json", "differences.json"
DATASET, LABEL = "attain.dataset", "attain.label"


@dataclass(frozen=True)
class Pair:
    """Two runs on one metric: a - b with its 95 % interval and corrected p, and what may be said."""

    metric: str
    a: str
    b: str
    difference: float | None
    low: float | None
    high: float | None
    p: float | None
    n_units: int
    verdict: str
    clear: bool


def paired(store: Store, runs: Sequence[Run]) -> tuple[Pair, ...]:
    """Of the last suite's run that compared all of the runs, what it found between them; nothing where none did."""
    labels = {run.tags.get(LABEL, "") for run in runs}
    datasets = {run.tags.get(DATASET, "") for run in runs}
    if len({run.experiment_id for run in runs}) > 1 or len(datasets) > 1 or len(labels) < len(runs):
        return ()
    suites = store.search_runs([runs[0].experiment_id], "tags.`attain.kind` = 'suite'", max_results=LOOKED_AT).items
    for suite in suites:
        members = _kept(store, suite, MEMBERS)
        if not isinstance(members, list) or not all(run.run_id in members for run in runs):
            continue
        kept = _kept(store, suite, DIFFERENCES)
        own = kept.get(next(iter(datasets)), []) if isinstance(kept, dict) else []
        try:
            found = [Difference(**{**one, "names": tuple(one["names"])}) for one in own]
        except (KeyError, TypeError):  # a file that somebody else wrote
            return ()
        return tuple(_pair(one) for one in found if set(one.names) <= labels)
    return ()


def _pair(one: Difference) -> Pair:
    ends = (one.difference, one.low, one.high, one.p_holm)
    return Pair(one.metric, *one.names, *ends, one.n_units, verdict(one), one.clear)


def _kept(store: Store, suite: Run, path: str) -> object:
    """What a file of a suite's run says; None where there is none or it is no JSON."""
    try:
        if path not in {one.path for one in store.artifacts_under(suite.run_id, path)}:
            return None
        return json.loads(read_bytes(store, suite.run_id, path))
    except (UserError, ValueError):
        return None
