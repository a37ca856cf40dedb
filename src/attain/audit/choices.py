"""What each choice of a capacity would mean: capacities side by side, for all together and for each cohort.

Those whom a larger capacity flags and a smaller one does not can be few, though both flag many; a reader would learn of
them by subtraction. So all capacities are put to the test together, on counts of who is flagged from which capacity on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from attain.audit.capacity import Capacity, Flags, flag_highest
from attain.audit.confusion import CohortTable, tables_of
from attain.audit.findings import READINGS, with_prevalence
from attain.audit.policy import Policy, Prices
from attain.audit.rates import RATES, Rate
from attain.audit.rows import AuditRows
from attain.audit.shown import Plain, shown_table
from attain.audit.suppression import Hidden, Settled, suppress
from attain.audit.views import Cells, is_telling
from attain.metrics.proportions import wilson

Place = tuple[str, int, str]
SHOWN = ("false_discovery_rate", "false_negative_rate")
"""Of each choice: how many are flagged, of them in vain, and how many are missed."""
STEPS = 20
"""Into so many equal steps the curve of all together divides everybody."""


def choices_of(rows: AuditRows, policy: Policy, hidden: Hidden) -> list[Plain]:
    """Half the capacity, as it is, and twice; cohorts have one line, never lines of their own.

    Args:
        rows: all that are audited.
        policy: its capacity, and how small groups are protected.
        hidden: of the rates of the policy at its own capacity, which are shown besides.
    """
    made, own = _made(rows, policy)
    tables = side_by_side(rows, [flags.flag for flags in made])
    chosen = [[at_capacity(RATES[name], place, len(made)) for name in SHOWN] for place in range(len(made))]
    first = [replace(at_capacity(rate, own, len(made)), name=rate.name) for rate in with_prevalence(policy.rates)]
    of_all = [replace(at_capacity(rate, own, len(made)), name=rate.name) for rate in READINGS]
    safe = suppress(
        tables,
        [*first, *(rate for pair in chosen for rate in pair)],
        policy.smallest,
        of_all=of_all,
        settled=Settled(first, hidden, of_all, _of_every_choice(hidden.places - hidden.bounded, len(made))),
        between=[_band(place) for place in range(1, len(made))],
    )
    more = _of_every_choice(_usual(safe.places - safe.bounded), len(made))  # what is hidden of one is hidden of all
    safe, found = Hidden(safe.places | more, safe.bounded - more), []
    for place, (flags, pair) in enumerate(zip(made, chosen, strict=True)):
        shown = [shown_table(table, pair, safe, policy.rule) for table in tables]
        found.append({"rule": flags.words, "own": place == own, "tables": list(map(_plainly, shown))})
    return found


def _of_every_choice(places: Iterable[Place], n: int) -> frozenset[Place]:
    """The places of the usual rates at each of `n` choices."""
    return frozenset((table, level, f"{name}@{one}") for table, level, name in places for one in range(n))


def _usual(places: Iterable[Place]) -> list[Place]:
    """The places at any choice with the usual names of the rates."""
    return [(table, level, name.partition("@")[0]) for table, level, name in places if "@" in name]


def _plainly(table: Plain) -> Plain:
    """The table with the rates' usual names."""
    cohorts = [one | {"rates": dict(zip(SHOWN, one["rates"].values(), strict=True))} for one in table["cohorts"]]
    return table | {"cohorts": cohorts}


def _made(rows: AuditRows, policy: Policy) -> tuple[list[Flags], int]:
    """The flags of each choice, the fewest first, and which is the policy's own.

    The others flag enough more or fewer to hide whoever is between.
    """
    own = flag_highest(rows, policy.flags)
    size, enough = int(own.flag.sum()), max(policy.smallest, 1)
    others = [flag_highest(rows, capacity) for capacity in _half_and_twice(policy.flags)]
    kept = [own, *(one for one in others if abs(int(one.flag.sum()) - size) >= enough)]
    kept.sort(key=lambda one: int(one.flag.sum()))
    return kept, next(place for place, one in enumerate(kept) if one is own)


def _half_and_twice(own: Capacity) -> list[Capacity]:
    if own.count is not None:
        return [replace(own, count=max(own.count // 2, 1)), replace(own, count=own.count * 2)]
    share = float(own.share or 0)
    return [replace(own, share=share / 2), replace(own, share=min(share * 2, 1.0))]


def side_by_side(rows: AuditRows, flags: Sequence[NDArray[np.bool_]]) -> list[CohortTable]:
    """Tables of who had the outcome and not (even and odd counts), by the first capacity that flags them.

    Args:
        rows: those whose outcome is not known are left out.
        flags: each of shape (n,), whoever is flagged by one is flagged by all after it.
    """
    band = np.sum([~flag for flag in flags], axis=0)
    return tables_of(rows, np.asarray(2 * band + (rows.target != 1), dtype=np.int64), 2 * (len(flags) + 1))


def at_capacity(rate: Rate, place: int, n: int) -> Rate:
    """A rate on the counts of `side_by_side`, at the capacity with number `place` of `n`."""
    flagged = [cell for band in range(place + 1) for cell in _band(band)]
    others = [cell for band in range(place + 1, n + 1) for cell in _band(band)]
    of = (flagged[::2], flagged[1::2], others[::2], others[1::2])  # in the order of CELLS

    def wide(cells: Cells) -> Cells:
        return tuple(sorted(cell for one in cells for cell in of[one]))

    top, bottom = wide(rate.numerator), wide(rate.denominator)
    return replace(rate, name=f"{rate.name}@{place}", numerator=top, denominator=bottom, n_cells=2 * (n + 1))


def _band(number: int) -> Cells:
    """The counts of those who are flagged by this capacity and not by the one before."""
    return 2 * number, 2 * number + 1


def curve_of(rows: AuditRows, policy: Policy, hidden: Hidden, choices: Sequence[Plain]) -> list[Plain]:
    """How many are found, flagged in vain and missed of all together, the more are flagged; and what that costs.

    Steps that differ by few people, from each other or from a choice, or in which nearly all are alike, are left out.
    Of cohorts this tells nothing more: any table of them at the choices agrees with any such curve through the choices.
    That needs the choices' own counts of all together: where one of `choices` (from `choices_of`) hides them, a curve
    would bound whoever is flagged of a small cohort, and there is none.

    Each point has `between`: those whom it flags and the one before does not, their mean score and how many had the
    outcome; of their outcomes that says no more than the two points do.
    """
    if any(("", 0, rate.name) in hidden for rate in (*with_prevalence(policy.rates), *READINGS)):
        return []
    if not all(map(_is_told, choices)):
        return []
    known, found = rows.known, []
    made = [one.flag for one in _made(rows, policy)[0]]
    last = np.zeros(len(rows), dtype=bool)
    for step in range(1, STEPS + 1):
        flag = flag_highest(rows, Capacity(share=step / STEPS, per_stratum=policy.capacity.per_course)).flag
        parts = [flag & known, flag & ~last & known, ~flag & known]
        parts = parts[: 3 if step < STEPS else 2]
        parts += [part for choice in made if (part := (flag ^ choice) & known).any()]
        if all(_can_be_told(rows.target[part], policy.smallest) for part in parts):
            between = _scored(rows, flag & ~last & known, policy)
            found.append(_point(rows, flag & known, policy) | {"between": between})
            last = flag
    return found


def _is_told(choice: Plain) -> bool:
    """Whether a choice shows its rates of all together."""
    return all("count" in rate for rate in choice["tables"][0]["cohorts"][0]["rates"].values())


def _can_be_told(target: NDArray[np.int8], smallest: int) -> bool:
    n, had = len(target), int((target == 1).sum())
    return n >= max(smallest, 1) and not is_telling(had, n, n, smallest)


def _point(rows: AuditRows, flag: NDArray[np.bool_], policy: Policy) -> Plain:
    had = rows.target == 1
    sizes = {"flagged": flag, "found": flag & had, "in_vain": flag & ~had, "missed": had & ~flag}
    counts = {name: policy.rule.count(int(part.sum())) for name, part in sizes.items()}
    return counts | ({"cost": round(cost(counts, policy.costs), 4)} if policy.costs else {})


def _scored(rows: AuditRows, part: NDArray[np.bool_], policy: Policy) -> Plain:
    """What a part was scored, and the share of it that had the outcome, with its 95 % interval."""
    n, had = int(part.sum()), int((rows.target[part] == 1).sum())
    low, high = (float(end) for end in wilson(had, n))
    shares = {"score": float(rows.score[part].mean()), "share": had / n, "low": low, "high": high}
    return {"n": policy.rule.count(n)} | {name: policy.rule.share(value) for name, value in shares.items()}


def cost(counts: Mapping[str, int], prices: Prices) -> float:
    """What a choice costs at these prices.

    >>> cost({"flagged": 10, "in_vain": 4, "missed": 3}, Prices(missed=5, in_vain=1, call=0.5))
    24.0
    """
    return counts["missed"] * prices.missed + counts["in_vain"] * prices.in_vain + counts["flagged"] * prices.call


def cheapest(curve: Sequence[Plain]) -> tuple[int, int] | None:
    """Least and most flagged among the points of the least cost; None where no prices were given."""
    costs = [point["cost"] for point in curve if "cost" in point]
    if not costs:
        return None
    best = [point["flagged"] for point in curve if point["cost"] == min(costs)]
    return min(best), max(best)
