"""Metrics by name: every one in the modules of this package, installed as an entry point, or at `my_file:my_metric`."""

import importlib
import pkgutil
import re
from dataclasses import replace
from functools import cache
from importlib.metadata import entry_points
from pathlib import Path

import attain.metrics
from attain.core.errors import UserError, unknown
from attain.core.metric import Metric, MetricFamily
from attain.core.registry import import_file

GROUP = "attain.metrics"


def metric_ids() -> list[str]:
    """Ids of all metrics that `find` knows by name, each with its default parameters, sorted."""
    return sorted(family().id for family in _families().values())


def find(identity: str, *, folder: Path | None = None) -> Metric:
    """The metric with this id; a bare name has the default parameters.

    Args:
        identity: `auc`, `accuracy@0.7`, `ece[10,uniform]`, or `my_file:my_metric@5` (looked for in `folder` first).
        folder: where files are looked for; the working folder by default.

    Raises:
        UserError: there is no such metric, or it has no such parameters; near names are offered.
    """
    where, colon, rest = identity.rpartition(":")
    name = re.split(r"[@\[]", rest, maxsplit=1)[0]
    if colon:
        found = getattr(import_file(where, folder or Path.cwd()), name, None)
        if not isinstance(found, MetricFamily):
            raise UserError(
                f"{identity!r}: {where!r} has no metric {name!r}; declare it with @attain.core.metric.metric."
            )
        metric = found.parse(rest)
        return replace(metric, id=f"{where}:{metric.id}")
    families = _families()
    if name not in families:
        raise unknown("metric", name, families)
    return families[name].parse(identity)


@cache
def _families() -> dict[str, MetricFamily]:
    found: dict[str, MetricFamily] = {}
    for module in pkgutil.iter_modules(attain.metrics.__path__):
        if not module.name.startswith("_"):
            things = vars(importlib.import_module(f"attain.metrics.{module.name}")).values()
            found |= {thing.name: thing for thing in things if isinstance(thing, MetricFamily)}
    for entry in entry_points(group=GROUP):
        family = entry.load()
        if not isinstance(family, MetricFamily):
            raise UserError(f"Entry point {entry.name!r} of {GROUP!r} ({entry.value}) is not a metric.")
        found[family.name] = family
    return found
