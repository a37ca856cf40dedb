"""What rates show of cohorts, as sums of counts: the pieces from which a reader could work out others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from attain.audit.attack import Level, Sum
from attain.audit.confusion import CohortTable
from attain.audit.rates import Rate
from attain.audit.small_groups import EDGE, FEW_TIMES

Cells = tuple[int, ...]


@dataclass(frozen=True)
class View:
    """What a rate (or its complement) shows of one cohort: a numerator and a denominator.

    Attributes:
        table: number of the table.
        level: number of the cohort in it.
        rank: place of the rate in the policy; the first is given up last.
        numerator: places among the counts.
        denominator: places among the counts.
    """

    table: int
    level: int
    rank: int
    numerator: Cells
    denominator: Cells


def views_of(tables: Sequence[CohortTable], rates: Sequence[Rate], of_all: Sequence[Rate] = ()) -> list[View]:
    """What is shown if nothing is hidden; a rate and its complement are one view.

    Args:
        tables: that of everybody first.
        rates: of every table.
        of_all: further ones, of the first table only.
    """
    kinds = list(dict.fromkeys(map(kind, rates)))
    more = [one for one in dict.fromkeys(map(kind, of_all)) if one not in kinds]
    return [
        View(table, level, rank, *one)
        for table, own in enumerate(tables)
        for level in range(len(own.levels))
        for rank, one in enumerate(kinds + more * (table == 0))
    ]


def kind(rate: Rate) -> tuple[Cells, Cells]:
    """The same for a rate and its complement: the first of their numerators, and the denominator."""
    others = tuple(cell for cell in rate.denominator if cell not in rate.numerator)
    return min(rate.numerator, others), rate.denominator


def added_up(table: CohortTable, level: int, cells: Cells) -> Sum:
    """Some counts of a cohort as one sum."""
    names: Level = tuple(zip(table.attributes, table.levels[level], strict=True))
    return Sum(names, cells, int(table.cells[level, list(cells)].sum()))


def fewer_side(table: CohortTable, view: View) -> Sum:
    """Those in the numerator of a view or the others of its denominator, whoever are fewer."""
    top = added_up(table, view.level, view.numerator)
    others = tuple(cell for cell in view.denominator if cell not in view.numerator)
    rest = added_up(table, view.level, others)
    return min(top, rest, key=lambda side: side.value)


def is_telling(count: int, n: int, learners: int, smallest: int) -> bool:
    """Whether a rate would tell of nearly each of few people, as 0 of 12 does.

    >>> is_telling(0, 12, 12, 10), is_telling(11, 12, 12, 10), is_telling(3, 12, 12, 10), is_telling(0, 20, 20, 10)
    (True, True, False, False)
    """
    return learners < FEW_TIMES * smallest and min(count, n - count) < EDGE


def named(
    tables: Sequence[CohortTable], rates: Sequence[Rate], views: Iterable[View]
) -> frozenset[tuple[str, int, str]]:
    """The rates that show these views: (table's name, number of the cohort, rate's name)."""
    of_kind: dict[tuple[Cells, Cells], list[str]] = {}
    for rate in rates:
        of_kind.setdefault(kind(rate), []).append(rate.name)
    return frozenset(
        (tables[view.table].name, view.level, name)
        for view in views
        for name in of_kind.get((view.numerator, view.denominator), ())
    )
