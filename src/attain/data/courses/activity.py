"""What learners did in the learning environment, read piece by piece: cut at a day, summed by enrolment and page."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.data.courses.rows import Rows
from attain.data.courses.source import Activity
from attain.data.courses.tables import Tables, numbers, texts
from attain.data.enrolments import Events, Names
from attain.data.formats.columns import Column
from attain.data.formats.typed import NotTyped, Piece, pieces

OTHER = "other"
"""The kind of a page that no table names."""
_BITS = 63


def recorded_until(where: Activity | None, rows: Rows) -> NDArray[np.float64] | None:
    """The last day of which each offering's activity is in the file; -inf for none of it, inf for all."""
    if where is None:
        return None
    if where.complete_until is None:
        return np.full(len(rows.course), np.inf)
    until = pd.Series(dict(where.complete_until), dtype=float).reindex(rows.offering_text).fillna(-np.inf)
    return np.asarray(until, dtype=np.float64)


def activity(where: Activity | None, tables: Tables, rows: Rows, as_of: float) -> Events | None:
    """What learners did up to the day, summed by enrolment, day and page; None where the set has no such table.

    Args:
        where: the card's part.
        tables: reads the files.
        rows: the enrolments.
        as_of: the last day that counts.

    Raises:
        UserError: a file cannot be read.
    """
    if where is None:
        return None
    until = recorded_until(where, rows)
    assert until is not None
    try:
        kept = _Kept(where, rows, np.minimum(until, as_of)).with_all(_typed(where, tables))
    except NotTyped:
        kept = _Kept(where, rows, np.minimum(until, as_of)).with_all(_as_text(where, tables))
    names = np.array(list(kept.names), dtype=object)
    kind, kinds = _kinds(where, tables, names)
    owner, own = kept.summed()
    return Events.of(owner, len(rows.learner), kinds, kind=kind[own["about"]], **own)


def _typed(where: Activity, tables: Tables) -> Iterator[Piece]:
    wanted = [name for name in (where.learner, where.course, where.term, where.about) if name is not None]
    amounts = [where.day] if where.amount is None else [where.day, where.amount]
    return pieces(tables.checked(where), wanted, amounts, delimiter=where.delimiter, encoding=where.encoding)


def _as_text(where: Activity, tables: Tables) -> list[Piece]:
    """The whole file at once; slower, and tells which cell is wrong."""
    keys = [where.learner, where.course, where.term, where.about]
    table = tables.read(where, [*keys, where.day, where.amount], "activity")
    amounts = [name for name in (where.day, where.amount) if name is not None]
    by_name = {name: table.columns[name] for name in keys if name is not None}
    return [Piece(by_name, {name: numbers(table, name) for name in amounts}, table.n_rows)]


@dataclass(eq=False)
class _Kept:
    """The rows that belong to an enrolment and lie before its cut.

    Attributes:
        where: the card's part.
        rows: the enrolments.
        last: shape (n_offerings,), the last day that counts.
        names: of the pages, to their numbers.
        parts: by column, one array a piece.
    """

    where: Activity
    rows: Rows
    last: NDArray[np.float64]
    names: dict[str, int] = field(default_factory=dict)
    parts: dict[str, list[NDArray[Any]]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.learners = pd.Index(self.rows.learners, dtype=object)
        self.offerings = pd.Index(self.rows.pairs, dtype=object)
        self.enrolments = pd.Index(self.rows.learner.astype(np.int64) * len(self.offerings) + self.rows.offering)

    def with_all(self, pieces: Iterable[Piece]) -> "_Kept":
        """Itself, with the rows of all pieces."""
        for piece in pieces:
            self._add(piece)
        return self

    def _add(self, piece: Piece) -> None:
        where = self.where
        course, term = _column(piece, where.course), _column(piece, where.term)
        joined = [f"{c}\x1f{t}" for c in course.texts for t in term.texts]
        offering = self.offerings.get_indexer(pd.Index(joined, dtype=object))
        offering = offering[course.code.astype(np.int64) * len(term.texts) + term.code]
        day = piece.numbers[where.day]
        early = np.flatnonzero((day <= np.append(self.last, -np.inf)[offering]) & np.isfinite(day))
        who = _column(piece, where.learner)
        learner = self.learners.get_indexer(pd.Index(who.texts, dtype=object))[who.code[early]]
        owner = self.enrolments.get_indexer(
            np.where(learner >= 0, learner.astype(np.int64) * len(self.offerings) + offering[early], -1)
        )
        own = owner >= 0
        early = early[own]
        page = _column(piece, where.about)
        number = np.array([self.names.setdefault(str(text), len(self.names)) for text in page.texts], dtype=np.int32)
        columns = {
            "owner": owner[own].astype(np.int32),
            "day": day[early].astype(np.float32),
            "about": number[page.code[early]],
            "amount": self._amount(piece)[early],
        }
        for name, values in columns.items():
            self.parts.setdefault(name, []).append(values)

    def _amount(self, piece: Piece) -> NDArray[np.floating]:
        if self.where.amount is None:
            return np.ones(piece.n_rows, dtype=np.float32)
        return np.asarray(np.nan_to_num(piece.numbers[self.where.amount]), dtype=np.float32)

    def summed(self) -> tuple[NDArray[np.int64], dict[str, NDArray[Any]]]:  # a column each, of several types
        """One row an enrolment, day and page, in this order: the owners; `day`, `about` and `amount`."""
        owner, day, about, amount = (np.concatenate(self.parts.pop(n)) for n in ("owner", "day", "about", "amount"))
        days, when = _numbered(day)
        for_page, for_day = (max(int(n - 1).bit_length(), 1) for n in (len(self.names), len(days)))
        key = (owner.astype(np.int64) << for_day | when) << for_page | about
        del owner, day, about, when
        key, order = _sorted(key)
        amount = amount[order].astype(np.float64)
        del order
        first = np.concatenate([[0], np.flatnonzero(key[1:] != key[:-1]) + 1]) if len(key) else np.zeros(0, dtype=int)
        total = np.add.reduceat(amount, first) if len(key) else amount
        key = key[first]
        dated = key >> for_page
        own = {"day": days[dated & ((1 << for_day) - 1)], "about": key & ((1 << for_page) - 1), "amount": total}
        return dated >> for_day, own


def _sorted(key: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The keys in order, and where each stood. Where a key and a place fit into one number, one sort does both."""
    for_place = max(len(key), 1).bit_length()
    if int(key.max(initial=0)).bit_length() + for_place > _BITS:
        order = np.argsort(key)
        return key[order], order
    both = key << for_place | np.arange(len(key))
    both.sort()
    return both >> for_place, both & ((1 << for_place) - 1)


def _column(piece: Piece, name: str | None) -> Column:
    if name is not None:
        return piece.texts[name]
    return Column(np.zeros(piece.n_rows, dtype=np.int32), np.array([""], dtype=object))


def _numbered(day: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """The days there may be, ascending, and the number of each row's among them."""
    if not len(day):
        return day, np.zeros(0, dtype=np.int64)
    low, whole = day.min(), day.astype(np.int64)
    if (whole == day).all():
        return np.arange(int(low), int(day.max()) + 1, dtype=np.float32), whole - int(low)
    days, when = np.unique(day, return_inverse=True)
    return days, when


def _kinds(where: Activity, tables: Tables, names: NDArray[np.object_]) -> tuple[NDArray[np.int64], Names]:
    """What kind each page is, and the names of the kinds."""
    lookup = where.kinds
    if lookup is None:
        return np.zeros(len(names), dtype=np.int64), np.array([OTHER], dtype=object)
    table = tables.read(lookup, [lookup.key, lookup.kind], "kinds of pages")
    page = pd.Series(texts(table, lookup.kind), index=texts(table, lookup.key))
    found = page[~page.index.duplicated()].reindex(names).fillna(OTHER)
    code, kinds = pd.factorize(found, sort=True)
    return code, np.asarray(kinds, dtype=object)
