"""The table of items: a row each, its place, and what is wrong with it in words."""

from collections.abc import Sequence

import numpy as np

from attain.metrics.items.classical import Classical
from attain.metrics.items.difficulty import FEWEST, Difficulty, Discrimination
from attain.metrics.items.rasch import Rasch
from attain.suite.items.facts import NOT_ENOUGH, DifRow, ItemOptions, ItemRow, State
from attain.suite.items.prepare import Asked
from attain.suite.items.ranks import ranks


def flags_of(
    rows: Asked,
    shares: Classical,
    slopes: Discrimination,
    options: Sequence[ItemOptions],
    dif: Sequence[DifRow],
) -> list[list[str]]:
    """What is wrong with each item, in words."""
    flags: list[list[str]] = [[] for _ in rows.names]
    place = {str(name): code for code, name in enumerate(rows.names)}
    for code in range(len(rows.names)):
        n, right = int(shares.n[code]), int(shares.right[code])
        if n and right in (0, n):
            flags[code].append(f"all {'right' if right else 'wrong'}: the difficulty is finite by its prior")
        if slopes.a[code] + 1.96 * slopes.se[code] < 0.5:
            flags[code].append("hardly tells able learners from others")
    for one in options:
        for option in one.options:
            if option.abler:
                flags[place[one.item]].append(f"abler learners choose {option.text!r}: is the key right?")
    for row in dif:
        if row.size == "C":
            flags[place[row.item]].append(f"large difference by {row.attribute}: {row.cohort}")
    return flags


def table_of(
    rows: Asked,
    shares: Classical,
    anchors: Difficulty,
    slopes: Discrimination,
    joint: Rasch,
    flags: Sequence[Sequence[str]],
) -> list[ItemRow]:
    """A row for each item of the table of items, in their order."""
    place, first, last = ranks(anchors.b, anchors.low, anchors.high, anchors.n >= FEWEST)
    found = []
    for code, item in enumerate(rows.items):
        n = int(shares.n[code])
        state: State = "no answers" if not n else "ok" if anchors.n[code] >= FEWEST else NOT_ENOUGH
        found.append(
            ItemRow(
                item=str(rows.names[code]),
                kind=item.kind,
                system=item.system,
                level=item.level,
                state=state,
                n=n,
                p=_plain(shares.p[code]),
                p_low=_plain(shares.low[code]),
                p_high=_plain(shares.high[code]),
                item_rest=_plain(shares.item_rest[code]),
                item_rest_se=_plain(shares.item_rest_se[code]),
                b=_plain(anchors.b[code]),
                se=_plain(anchors.se[code]),
                low=_plain(anchors.low[code]),
                high=_plain(anchors.high[code]),
                rank=int(place[code]) or None,
                rank_from=int(first[code]) or None,
                rank_to=int(last[code]) or None,
                joint_b=_plain(joint.difficulty.b[code]),
                joint_se=_plain(joint.difficulty.se[code]),
                a=_plain(slopes.a[code]),
                a_se=_plain(slopes.se[code]),
                flags=tuple(flags[code]),
            )
        )
    return [row for row, listed in zip(found, rows.listed, strict=True) if listed]


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
