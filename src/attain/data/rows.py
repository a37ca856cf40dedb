"""The rows of a raw table that are answers, in the order in which they were given."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data import values
from attain.data.dataset import Change
from attain.data.formats.columns import Column, RawTable
from attain.data.ordering import by_code, is_sorted, within
from attain.data.source import Options, Source


@dataclass
class Notes:
    """What a loader did to the rows so far.

    Attributes:
        rows: to how many rows what was done, in the order in which it is done.
    """

    rows: dict[str, int] = field(default_factory=dict)

    def note(self, what: str, rows: int) -> None:
        """Something was done to so many rows, more of them or the first."""
        self.rows[what] = self.rows.get(what, 0) + int(rows)

    @property
    def changes(self) -> tuple[Change, ...]:
        """All that was done to at least one row."""
        return tuple(Change(what, rows) for what, rows in self.rows.items() if rows)


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a raw table; each array and column has n rows.

    Attributes:
        at: their row numbers in the raw table.
        learner: may have names that no row uses, as all columns; once the rows are whole learners', its codes count
            them in the order in which they first appear in the file.
        item: the item.
        correct: 0 or 1.
        skill: the skill cells, or None where the file has none.
        time: seconds since a fixed moment, NaN where unknown.
        duration: seconds, NaN where unknown.
        order: the declared order, NaN where a row has none; or None where no column is declared.
        answer: a number for each id of an answer, or None where no column has ids.
        traits: columns that tell of learners, by the file's names.
    """

    at: NDArray[np.integer]
    learner: Column
    item: Column
    correct: NDArray[np.int8]
    skill: Column | None
    time: NDArray[np.float64] | None
    duration: NDArray[np.float64] | None
    order: NDArray[np.float64] | None
    answer: NDArray[np.uint64] | None
    traits: Mapping[str, Column]

    def __len__(self) -> int:
        return len(self.at)

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "Rows":
        """Some of the rows (a mask, or numbers)."""
        return replace(
            self,
            at=self.at[rows],
            learner=self.learner.take(rows),
            item=self.item.take(rows),
            correct=self.correct[rows],
            skill=None if self.skill is None else self.skill.take(rows),
            time=None if self.time is None else self.time[rows],
            duration=None if self.duration is None else self.duration[rows],
            order=None if self.order is None else self.order[rows],
            answer=None if self.answer is None else self.answer[rows],
            traits={name: column.take(rows) for name, column in self.traits.items()},
        )


def read_rows(table: RawTable, source: Source, options: Options, notes: Notes) -> Rows:
    """The rows that are answers, in file order.

    Raises:
        UserError: a cell cannot be read, or the options need a column that the source does not name.
    """
    columns = source.columns
    learner, item = table.columns[columns.learner], _item(table, columns.item)
    meaning = values.answers(table, columns.correct, source)
    unwanted = {
        "dropped rows without a learner": learner.empty,
        "dropped rows without an item": item.empty,
        "dropped rows that are no answers (presentations)": meaning == values.NO_ANSWER,
        "dropped rows without an answer": meaning == values.EMPTY,
    }
    if not options.scaffolding:
        if columns.original is None:
            raise UserError(f"{table.path}: option 'scaffolding' needs a column that tells main problems (`original`).")
        unwanted["dropped scaffolding steps"] = ~values.originals(table, columns.original, source)
    keep = np.ones(table.n_rows, dtype=bool)
    for what, rows in unwanted.items():
        notes.note(what, int((rows & keep).sum()))
        keep &= ~rows
    trimmed = sum(table.columns[name].trimmed for name in columns.named() if name in table.columns)
    notes.note("trimmed blanks at the ends of names and values", trimmed)
    at = np.flatnonzero(keep)

    def taken(column: Column) -> Column:
        return column if keep.all() else column.take(at)

    return Rows(
        at,
        taken(learner),
        taken(item),
        (meaning[at] == values.RIGHT).astype(np.int8),
        None if columns.skill is None else taken(table.columns[columns.skill]),
        None if columns.time is None else values.times(table, columns.time, at, source),
        None if columns.duration is None else _durations(table, columns.duration, at, source, notes),
        None if columns.order is None else values.numbers(table, columns.order, at, source),
        None if columns.answer_id is None else _hashes(taken(table.columns[columns.answer_id])),
        {name: taken(table.columns[name]) for name in source.traits()},
    )


def in_order(rows: Rows, source: Source, notes: Notes) -> Rows:
    """Rows by learner, then by the declared order or time, then as they stand in the file.

    A row without order or time stays behind the row that is before it in the file.
    """
    learner, by = rows.learner.code, source.columns.order
    key, order = rows.time if by is None else rows.order, None
    if not is_sorted(learner):
        order = by_code(learner, len(rows.learner.texts))
        learner, key = learner[order], None if key is None else key[order]
    if key is None:
        return rows if order is None else rows.take(order)
    what, unknown = repr(by or source.columns.time), np.isnan(key)
    known = _filled(key, learner) if unknown.any() else key
    change = learner[1:] != learner[:-1]
    back = ~change & (known[1:] < known[:-1])
    notes.note(f"rows put back into the order of {what}", int(back.sum()))
    notes.note(f"rows without {what} left behind the row before them", int(unknown.sum()))
    if back.any():
        again = within(np.concatenate([[0], np.flatnonzero(change) + 1, [len(rows)]]), known)
        order = again if order is None else order[again]
    return rows if order is None else rows.take(order)


def _filled(key: NDArray[np.float64], learner: NDArray[np.int32]) -> NDArray[np.float64]:
    """What is known of a row or, where nothing is, of the last row of its learner of which something is."""
    filled = pd.Series(key).groupby(learner).ffill().fillna(-np.inf)
    return np.asarray(filled, dtype=np.float64)


def without_duplicates(rows: Rows, notes: Notes) -> Rows:
    """Rows that are equal in every column are one row where their order or time is known; else they may be retries."""
    skill = np.zeros(len(rows), dtype=np.int32) if rows.skill is None else rows.skill.code
    known = np.zeros(len(rows), dtype=bool)
    for tells in (rows.time, rows.order):
        known |= False if tells is None else ~np.isnan(tells)
    again = same_as_before(rows) & (np.diff(skill, prepend=-1) == 0) & ~known
    notes.note("rows equal to the row before, kept as retries (no time or order tells)", int(again.sum()))
    double = known & _repeated(rows, skill)
    notes.note("dropped exact duplicates", int(double.sum()))
    return rows.take(~double) if double.any() else rows


def _repeated(rows: Rows, skill: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Whether a row, in order, is equal in every column to one before it; shape (n,)."""
    key = rows.time if rows.order is None else rows.order
    maybe = np.zeros(len(rows), dtype=bool)
    if key is None:
        return maybe
    if np.isnan(key).any():
        maybe[:] = True
    else:  # equal rows are of one learner and one time, so side by side with all others of that time
        tie = (key[1:] == key[:-1]) & (rows.learner.code[1:] == rows.learner.code[:-1])
        maybe[1:] = tie
        maybe[:-1] |= tie
    some = rows.take(maybe)
    frame = pd.DataFrame({"l": some.learner.code, "i": some.item.code, "c": some.correct, "s": skill[maybe]})
    for name, numbers in (("t", some.time), ("d", some.duration), ("o", some.order)):
        frame[name] = np.nan if numbers is None else numbers
    maybe[maybe] = frame.duplicated().to_numpy()
    return maybe


def same_as_before(rows: Rows) -> NDArray[np.bool_]:
    """Whether a row has learner, item, correctness and time in common with the row before; shape (n,)."""
    same = np.ones(len(rows), dtype=bool)
    same[:1] = False
    for column in (rows.learner.code, rows.item.code, rows.correct):
        same[1:] &= column[1:] == column[:-1]
    if rows.time is not None:
        same[1:] &= (rows.time[1:] == rows.time[:-1]) | (np.isnan(rows.time[1:]) & np.isnan(rows.time[:-1]))
    return same


def _item(table: RawTable, names: str | tuple[str, ...]) -> Column:
    """The item column; several columns are joined by ` / `, and an item is empty where the first of them is."""
    first, *others = (names,) if isinstance(names, str) else names
    out = table.columns[first]
    for name in others:
        other = table.columns[name]
        code, pairs = pd.factorize(out.code.astype(np.int64) * len(other.texts) + other.code)
        left, right = np.divmod(pairs, len(other.texts))
        texts = [f"{a} / {b}" if a else "" for a, b in zip(out.texts[left], other.texts[right], strict=True)]
        place, joint = pd.factorize(np.array(texts, dtype=object))  # all items without a first part are one: none
        out = Column(place.astype(np.int32)[code], np.asarray(joint, dtype=object))
    return out


def _hashes(ids: Column) -> NDArray[np.uint64]:
    """A number for each id: 64 bits, of which two ids of one learner's answers to one item are never seen to agree."""
    return np.asarray(pd.util.hash_array(ids.texts, categorize=False)[ids.code])


def _durations(table: RawTable, name: str, at: NDArray[np.int64], source: Source, notes: Notes) -> NDArray[np.float64]:
    seconds = values.numbers(table, name, at, source) / (1000 if source.duration_unit == "ms" else 1)
    none, long = seconds <= 0, seconds > source.longest_duration_s
    notes.note("durations of zero or less counted as unknown", int(none.sum()))
    notes.note(f"durations over {source.longest_duration_s:g} s counted as unknown", int(long.sum()))
    return np.where(none | long, np.nan, seconds)
