"""Which rates are not shown: those on too few learners, and others from which these could be worked out.

A rate shows two counts, its numerator and its denominator. Where the denominator is small, both are hidden, whatever
the size of the cohort. Where it is not much larger and nearly all in it are alike, the rate tells of each of them: then
it is only said to be under or over a bound. A reader's knowledge is put to the test (see `attain.audit.attack`), and
what gives such a count away is hidden too, until nothing does: of what helps, the rate that comes last in the policy,
of the same cohort or else of the smallest. Both kinds of hiding look alike, so that the sign itself says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attain.audit.attack import Sum, Unknowns, unsafe
from attain.audit.confusion import CohortTable
from attain.audit.rates import Rate
from attain.audit.small_groups import EDGE
from attain.audit.views import Cells, View, added_up, fewer_side, is_telling, kind, named, views_of
from attain.core.cohorts import SMALLEST

MOST_TRIES = 20_000
"""How many views times unknowns are tried to be shown again; each takes one linear programme."""


@dataclass(frozen=True)
class Hidden:
    """What is not shown as it is: (table's name, number of the cohort, rate's name).

    Attributes:
        places: all such; nothing that is shown may be computed from them.
        bounded: those of them whose denominator is shown, and a bound.
    """

    places: frozenset[tuple[str, int, str]]
    bounded: frozenset[tuple[str, int, str]] = frozenset()

    def __contains__(self, place: tuple[str, int, str]) -> bool:
        return place in self.places


SHOW_ALL = Hidden(frozenset())
"""Nothing is hidden: for those who may see single learners."""


@dataclass(frozen=True)
class Settled:
    """What was decided before, and is safe by itself; it stays as it is.

    Attributes:
        rates: of which it was, for every table.
        hidden: what of them is hidden.
        of_all: further ones, of which it was for everybody.
        too: of other rates, what is hidden whatever else is, to keep it company.
    """

    rates: Sequence[Rate]
    hidden: Hidden
    of_all: Sequence[Rate] = ()
    too: frozenset[tuple[str, int, str]] = frozenset()


def suppress(
    tables: Sequence[CohortTable],
    rates: Sequence[Rate],
    smallest: int = SMALLEST,
    *,
    of_all: Sequence[Rate] = (),
    settled: Settled | None = None,
    between: Sequence[Cells] = (),
) -> Hidden:
    """What must be hidden so that no rate on few learners, nor its counts, can be worked out from all the rest.

    Args:
        tables: all that are shown together, that of everybody first.
        rates: all that are shown of them, the most wanted first.
        smallest: rates on fewer learners are hidden; with 0 nothing is.
        of_all: further rates that are shown of everybody only.
        settled: some of the rates, of which is known what is hidden.
        between: further groups of people, as counts that are added up, whose size is kept secret where it is small.

    Raises:
        UserError: so many cohorts are crossed that it cannot be checked.
    """
    if smallest <= 0:
        return SHOW_ALL
    views = views_of(tables, rates, of_all)
    first = _first(tables, views, settled, smallest)
    if settled is not None:
        company = {view for view in views if named(tables, rates, {view}) & settled.too} - first.fixed
        first = replace(first, hidden=first.hidden | company)
    secrets = _secrets(tables, views, first, between, smallest)
    search = _Search(tables, views, secrets, first)
    search.hide()
    search.show_again()
    hidden, every = search.hidden, [*rates, *of_all]
    bounded = named(tables, every, first.bounded - hidden)
    return Hidden(named(tables, every, hidden) | bounded, bounded)


@dataclass(frozen=True)
class _First:
    """Where the search begins.

    Attributes:
        hidden: views that are hidden whatever else is: their denominator is small, or so it was settled.
        bounded: views of which only a bound is shown.
        fixed: views that are settled.
    """

    hidden: frozenset[View]
    bounded: frozenset[View]
    fixed: frozenset[View]


def _first(tables: Sequence[CohortTable], views: Sequence[View], settled: Settled | None, smallest: int) -> _First:
    everybody, learners = tables[0].cells.sum(axis=0), _Learners(tables)
    hidden, bounded, fixed = set(), set(), set()
    decided = {kind(rate): rate.name for rate in settled.rates} if settled else {}
    of_all = decided | ({kind(rate): rate.name for rate in settled.of_all} if settled else {})
    for view in views:
        name = (decided if view.table else of_all).get((view.numerator, view.denominator))
        few = learners.of(view.table, view.level, view.denominator)
        n = int(tables[view.table].cells[view.level, list(view.denominator)].sum())
        if settled is not None and name is not None:
            place = (tables[view.table].name, view.level, name)
            fixed.add(view)
            hidden |= {view} if place in settled.hidden and place not in settled.hidden.bounded else set()
            bounded |= {view} if place in settled.hidden.bounded else set()
        elif few < smallest and everybody[list(view.denominator)].sum():
            hidden.add(view)  # a denominator that is empty among all people hides nobody, and may be said to be
        elif n and is_telling(fewer_side(tables[view.table], view).value, n, few, smallest):
            bounded.add(view)
    return _First(frozenset(hidden), frozenset(bounded), frozenset(fixed))


class _Learners:
    """How many learners some rows of a cohort are of; remembered, for views share denominators."""

    def __init__(self, tables: Sequence[CohortTable]) -> None:
        self._tables, self._known = tables, dict[tuple[int, Cells], NDArray[np.int64]]()

    def of(self, table: int, level: int, cells: Cells) -> int:
        if (table, cells) not in self._known:
            self._known[table, cells] = self._tables[table].learners(cells)
        return int(self._known[table, cells][level])


def _secrets(
    tables: Sequence[CohortTable], views: Sequence[View], first: _First, between: Sequence[Cells], smallest: int
) -> dict[tuple[int, int, Cells], tuple[Sum, int]]:
    """Sums that no reader may find out, each with how large it must seem to be able to be."""
    everybody, learners = tables[0].cells.sum(axis=0), _Learners(tables)
    found: dict[tuple[int, int, Cells], tuple[Sum, int]] = {}

    def small(table: int, level: int, cells: Cells) -> None:
        if learners.of(table, level, cells) < smallest and everybody[list(cells)].sum():
            one = added_up(tables[table], level, cells)
            found[table, level, cells] = one, max(smallest, one.value + (smallest + 1) // 2)

    for view in views:
        small(view.table, view.level, view.denominator)
        if view in first.bounded:
            side = fewer_side(tables[view.table], view)
            found.setdefault((view.table, view.level, side.cells), (side, EDGE - 1))
    for table, own in enumerate(tables):
        for level in range(len(own.levels)):
            for cells in between:
                small(table, level, cells)
    return found


class _Search:
    """What is hidden so far; it grows until no secret can be worked out."""

    def __init__(
        self,
        tables: Sequence[CohortTable],
        views: Sequence[View],
        secrets: Mapping[tuple[int, int, Cells], tuple[Sum, int]],
        first: _First,
    ) -> None:
        self._tables, self._views, self._first = tables, views, first
        self._places, self._secrets = list(secrets), list(secrets.values())
        self._unknowns = Unknowns({table.attributes: table.levels for table in tables}, tables[0].n_cells)
        self.hidden: frozenset[View] = first.hidden

    def hide(self) -> None:
        """Hide what gives a secret away, until nothing does that could be hidden."""
        while self._secrets and len(self.hidden) < len(self._views):
            shown, found = self._leaks(self.hidden)
            given_up: set[View] = set()
            for secret, weights in found.items():
                helping = [view for view, weight in zip(shown, weights, strict=True) if weight > 1e-9]
                given_up |= set(self._give_up(secret, [view for view in helping if view not in self._first.fixed]))
            if not given_up:
                return
            self.hidden |= given_up

    def show_again(self) -> None:
        """More was hidden than needs be, for several were hidden at once."""
        spare = sorted(self.hidden - self._first.hidden, key=lambda view: (-view.rank, self._dear(view)), reverse=True)
        for view in spare[: MOST_TRIES // self._unknowns.n]:
            if not self._leaks(self.hidden - {view}, most=1)[1]:
                self.hidden -= {view}

    def _leaks(
        self, hidden: frozenset[View], most: int | None = None
    ) -> tuple[list[View], dict[int, NDArray[np.float64]]]:
        """The views that are shown, and how much each of them helps to know a secret that is not safe."""
        shown = [view for view in self._views if view not in hidden]
        sums = [one for view in shown for one in self._sums(view)]
        found = unsafe(
            self._unknowns, sums, [one for one, _ in self._secrets], [least for _, least in self._secrets], most=most
        )
        return shown, {secret: weights.reshape(-1, 2).max(axis=1) for secret, weights in found.items()}

    def _sums(self, view: View) -> tuple[Sum, Sum]:
        """What a view shows: its denominator, and its numerator or that one side has fewer than `EDGE`."""
        table = self._tables[view.table]
        whole = added_up(table, view.level, view.denominator)
        if view in self._first.bounded:
            return whole, replace(fewer_side(table, view), value=EDGE - 1, at_most=True)
        return whole, added_up(table, view.level, view.numerator)

    def _give_up(self, secret: int, helping: Sequence[View]) -> list[View]:
        """The one view to hide next, of those that help to know the secret."""
        table, level, _ = self._places[secret]

        def cheap(view: View) -> tuple[bool, int, bool, tuple[bool, int, int, int, int]]:
            own = (view.table, view.level) == (table, level)
            return not self._tables[view.table].attributes, -view.rank, not own, self._dear(view)

        return [min(helping, key=cheap)] if helping else []

    def _dear(self, view: View) -> tuple[bool, int, int, int, int]:
        """More for a view that one would rather show: of everybody, of many, of the first rates."""
        table = self._tables[view.table]
        size = int(table.cells[view.level, list(view.denominator)].sum())
        return not table.attributes, size, -view.rank, -view.table, view.level
