"""Which rates are not shown: those on too few learners, and others from which these could be worked out.

A rate shows two counts, its numerator and its denominator. Where the denominator is small, both are hidden, whatever
the size of the cohort. Then a reader's knowledge is put to the test (see `attain.audit.attack`), and what gives a
small count away is hidden too, until nothing does: of what helps, the rate that comes last in the policy, of the
same cohort or else of the smallest. Both kinds of hiding look alike, so that the sign itself says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attain.audit.attack import Level, Sum, Unknowns, unsafe
from attain.audit.confusion import CohortTable
from attain.audit.rates import Rate
from attain.core.cohorts import SMALLEST

Rounding = Literal["exact", "nearest_5"]
MOST_TRIES = 20_000
"""How many views times unknowns are tried to be shown again; each takes one linear programme."""
NOT_SHOWN = "not shown: too few people, or too few elsewhere could be worked out from it"


@dataclass(frozen=True)
class SuppressionRule:
    """How an institution protects small groups.

    Attributes:
        smallest: rates on fewer learners are hidden.
        rounding: `exact`, or `nearest_5`: counts to the nearest 5 and shares to whole per cents, as HESA publishes.
    """

    smallest: int = SMALLEST
    rounding: Rounding = "exact"

    def count(self, value: int) -> int:
        """A count as it may be shown.

        >>> SuppressionRule(rounding="nearest_5").count(12), SuppressionRule().count(12)
        (10, 12)
        """
        return value if self.rounding == "exact" else 5 * ((2 * value + 5) // 10)

    def share(self, value: float) -> float:
        """A share as it may be shown: four decimals, or whole per cents."""
        return round(value, 4 if self.rounding == "exact" else 2)


@dataclass(frozen=True)
class View:
    """What a rate (or its complement) shows of one cohort: a numerator and a denominator.

    Attributes:
        table: number of the table.
        level: number of the cohort in it.
        rank: place of the rate in the policy; the first is given up last.
        numerator: places in `CELLS`.
        denominator: places in `CELLS`.
    """

    table: int
    level: int
    rank: int
    numerator: tuple[int, ...]
    denominator: tuple[int, ...]


@dataclass(frozen=True)
class Hidden:
    """What is not shown: (table's name, number of the cohort, rate's name)."""

    places: frozenset[tuple[str, int, str]]

    def __contains__(self, place: tuple[str, int, str]) -> bool:
        return place in self.places


SHOW_ALL = Hidden(frozenset())
"""Nothing is hidden: for those who may see single learners."""


def suppress(tables: Sequence[CohortTable], rates: Sequence[Rate], smallest: int = SMALLEST) -> Hidden:
    """What must be hidden so that no rate on few learners, nor its counts, can be worked out from all the rest.

    Args:
        tables: all that are shown together, that of everybody among them.
        rates: all that are shown of them, the most wanted first.
        smallest: rates on fewer learners are hidden.

    Raises:
        UserError: so many cohorts are crossed that it cannot be checked.
    """
    views = _views(tables, rates)
    secrets, small = _small(tables, rates, views, smallest)
    unknowns = Unknowns({table.attributes: table.levels for table in tables})
    least = [max(smallest, secret.value + (smallest + 1) // 2) for secret in secrets.values()]
    places = list(secrets)

    def leaks(hidden: set[View], most: int | None = None) -> tuple[list[View], dict[int, NDArray[np.float64]]]:
        shown = [view for view in views if view not in hidden]
        sums = [one for view in shown for one in _sums(tables, view)]
        return shown, unsafe(unknowns, sums, list(secrets.values()), least, most=most)

    hidden = set(small)
    while secrets and len(hidden) < len(views):
        shown, found = leaks(hidden)
        if not found:
            break
        for secret, weights in found.items():
            helping = [view for view, two in zip(shown, weights.reshape(-1, 2), strict=True) if two.max() > 1e-9]
            hidden |= set(_give_up(tables, places[secret], [view for view in helping if view not in hidden]))
    spare = sorted(hidden - small, key=lambda view: (-view.rank, _dear(tables, view)), reverse=True)
    for view in spare[: MOST_TRIES // unknowns.n]:  # more was hidden than needs be, for several were hidden at once
        if not leaks(hidden - {view}, most=1)[1]:
            hidden.remove(view)
    return Hidden(frozenset(_named(tables, rates, hidden)))


def _views(tables: Sequence[CohortTable], rates: Sequence[Rate]) -> list[View]:
    """What is shown if nothing is hidden; a rate and its complement are one view."""
    kinds = list(dict.fromkeys(map(_kind, rates)))
    return [
        View(table, level, rank, *kind)
        for table, one in enumerate(tables)
        for level in range(len(one.levels))
        for rank, kind in enumerate(kinds)
    ]


def _kind(rate: Rate) -> tuple[tuple[int, ...], tuple[int, ...]]:
    others = tuple(cell for cell in rate.denominator if cell not in rate.numerator)
    return min(rate.numerator, others), rate.denominator


def _small(
    tables: Sequence[CohortTable], rates: Sequence[Rate], views: Sequence[View], smallest: int
) -> tuple[dict[tuple[int, int, tuple[int, ...]], Sum], set[View]]:
    """Denominators that are too small, and the views that rest on them.

    A denominator that is empty among all people hides nobody: its rates are undefined, and may be said to be.
    """
    by_denominator = {rate.denominator: rate for rate in rates}
    everybody = tables[0].cells.sum(axis=0)
    if smallest <= 0:
        return {}, set()
    learners = [{d: table.column(rate).learners for d, rate in by_denominator.items()} for table in tables]
    secrets, hidden = {}, set()
    for view in views:
        few = learners[view.table][view.denominator][view.level] < smallest
        if few and everybody[list(view.denominator)].sum():
            hidden.add(view)
            secrets[view.table, view.level, view.denominator] = _sum(tables, view, view.denominator)
    return secrets, hidden


def _sums(tables: Sequence[CohortTable], view: View) -> tuple[Sum, Sum]:
    return _sum(tables, view, view.denominator), _sum(tables, view, view.numerator)


def _sum(tables: Sequence[CohortTable], view: View, cells: tuple[int, ...]) -> Sum:
    table = tables[view.table]
    level: Level = tuple(zip(table.attributes, table.levels[view.level], strict=True))
    return Sum(level, cells, int(table.cells[view.level, list(cells)].sum()))


def _give_up(
    tables: Sequence[CohortTable], secret: tuple[int, int, tuple[int, ...]], helping: Sequence[View]
) -> list[View]:
    """The one view to hide next, of those that help to know the secret."""
    table, level, _ = secret

    def cheap(view: View) -> tuple[bool, int, bool, tuple[bool, int, int, int, int]]:
        own = (view.table, view.level) == (table, level)
        return not tables[view.table].attributes, -view.rank, not own, _dear(tables, view)

    return [min(helping, key=cheap)] if helping else []


def _dear(tables: Sequence[CohortTable], view: View) -> tuple[bool, int, int, int, int]:
    """More for a view that one would rather show: of everybody, of many, of the first rates."""
    size = int(tables[view.table].cells[view.level, list(view.denominator)].sum())
    return not tables[view.table].attributes, size, -view.rank, -view.table, view.level


def _named(tables: Sequence[CohortTable], rates: Sequence[Rate], hidden: set[View]) -> list[tuple[str, int, str]]:
    return [
        (tables[view.table].name, view.level, rate.name)
        for view in hidden
        for rate in rates
        if _kind(rate) == (view.numerator, view.denominator)
    ]


def shown_table(table: CohortTable, rates: Sequence[Rate], hidden: Hidden, rule: SuppressionRule) -> dict[str, object]:
    """The table as plain data with nothing in it that is hidden: for JSON, pages and readers.

    Each rate of each cohort has `value`, `low`, `high` (95 % Wilson interval), `count` and `n`, its own denominator;
    where they cannot be given `value` is None and `reason` says why.
    """
    columns = [table.column(rate) for rate in rates]
    cohorts = []
    for level, values in enumerate(table.levels):
        own: dict[str, object] = {}
        for column in columns:
            if (table.name, level, column.rate.name) in hidden:
                own[column.rate.name] = {"value": None, "reason": NOT_SHOWN}
            elif column.n[level] == 0:
                own[column.rate.name] = {"value": None, "count": 0, "n": 0, "reason": column.rate.undefined}
            else:
                three = {"value": column.value, "low": column.low, "high": column.high}
                own[column.rate.name] = {
                    **{name: rule.share(float(part[level])) for name, part in three.items()},
                    "count": rule.count(int(column.numerator[level])),
                    "n": rule.count(int(column.n[level])),
                }
        cohorts.append({"values": dict(zip(table.attributes, values, strict=True)), "rates": own})
    return {"attributes": list(table.attributes), "cohorts": cohorts}
