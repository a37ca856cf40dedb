"""What people said of a suite's systems, as its run keeps it: means with intervals, and how far raters agree."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from attain.tracking import artifacts
from attain.tracking.sql.store import Store

PEOPLE = "people.json"
"""Artifact of a suite's run that `attain ratings` makes."""
SCHEMA = 1
Json = Mapping[str, Any]  # as `attain ratings` writes it


@dataclass(frozen=True)
class Mean:
    """A system's mean rating in a dimension with its 95 % interval; None where there is none."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class People:
    """A table of systems by dimensions.

    Attributes:
        dimensions: the columns.
        rows: system and its means, in the order of the dimensions.
        raters: how many people rated each dimension.
        pieces: how many pieces they rated in it.
        alphas: Krippendorff's alpha (ordinal) of each dimension.
        scale: lowest and highest rating; empty where only pairs were compared.
        notes: sentences that must stand beside it.
    """

    dimensions: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Mean, ...]], ...]
    raters: tuple[int, ...]
    pieces: tuple[int, ...]
    alphas: tuple[Mean, ...]
    scale: tuple[float, ...]
    notes: tuple[str, ...]


def people_of(store: Store, run_id: str) -> People | None:
    """What people said, None where nobody has, or it is written in a form that this version does not know."""
    if not store.artifacts_under(run_id, PEOPLE):
        return None
    said: Json = json.loads(artifacts.read_bytes(store, run_id, PEOPLE))
    found: list[Json] = said["dimensions"]
    if said["schema"] != SCHEMA or not found:
        return None
    means = [{mean["system"]: _mean(mean) for mean in one["rated"]["means"]} for one in found]
    none = Mean(None, None, None)
    return People(
        dimensions=tuple(str(one["name"]) for one in found),
        rows=tuple((str(name), tuple(own.get(name, none) for own in means)) for name in said["systems"]),
        raters=tuple(len(one["raters"]) for one in found),
        pieces=tuple(int(one["n_pieces"]) for one in found),
        alphas=tuple(next((_mean(a) for a in one["alphas"] if a["level"] == "ordinal"), none) for one in found),
        scale=tuple(said["scale"] or ()),
        notes=tuple(dict.fromkeys([*map(str, said["notes"]), *(str(one["note"]) for one in found if one["note"])])),
    )


def _mean(said: Json) -> Mean:
    return Mean(said["value"], said["low"], said["high"])
