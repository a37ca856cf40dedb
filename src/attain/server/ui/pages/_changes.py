"""What changed from run to run of one model on one data set: the number, and what the run was made of."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from math import isfinite

from attain.server.ui.words import ENDLESS, cut, number
from attain.tracking.entities import Run

COMMIT, CODE, FINGERPRINT = "mlflow.source.git.commit", "attain.code", "attain.data_fingerprint"
SUITE, SPLIT, RULES = "attain.suite", "attain.split", "attain.protocol_key"
SEED = re.compile(r" seed=\S+$")
"""How a label ends where a suite has several seeds."""
UNNAMED = "runs that name no model"
MOST_PARAMS = 3
"""Params that are named where they differ; of more the number is told."""


@dataclass(frozen=True)
class Point:
    """A number of one run, with its interval where it has one, and what differs from the run before."""

    run_id: str
    name: str
    at: int
    value: float
    low: float | None
    high: float | None
    code: str
    data: str
    config: str
    baseline: bool = False

    @property
    def kinds(self) -> str:
        """Which of the three changed, in a word each."""
        parts = {"code": self.code, "data": self.data, "config": self.config}
        return ", ".join(kind for kind, said in parts.items() if said)

    @property
    def changed(self) -> str:
        """What changed, in words; "" where nothing that is recorded did."""
        return ", ".join(said for said in (self.code, self.data, self.config) if said)

    @property
    def told(self) -> str:
        """The number with its interval.

        >>> Point("", "", 0, 0.78, 0.77, 0.79, "", "", "").told
        '0.7800 (0.7700 to 0.7900)'
        """
        ends = "" if self.low is None or self.high is None else f" ({number(self.low)} to {number(self.high)})"
        return f"{number(self.value)}{ends}"


@dataclass(frozen=True)
class Series:
    """The runs of one model on one data set, the first one first."""

    model: str
    data: str
    points: tuple[Point, ...]

    @property
    def name(self) -> str:
        """What it is called in a drawing."""
        return f"{self.model} on {self.data}" if self.data else self.model


@dataclass(frozen=True)
class Step:
    """That a number of a series lies beyond the interval of an earlier one, `runs` before it."""

    series: Series
    before: Point
    after: Point
    changed: str
    runs: int

    @property
    def weight(self) -> tuple[str, bool, float]:
        """What is worth saying first: the last day, models before baselines, then the largest change."""
        return day(self.after.at), not self.after.baseline, abs(self.after.value - self.before.value)


def model_of(run: Run) -> str:
    """What a run's model is called, whatever its seed."""
    label = run.tags.get("attain.label") or run.tags.get("attain.model") or run.params.get("model")
    return SEED.sub("", label) if label else UNNAMED


def data_of(run: Run) -> str:
    """What its data set is called; "" where it does not say."""
    named = run.tags.get("attain.dataset") or run.params.get("dataset")
    return named or ", ".join(sorted({one.name for one in run.inputs}))


def series_of(runs: Sequence[Run], key: str) -> list[Series]:
    """Runs that have a metric, by model and data set; the series with the latest run first.

    Args:
        runs: in any order.
        key: the metric.
    """
    grouped: dict[tuple[str, str], list[Run]] = {}
    for run in sorted(runs, key=lambda run: (run.start_time, run.run_id)):
        if _known(run.metrics.get(key)) is not None:
            grouped.setdefault((model_of(run), data_of(run)), []).append(run)
    found = [Series(*name, tuple(_points(own, key))) for name, own in grouped.items()]
    return sorted(found, key=lambda one: -one.points[-1].at)


def last_step(series: Series, runs: Sequence[Run]) -> Step | None:
    """The last number of a series whose interval lies apart from that of the run before it.

    Where a number drifts in small steps, it is compared with the first run after the last change instead.

    Args:
        series: what is looked at.
        runs: among them those of the series.
    """
    by_id = {run.run_id: run for run in runs}
    found, known = None, [point for point in series.points if point.low is not None and point.high is not None]
    first = 0
    for at in range(1, len(known)):
        start = at - 1 if _apart(known[at - 1], known[at]) else first
        if _apart(known[start], known[at]):
            code, data, config = _differences(by_id[known[start].run_id], by_id[known[at].run_id])
            changed = ", ".join(said for said in (code, data, config) if said)
            found, first = Step(series, known[start], known[at], changed, at - start), at
    return found


def said_of(step: Step, metric: str, told: str) -> str:
    """A change in a sentence."""
    before, after = step.before, step.after
    verb = "rose" if after.value > before.value else "fell"
    over = f", over {step.runs} runs since {day(before.at)}" if step.runs > 1 else ""
    why = f"what changed: {step.changed}" if step.changed else "nothing that the runs record changed"
    return (
        f"{metric} of {cut(step.series.name)} {verb} from {before.told} to {after.told} on {day(after.at)}{over}; "
        f"{why}{f' ({told})' if told else ''}."
    )


def day(ms: int) -> str:
    """The date of a moment, in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC).date().isoformat()


def _known(value: float | None) -> float | None:
    return None if value is None or not isfinite(value) or abs(value) >= ENDLESS else value


def _points(runs: Sequence[Run], key: str) -> list[Point]:
    changes = [("", "", ""), *(_differences(before, after) for before, after in pairwise(runs))]
    return [
        Point(
            run.run_id,
            run.name,
            run.start_time,
            run.metrics[key],
            _known(run.metrics.get(f"{key}/low")),
            _known(run.metrics.get(f"{key}/high")),
            *changed,
            "attain.baseline" in run.tags,
        )
        for run, changed in zip(runs, changes, strict=True)
    ]


def _apart(one: Point, other: Point) -> bool:
    assert one.low is not None
    assert one.high is not None
    assert other.low is not None
    assert other.high is not None
    return one.high < other.low or other.high < one.low


def _differences(before: Run, after: Run) -> tuple[str, str, str]:
    """What differs of code, data and config, in words; what one of two runs does not record counts as the same."""
    return _code(before, after), _data(before, after), _config(before, after)


def _code(before: Run, after: Run) -> str:
    own = _tags_differ(before, after, CODE)
    if _tags_differ(before, after, COMMIT):
        same = before.tags.get(CODE) is not None and before.tags.get(CODE) == after.tags.get(CODE)
        return "the commit (the model's code did not)" if same else "the commit"
    return "the model's code or a library" if own else ""


def _data(before: Run, after: Run) -> str:
    read = [{one.digest for one in run.inputs} for run in (before, after)]
    differ = _tags_differ(before, after, FINGERPRINT) or (all(read) and read[0] != read[1])
    return "the data" if differ else ""


def _config(before: Run, after: Run) -> str:
    words = {SUITE: "the suite", SPLIT: "the split"}
    parts = [word for tag, word in words.items() if _tags_differ(before, after, tag)]
    names = sorted(before.params.keys() | after.params.keys())
    differing = [name for name in names if name != "seed" and before.params.get(name) != after.params.get(name)]
    if len(differing) > MOST_PARAMS:
        parts.append(f"{len(differing)} params")
    elif differing:
        parts.append(" and ".join(cut(name, 40) for name in differing))
    if not parts and not _data(before, after) and _tags_differ(before, after, RULES):
        parts.append("the rules of judging")
    return ", ".join(parts)


def _tags_differ(before: Run, after: Run, tag: str) -> bool:
    values = (before.tags.get(tag), after.tags.get(tag))
    return None not in values and values[0] != values[1]
