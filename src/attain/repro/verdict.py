"""How like the results of a repetition are to the original ones, measured by what another seed changes."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from attain.core.table import Predictions
from attain.suite import record
from attain.suite.repeatable import identity_of
from attain.suite.results import predictions_of
from attain.suite.score import values_of
from attain.tracking.entities import Run
from attain.tracking.store import Store

Level = Literal["identical", "numerically equal", "within seed variation", "differs", "not comparable"]
LEVELS: tuple[Level, ...] = ("identical", "numerically equal", "within seed variation", "differs", "not comparable")
ROUNDING = 1e-6
"""By how much scores may differ that are numerically equal."""
FEWEST_SEEDS = 3
LEVEL = 0.95
"""How often another seed of the same model lies within the seed variation, over all metrics together."""


@dataclass(frozen=True)
class Seeds:
    """What one metric of a model is with other seeds.

    Attributes:
        values: one a seed.
        low: lower end of where one more seed is expected; None of fewer than three.
        high: its upper end.
    """

    values: tuple[float, ...]
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Compared:
    """One metric of one model."""

    label: str
    metric: str
    then: float | None
    now: float | None
    seeds: Seeds


@dataclass(frozen=True)
class Likeness:
    """The verdict on one model, with why."""

    label: str
    level: Level
    why: str
    metrics: tuple[Compared, ...]


def likeness(store: Store, then: Run, fresh: Store, now: Run) -> Likeness:
    """Compare a model's predictions row by row, and where those differ its metrics."""
    old, new = predictions_of(store, then.run_id), predictions_of(fresh, now.run_id)
    label = f"{then.tags.get(record.LABEL, then.name)} · {then.tags.get(record.DATASET, '')}"
    compared = _metrics(label, store, then, fresh, now)
    difference = _difference(old, new)
    if difference == 0:
        return Likeness(label, "identical", f"all {len(old.frame):,} predictions are the same", compared)
    if difference is not None and difference <= ROUNDING:
        return Likeness(label, "numerically equal", f"no score differs by more than {difference:.1e}", compared)
    said = "other rows are predicted" if difference is None else f"scores differ by up to {difference:.2g}"
    known = [one for one in compared if one.seeds.low is not None]
    if not known:
        count = max((len(one.seeds.values) for one in compared), default=0)
        tail = f"the store has {count} of the {FEWEST_SEEDS} seeds that tell how much a seed changes"
        return Likeness(label, "differs", f"{said}; {tail}", compared)
    out = [one.metric for one in known if not within(one)]
    if out:
        return Likeness(label, "differs", f"{said}; {', '.join(out)}: more than another seed changes", compared)
    seeds = len(known[0].seeds.values)
    return Likeness(label, "within seed variation", f"{said}; no more than among {seeds} seeds", compared)


def worst(levels: Sequence[Level]) -> Level:
    """The verdict on all from that on each."""
    return max(levels, key=LEVELS.index)


def seed_runs(store: Store, run: Run) -> list[Run]:
    """Finished runs of the same model on the same data, parted the same way, one a seed."""
    asked = " AND ".join(
        f"tags.`{tag}` = '{run.tags[tag]}'" for tag in (record.KIND, record.DATA_FINGERPRINT, record.CODE)
    )
    found, token = {run.params["seed"]: run}, None
    while True:
        page = store.search_runs([run.experiment_id], asked, (), 200, token)
        for one in page.items:
            same = one.tags.get(record.SPLIT) == run.tags.get(record.SPLIT)
            if same and one.status == "FINISHED" and identity_of(one.params) == identity_of(run.params):
                found.setdefault(one.params["seed"], one)
        if (token := page.next_token) is None:
            return list(found.values())


def _metrics(label: str, store: Store, then: Run, fresh: Store, now: Run) -> tuple[Compared, ...]:
    seeds = [_values(store, run) for run in seed_runs(store, then)]
    old, new = _values(store, then), _values(fresh, now)
    names = [name for name in old if name in new]
    return tuple(
        Compared(label, name, old[name], new[name], spread([one.get(name) for one in seeds], len(names)))
        for name in names
    )


def spread(values: Sequence[float | None], metrics: int) -> Seeds:
    """Where one more seed is expected, by Student's prediction interval, shared among the metrics (Bonferroni)."""
    known = tuple(value for value in values if value is not None)
    if len(known) < FEWEST_SEEDS:
        return Seeds(known, None, None)
    quantile = float(stats.t.ppf(1 - (1 - LEVEL) / (2 * metrics), len(known) - 1))
    half = quantile * statistics.stdev(known) * (1 + 1 / len(known)) ** 0.5
    middle = statistics.fmean(known)
    return Seeds(known, middle - half, middle + half)


def within(one: Compared) -> bool:
    """Whether a metric is now what one more seed is expected to give."""
    if one.now is None or one.then is None or one.seeds.low is None or one.seeds.high is None:
        return one.now == one.then
    return one.seeds.low - ROUNDING <= one.now <= one.seeds.high + ROUNDING


def _values(store: Store, run: Run) -> dict[str, float | None]:
    return {value.metric: value.value for value in values_of(store, run.run_id) if value.cohort is None}


def _difference(old: Predictions, new: Predictions) -> float | None:
    """By how much scores differ at most; None where other rows were predicted. Pseudonyms of learners do not count."""
    if set(old.frame) != set(new.frame) or len(old.frame) != len(new.frame):
        return None
    keys = [name for name in old.frame if name not in ("unit", "score", "rank")]
    sorting = [name for name in ("fold", "example", "item", "criterion", "as_of") if name in keys]
    frames = [one.frame.sort_values(sorting, kind="stable", ignore_index=True) for one in (old, new)]
    for name in keys:
        if not frames[0][name].astype(object).equals(frames[1][name].astype(object)):
            return None
    scores = [frame["score"].to_numpy(dtype=float) for frame in frames]
    return float(np.abs(scores[0] - scores[1]).max(initial=0.0))
