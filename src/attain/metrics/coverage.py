"""What lists do to a catalogue: how much of it they show, how evenly, and how varied a single list is."""

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.core.metric import Computed, Statistic, metric
from attain.core.table import SKILL_SEPARATOR, Rows
from attain.metrics._lists import Lists
from attain.metrics.ranking import NEEDS, K


@metric(direction="max", unit="share", needs=f"{NEEDS} item", written="at", source="Herlocker et al. 2004, sec. 5.1")
def coverage(rows: Rows, k: K = 10) -> Statistic:
    """Share of the catalogue that is among the first k of at least one learner.

    It grows with the number of learners, so it has no interval: learners drawn anew are fewer different ones, and a
    bootstrap of it lies below it.
    """
    lists = Lists.of(rows, k)
    item, unit = rows["item"].astype(np.int64)[lists.listed], rows.unit[lists.listed]
    size = int(rows.numbers("n_items").max(initial=1))

    def share(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        out = np.full(len(weights), np.nan)
        if lists.short or not len(item):
            return out
        for place, own in enumerate(weights):
            if own.max(initial=0) <= 1:  # a draw with replacement weighs some twice
                out[place] = len(np.unique(item[own[unit] > 0])) / size
        return out

    return Computed(share, _counts(lists), lists.short or "there are no lists")


@metric(direction="min", unit="score", needs=f"{NEEDS} item", written="at", source="Fleder & Hosanagar 2009")
def gini(rows: Rows, k: K = 10) -> Statistic:
    """How unevenly the first k places are dealt to the items of the catalogue: 0 all alike, 1 all to one.

    Gini coefficient of how often each item is listed; items that nobody is shown count as 0.
    """
    lists = Lists.of(rows, k)
    item, unit = rows["item"].astype(np.int64)[lists.listed], rows.unit[lists.listed]
    size = int(rows.numbers("n_items").max(initial=1))

    def uneven(weights: NDArray[np.float64]) -> NDArray[np.float64]:
        out = np.full(len(weights), np.nan)
        place = 2 * np.arange(1, size + 1) - size - 1
        for at, own in enumerate(weights):
            shown = np.bincount(item, own[unit], size)
            total = shown.sum()
            if total > 0 and not lists.short:
                out[at] = (place * np.sort(shown)).sum() / (size * total)
        return out

    return Computed(uneven, _counts(lists), lists.short or "there are no lists")


@metric(direction="max", unit="share", needs=f"{NEEDS} skill n_skills", written="at")
def skill_coverage(rows: Rows, k: K = 10) -> Statistic:
    """Share of all skills that a learner's first k items practise, as a mean over learners."""
    lists = Lists.of(rows, k)
    start, skill = _skill_sets(rows.joint_skills)
    seen = _distinct(*_by_unit(rows, lists), start, skill)
    return lists.mean(seen / max(int(rows.numbers("n_skills").max(initial=1)), 1))


@metric(direction="none", unit="score", needs=f"{NEEDS} skill", written="at", source="Ziegler et al. 2005, eq. 3")
def diversity_by_skill(rows: Rows, k: K = 10) -> Statistic:
    """How different the skills of a list's items are: the mean Jaccard distance between two of its first k.

    1 where no two share a skill, 0 where all practise the same. Items without skills are left out, and so are learners
    with fewer than two others. In mastery practice much of it may be hopping: read it beside the prerequisites.
    """
    lists = Lists.of(rows, k)
    start, skill = _skill_sets(rows.joint_skills)
    apart = _mean_distance(*_by_unit(rows, lists), start, skill)
    return lists.mean(
        np.nan_to_num(apart),
        among=~np.isnan(apart),
        left_out="learners left out: fewer than two listed items with skills",
    )


def _counts(lists: Lists) -> NDArray[np.int64]:
    return np.bincount(lists.rows.unit[lists.listed], minlength=lists.rows.n_units)


def _by_unit(rows: Rows, lists: Lists) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where each learner's listed rows begin, shape (n_units + 1,), and the set of skills of each."""
    unit = rows.unit[lists.listed]  # ascending, for rows stand by unit
    starts = np.searchsorted(unit, np.arange(rows.n_units + 1)).astype(np.int64)
    return starts, rows["skill"].astype(np.int64)[lists.listed]


def _skill_sets(joint: NDArray[np.object_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The skills of each joint name as offsets and ascending codes; "" has none."""
    parts = [[name for name in str(text).split(SKILL_SEPARATOR) if name] for text in joint]
    number = {name: code for code, name in enumerate(sorted({name for names in parts for name in names}))}
    codes = [np.array(sorted(number[name] for name in names), dtype=np.int64) for names in parts]
    start = np.concatenate([[0], np.cumsum([len(own) for own in codes], dtype=np.int64)]).astype(np.int64)
    return start, np.concatenate([*codes, np.empty(0, dtype=np.int64)])


@compiled
def _distinct(
    begins: NDArray[np.int64], sets: NDArray[np.int64], start: NDArray[np.int64], skill: NDArray[np.int64]
) -> NDArray[np.float64]:
    """How many different skills each learner's listed items have."""
    out = np.zeros(len(begins) - 1)
    last = np.full(skill.max() + 1 if len(skill) else 1, -1, dtype=np.int64)
    for unit in range(len(begins) - 1):
        for at in range(begins[unit], begins[unit + 1]):
            if sets[at] < 0:
                continue
            for place in range(start[sets[at]], start[sets[at] + 1]):
                if last[skill[place]] != unit:
                    last[skill[place]] = unit
                    out[unit] += 1
    return out


@compiled
def _mean_distance(
    begins: NDArray[np.int64], sets: NDArray[np.int64], start: NDArray[np.int64], skill: NDArray[np.int64]
) -> NDArray[np.float64]:
    """The mean Jaccard distance over pairs of each learner's listed items; NaN for fewer than two with skills."""
    out = np.full(len(begins) - 1, np.nan)
    for unit in range(len(begins) - 1):
        total, pairs = 0.0, 0
        for a in range(begins[unit], begins[unit + 1]):
            if sets[a] < 0 or start[sets[a]] == start[sets[a] + 1]:
                continue
            for b in range(a + 1, begins[unit + 1]):
                if sets[b] < 0 or start[sets[b]] == start[sets[b] + 1]:
                    continue
                i, j, both = start[sets[a]], start[sets[b]], 0
                while i < start[sets[a] + 1] and j < start[sets[b] + 1]:
                    if skill[i] == skill[j]:
                        both += 1
                        i += 1
                        j += 1
                    elif skill[i] < skill[j]:
                        i += 1
                    else:
                        j += 1
                either = start[sets[a] + 1] - start[sets[a]] + start[sets[b] + 1] - start[sets[b]] - both
                total += 1 - both / either
                pairs += 1
        if pairs:
            out[unit] = total / pairs
    return out
