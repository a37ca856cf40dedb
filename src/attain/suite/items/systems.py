"""Generators beside each other, and beside people: as hard as asked for, usable, and by how much it is known."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attain.metrics.items.difficulty import PRIOR_SD
from attain.metrics.items.targets import NOTHING, Interval, against_target, mean_interval, resampled
from attain.metrics.proportions import wilson
from attain.suite.items.facts import ItemRow, SystemRow
from attain.suite.items.prepare import Asked

Floats = NDArray[np.float64]


def beside_each_other(rows: Asked, table: Sequence[ItemRow], theta: Floats, *, seed: int) -> tuple[SystemRow, ...]:
    """A row a system; nothing where there is one system without a target."""
    names = list(dict.fromkeys(row.system for row in table))
    if len(names) < 2 and all(row.level is None for row in table):
        return ()
    place = {str(name): code for code, name in enumerate(rows.names)}
    judged = [row for row in table if row.state == "ok"]
    aimed = [row for row in judged if row.level is not None]
    middle = float(np.mean([row.level for row in aimed])) if aimed else 0.0
    drawn = np.empty((0, len(rows.names)))
    if aimed:
        wanted = np.full(len(rows.names), np.nan)
        wanted[[place[row.item] for row in aimed]] = [row.b for row in aimed]
        drawn = resampled(rows.item, rows.correct, theta, wanted, PRIOR_SD, seed=seed)
    beyond = _beyond(aimed)
    found = []
    for name in names:
        own = [row for row in table if row.system == name]
        good, own_aimed = [row for row in own if row.state == "ok"], [row for row in aimed if row.system == name]
        at = [place[row.item] for row in own_aimed]
        found.append(
            SystemRow(
                name,
                own[0].kind,
                len(own),
                len(good),
                _usable(good),
                mean_interval(np.array([row.b for row in good], dtype=np.float64), seed=seed),
                mean_interval(np.array([beyond[row.item] for row in own_aimed if row.item in beyond]), seed=seed),
                against_target(
                    np.array([row.level for row in own_aimed], dtype=np.float64),
                    np.array([row.b for row in own_aimed], dtype=np.float64),
                    drawn[:, at],
                    middle,
                    seed=seed,
                ),
            )
        )
    return tuple(found)


def _usable(judged: Sequence[ItemRow]) -> Interval:
    if not judged:
        return NOTHING
    good = sum(not row.flags for row in judged)
    low, high = wilson(good, len(judged))
    return Interval(good / len(judged), float(low), float(high))


def _beyond(aimed: Sequence[ItemRow]) -> dict[str, float]:
    """What each item is harder than the line of difficulty on target through the items of all systems."""
    level = np.array([row.level for row in aimed], dtype=np.float64)
    b = np.array([row.b for row in aimed], dtype=np.float64)
    if len(aimed) < 3:
        return {}
    design = np.column_stack([np.ones(len(b)), level])
    line = np.linalg.lstsq(design, b, rcond=None)[0]
    return {row.item: float(gap) for row, gap in zip(aimed, b - design @ line, strict=True)}
