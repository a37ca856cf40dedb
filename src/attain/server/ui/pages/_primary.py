"""Which metric an experiment is about, and which way is better."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from attain.core.direction import Direction
from attain.core.errors import UserError
from attain.metrics.names import from_key, to_key
from attain.tracking.artifacts import read_bytes
from attain.tracking.entities import Run
from attain.tracking.sql.store import Store

DECLARED = "metrics.json"
"""Artifact of a suite's own run that declares its metrics."""
LOWER = ("loss", "error", "rmse", "mse", "mae", "brier", "ece", "perplexity")
"""Words in names of metrics of which less is better, where no suite declares them."""
ARROWS = {"max": "higher is better", "min": "lower is better", "none": "neither way is better"}


@dataclass(frozen=True)
class Primary:
    """A metric as it is shown.

    Attributes:
        key: as it is kept.
        name: its id, for people.
        direction: which way is better.
        unit: of its values; "" where nobody says.
        of_model: whether it tells of the model and not of learners.
    """

    key: str
    name: str
    direction: Direction
    unit: str = ""
    of_model: bool = True

    @property
    def told(self) -> str:
        """The direction in words."""
        return ARROWS[self.direction]

    @property
    def order(self) -> str:
        """The best first."""
        return f"metrics.`{self.key}` {'ASC' if self.direction == 'min' else 'DESC'}"


def declared(store: Store, experiment_id: str) -> list[Primary]:
    """The metrics of models of an experiment's last suite, in its order; empty where no suite made it."""
    return [one for one in declared_all(store, experiment_id) if one.of_model]


def declared_all(store: Store, experiment_id: str) -> list[Primary]:
    """The same with metrics that tell of learners."""
    last = store.search_runs([experiment_id], "tags.`attain.kind` = 'suite'", max_results=1).items
    if not last:
        return []
    try:
        kept = json.loads(read_bytes(store, last[0].run_id, DECLARED))
    except (UserError, ValueError):  # a suite that was stopped before it declared anything, or a file of somebody else
        return []
    entries = kept.items() if isinstance(kept, dict) else ()
    own = [(name, one) for name, one in entries if isinstance(one, dict) and one.get("direction") in ARROWS]
    return [
        Primary(to_key(name), name, one["direction"], str(one.get("unit") or ""), bool(one.get("of_model")))
        for name, one in own
    ]


def seen(runs: Sequence[Run]) -> list[Primary]:
    """The metrics that most of some runs have, the parts of others (ends, cohorts) left out; the usual ones first."""
    counts: dict[str, int] = {}
    for run in runs:
        for key in run.metrics:
            if "/" not in key:
                counts[key] = counts.get(key, 0) + 1
    ordered = sorted(counts, key=lambda key: (-counts[key], key))
    return [Primary(key, from_key(key)[0], guessed(key)) for key in ordered]


def guessed(key: str) -> Direction:
    """Which way is better, by the metric's name."""
    return "min" if any(word in key.lower() for word in LOWER) else "max"
