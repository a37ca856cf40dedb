"""What becomes of content: how much of it is completed, and how often those who use it come back to it."""

from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator

from attain.core.compiled import compiled
from attain.core.metric import Computed, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import days, judged, ratio, rows_of_units
from attain.metrics._gaps import day_of, in_time

LEARNERS = 30
"""An item with fewer learners has no index."""
Window = Annotated[str, AfterValidator(days)]
Denominator = Literal["catalogue", "started"]


@metric(direction="none", unit="share", needs="target item")
def content_completion_rate(rows: Rows, denominator: Denominator = "catalogue") -> Statistic:
    """Share of items that a learner has answered rightly at least once, as a mean over learners.

    Of `catalogue`, all items that anyone was given, or of `started`, those that the learner tried. An adaptive path
    gives learners different items: it raises the second by giving fewer, so read both.
    """
    rows = judged(rows)
    item = rows["item"].astype(np.int64)
    size = np.bincount(item, minlength=1)
    tried, done = _tried(rows.unit, item, rows.numbers("target"), len(size), rows.n_units)
    whole = np.full(rows.n_units, np.count_nonzero(size)) if denominator == "catalogue" else tried
    here = tried > 0
    by_unit = np.column_stack([np.where(here, done / np.maximum(whole, 1), 0), here]).astype(float)
    return Sums(by_unit, ratio, "there are no answers", n_rows=rows_of_units(rows))


@metric(direction="none", unit="share", needs="time_s item")
def content_stickiness_index(rows: Rows, window: Window = "28d") -> Statistic:
    """How often those who use an item use it: the mean share of days on which a learner of an item is active on it.

    Over the last days of the data, as many as stated, and over items with at least 30 learners in them, each counting
    once (daily over windowed active learners, as product analysts have it). Between 1 / days and 1; compare only equal
    windows. Sticky may mean loved, scheduled for review, or confusing.
    """
    rows = in_time(rows)
    span = float(window.removesuffix("d"))
    day = day_of(rows)
    near = rows.where(day > day.max(initial=0) - span)
    item, unit, active = _active(near.unit, near["item"].astype(np.int64), day_of(near))
    learners = np.bincount(item, minlength=1)
    kept = learners[item] >= LEARNERS
    of_item, of_unit, share = item[kept], unit[kept], active[kept] / span

    def index(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        out = np.full(len(weights), np.nan)
        for at, own in enumerate(weights):
            people = np.bincount(of_item, own[of_unit])
            summed = np.bincount(of_item, own[of_unit] * share)
            if (people > 0).any():
                out[at] = (summed[people > 0] / people[people > 0]).mean()
        return out

    few = int(((learners > 0) & (learners < LEARNERS)).sum())
    said = f"items left out with fewer than {LEARNERS} learners: {few:,}" if few else ""
    n_rows = np.bincount(of_unit, active[kept], rows.n_units)
    return Computed(index, n_rows, f"no item has {LEARNERS} learners in the last {span:g} days", lambda _: said)


@compiled
def _tried(
    unit: NDArray[np.int32], item: NDArray[np.int64], right: NDArray[np.float64], n_items: int, n_units: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How many items each unit tried, and how many it got right once; rows stand by unit."""
    tried, done = np.zeros(n_units, dtype=np.int64), np.zeros(n_units, dtype=np.int64)
    seen, solved = np.full(n_items, -1, dtype=np.int32), np.full(n_items, -1, dtype=np.int32)
    for row in range(len(unit)):
        who, what = unit[row], item[row]
        if seen[what] != who:
            seen[what] = who
            tried[who] += 1
        if right[row] > 0.5 and solved[what] != who:
            solved[what] = who
            done[who] += 1
    return tried, done


@compiled
def _active(
    unit: NDArray[np.int32], item: NDArray[np.int64], day: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Each item and unit that met, and on how many days; rows stand by unit and time."""
    n_items = 0
    for one in item:
        n_items = max(n_items, one + 1)
    owner, pair = np.full(n_items, -1, dtype=np.int32), np.zeros(n_items, dtype=np.int64)
    last = np.zeros(n_items, dtype=np.int64)
    items, units, active = np.empty_like(item), np.empty_like(item), np.zeros_like(item)
    count = 0
    for row in range(len(unit)):
        what = item[row]
        if owner[what] != unit[row]:
            owner[what], pair[what] = unit[row], count
            items[count], units[count] = what, unit[row]
            count += 1
        elif last[what] == day[row]:
            continue
        last[what] = day[row]
        active[pair[what]] += 1
    return items[:count], units[:count], active[:count]
