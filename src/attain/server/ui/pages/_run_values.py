"""The numbers of a run as its page shows them: with interval, direction, unit, and how many learners."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from attain.core.errors import UserError
from attain.metrics.names import from_key
from attain.server.ui.pages._primary import ARROWS, Primary, guessed
from attain.tracking.artifacts import read_bytes
from attain.tracking.entities import ArtifactInfo, Run
from attain.tracking.sql.store import Store

VALUES = "values.json"


@dataclass(frozen=True)
class Measured:
    """One number of the run; `told` says which way is better, and in what it is measured."""

    name: str
    value: float | None
    low: float | None
    high: float | None
    told: str
    n: int | None
    said: str


def values_of(store: Store, run: Run, kept: list[ArtifactInfo]) -> list[dict[str, object]]:
    """The values that a run keeps in a file; none where it keeps none that can be read."""
    if VALUES not in {one.path for one in kept}:
        return []
    try:
        found = json.loads(read_bytes(store, run.run_id, VALUES))
    except (UserError, ValueError):
        return []
    return [one for one in found if isinstance(one, dict) and "metric" in one] if isinstance(found, list) else []


def scored(value: dict[str, object], known: Mapping[str, Primary]) -> Measured:
    """A value of the file."""
    name = str(value["metric"])
    numbers = [one if isinstance(one := value.get(end), int | float) else None for end in ("value", "low", "high")]
    metric = known.get(name)
    direction = guessed(name) if metric is None else metric.direction
    told = " · ".join(word for word in (ARROWS[direction], "" if metric is None else metric.unit) if word)
    n = value.get("n_units")
    said = " ".join(str(value.get(word) or "") for word in ("reason", "note")).strip()
    return Measured(name, numbers[0], numbers[1], numbers[2], told, n if isinstance(n, int) else None, said)


def measured(run: Run, known: set[str]) -> list[Measured]:
    """Numbers that stand in no file of values; ends and cohorts of those that do are left out."""
    out = []
    for key, value in sorted(run.metrics.items()):
        parts = from_key(key)
        if parts[0] not in known:
            out.append(Measured(" ".join(parts), value, None, None, "", None, ""))
    return out
