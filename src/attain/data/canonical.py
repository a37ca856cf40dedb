"""Raw rows become the interaction log: sorted, one row an answer, with a count of all that was changed."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data import merge, values
from attain.data.cohorts import UNKNOWN
from attain.data.dataset import Change
from attain.data.formats.columns import Column, RawTable
from attain.data.interactions import Interactions
from attain.data.skills import SkillSets, of_items, of_rows
from attain.data.source import Options, Source


@dataclass(frozen=True, eq=False)
class Prepared:
    """What the raw rows became; learners stand in the order in which they first appear in the file."""

    log: Interactions
    cohorts: pd.DataFrame | None
    published: NDArray[np.int64] | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, eq=False)
class _Rows:
    """The rows that are kept, in their final order; each array has shape (n_rows,) but for the names."""

    at: NDArray[np.int64]
    """Row number in the raw table."""
    learner: Column
    item: Column
    correct: NDArray[np.int8]
    skill: Column | None
    time: NDArray[np.float64] | None
    duration: NDArray[np.float64] | None

    def take(self, rows: NDArray[np.integer] | NDArray[np.bool_]) -> "_Rows":
        return _Rows(
            self.at[rows],
            self.learner.take(rows),
            self.item.take(rows),
            self.correct[rows],
            None if self.skill is None else self.skill.take(rows),
            None if self.time is None else self.time[rows],
            None if self.duration is None else self.duration[rows],
        )


def canonical(table: RawTable, source: Source, options: Options, item_skill: RawTable | None = None) -> Prepared:
    """The log of a raw table.

    Args:
        table: the answers.
        source: what its columns mean.
        options: what the suite chose.
        item_skill: the items' skills, where the set has a Q-matrix.

    Raises:
        UserError: a cell cannot be read, the file is expanded and nobody said how to merge it, or no row is left.
    """
    changes: list[Change] = []
    rows = _read(table, source, options, changes)
    rows = _sorted(rows, table, source, changes)
    rows, group = _merged(rows, table, source, options, changes)
    skills, dropped = _skills(rows, group, source, options, item_skill)
    changes += dropped
    rows = rows.take(group.first)
    keep = _kept(rows, skills, table, options, changes)
    rows, skills = rows.take(keep), skills.take(keep)
    if not len(rows.at):
        raise UserError(f"{table.path}: no answer is left; {_told(changes)}.")
    log = _log(rows, skills)
    present = pd.unique(rows.learner.code)
    first_row = pd.Series(np.arange(len(rows.at))).groupby(rows.learner.code, sort=False).first().to_numpy()
    cohorts = _cohorts(table, source, rows, changes)
    published = _published(table, source, rows, first_row)
    assert len(present) == len(log.learners)
    return Prepared(log, cohorts, published, tuple(c for c in changes if c.rows))


def _told(changes: list[Change]) -> str:
    return "; ".join(f"{change.what}: {change.rows}" for change in changes if change.rows) or "the file has none"


def _read(table: RawTable, source: Source, options: Options, changes: list[Change]) -> _Rows:
    """The rows that are answers, in file order."""
    columns = source.columns
    learner, item = table.columns[columns.learner], _item(table, columns.item)
    meaning = values.answers(table, columns.correct, source)
    keep = np.ones(table.n_rows, dtype=bool)

    def drop(what: str, bad: NDArray[np.bool_]) -> None:
        changes.append(Change(what, int((bad & keep).sum())))
        keep[bad] = False

    drop("dropped rows without a learner", learner.empty)
    drop("dropped rows without an item", item.empty)
    drop("dropped rows that are no answers (presentations)", meaning == values.NO_ANSWER)
    drop("dropped rows without an answer", meaning == values.EMPTY)
    if not options.scaffolding:
        if columns.original is None:
            raise UserError(f"{table.path}: option 'scaffolding' needs a column that tells main problems (`original`).")
        drop("dropped scaffolding steps", ~values.originals(table, columns.original))
    at = np.flatnonzero(keep)
    trimmed = sum(table.columns[name].trimmed for name in columns.named())
    changes.append(Change("trimmed blanks at the ends of names and values", trimmed))
    return _Rows(
        at,
        learner.take(at),
        item.take(at),
        (meaning[at] == values.RIGHT).astype(np.int8),
        None if columns.skill is None else table.columns[columns.skill].take(at),
        None if columns.time is None else values.times(table, columns.time, at, source),
        None if columns.duration is None else _durations(table, columns.duration, at, source, changes),
    )


def _item(table: RawTable, names: str | tuple[str, ...]) -> Column:
    """The item column; several columns are joined by ` / `, and an item is empty where the first of them is."""
    first, *others = (names,) if isinstance(names, str) else names
    out = table.columns[first]
    for name in others:
        other = table.columns[name]
        code, pairs = pd.factorize(out.code.astype(np.int64) * len(other.texts) + other.code)
        left, right = np.divmod(pairs, len(other.texts))
        texts = [f"{a} / {b}" if a else "" for a, b in zip(out.texts[left], other.texts[right], strict=True)]
        out = Column(code.astype(np.int32), np.array(texts, dtype=object))
    return out


def _durations(
    table: RawTable, name: str, at: NDArray[np.int64], source: Source, changes: list[Change]
) -> NDArray[np.float64]:
    seconds = values.numbers(table, name, at) / (1000 if source.duration_unit == "ms" else 1)
    none, long = seconds <= 0, seconds > source.longest_duration_s
    changes.append(Change("durations of zero or less counted as unknown", int(none.sum())))
    changes.append(Change(f"durations over {source.longest_duration_s:g} s counted as unknown", int(long.sum())))
    return np.where(none | long, np.nan, seconds)


def _sorted(rows: _Rows, table: RawTable, source: Source, changes: list[Change]) -> _Rows:
    """Rows by learner, then by the declared order, then as in the file."""
    code, names = pd.factorize(rows.learner.code)
    learner = Column(code.astype(np.int32), rows.learner.texts[names])
    rows = _Rows(rows.at, learner, rows.item, rows.correct, rows.skill, rows.time, rows.duration)
    by_learner = np.argsort(learner.code, kind="stable")
    columns = source.columns
    key = values.numbers(table, columns.order, rows.at) if columns.order else rows.time
    if key is None:
        return rows.take(by_learner)
    what = repr(columns.order or columns.time)
    known = pd.Series(key[by_learner]).groupby(learner.code[by_learner]).ffill().fillna(-np.inf).to_numpy()
    same_learner = np.diff(learner.code[by_learner]) == 0
    changes.append(Change(f"rows put back into the order of {what}", int((same_learner & (np.diff(known) < 0)).sum())))
    changes.append(Change(f"rows without {what} left behind the row before them", int(np.isnan(key).sum())))
    return rows.take(by_learner[np.lexsort((known, learner.code[by_learner]))])


def _merged(
    rows: _Rows, table: RawTable, source: Source, options: Options, changes: list[Change]
) -> tuple[_Rows, merge.Group]:
    """The rows without exact duplicates, and which of them are one answer."""
    n = len(rows.at)
    what = "merged rows that are one answer under several skills"
    if source.columns.answer_id:
        answer = table.columns[source.columns.answer_id].code[rows.at]
        group = merge.by_id(rows.learner.code, answer, rows.item.code, rows.correct)
        changes.append(Change(what, n - len(group.first)))
        return rows, group
    rows = _deduplicated(rows, table, source, changes)
    n = len(rows.at)
    same = _same_as_before(rows)
    skill = np.zeros(n, dtype=np.int32) if rows.skill is None else rows.skill.code
    other_skill = same & (np.diff(skill, prepend=-1) != 0)
    if options.expanded == "refuse":
        _refuse_expanded(rows, table, other_skill)
    if options.expanded != "merge":
        return rows, merge.each_alone(n)
    group = merge.side_by_side(same, skill)
    changes.append(Change(what, n - len(group.first)))
    return rows, group


def _same_as_before(rows: _Rows) -> NDArray[np.bool_]:
    """Whether a row has learner, item, correctness and time in common with the row before; shape (n_rows,)."""
    same = np.zeros(len(rows.at), dtype=bool)
    same[1:] = True
    for column in (rows.learner.code, rows.item.code, rows.correct):
        same[1:] &= column[1:] == column[:-1]
    if rows.time is not None:
        same[1:] &= (rows.time[1:] == rows.time[:-1]) | (np.isnan(rows.time[1:]) & np.isnan(rows.time[:-1]))
    return same


def _deduplicated(rows: _Rows, table: RawTable, source: Source, changes: list[Change]) -> _Rows:
    """Rows that are equal in all columns are one row where an order or a time tells; else they may be retries."""
    columns = source.columns
    skill = np.zeros(len(rows.at), dtype=np.int32) if rows.skill is None else rows.skill.code
    if columns.order is None and rows.time is None:
        again = _same_as_before(rows) & (np.diff(skill, prepend=-1) == 0)
        what = "rows equal to the row before, kept as retries (no time or order tells)"
        changes.append(Change(what, int(again.sum())))
        return rows
    frame = pd.DataFrame({"l": rows.learner.code, "i": rows.item.code, "c": rows.correct, "s": skill})
    frame["t"] = np.nan if rows.time is None else rows.time
    frame["d"] = np.nan if rows.duration is None else rows.duration
    frame["o"] = table.columns[columns.order].code[rows.at] if columns.order else 0
    double = frame.duplicated().to_numpy()
    changes.append(Change("dropped exact duplicates", int(double.sum())))
    return rows.take(~double) if double.any() else rows


def _refuse_expanded(rows: _Rows, table: RawTable, other_skill: NDArray[np.bool_]) -> None:
    share = other_skill.mean() if len(other_skill) else 0.0
    if share <= merge.MOST_EXPANDED:
        return
    row = int(other_skill.argmax())
    where = f"{table.place(int(rows.at[row - 1]))} and {table.place(int(rows.at[row]))}"
    raise UserError(
        f"{table.path}: {share:.1%} of the rows repeat the answer before them under another skill (first: {where}). "
        "A model would be told the answer by the copy. Say `expanded: merge` to make them one answer each, or name "
        "the column with the answer's id (`answer_id`); `expanded: keep` if they are separate answers."
    )


def _skills(
    rows: _Rows, group: merge.Group, source: Source, options: Options, item_skill: RawTable | None
) -> tuple[SkillSets, list[Change]]:
    if source.item_skill is None and options.skills is not None:
        raise UserError(f"Option 'skills' is {options.skills!r}, but the set has no Q-matrix to choose from.")
    if item_skill is not None and source.item_skill is not None and options.skills != "joint":
        items = rows.item.take(group.first)
        return of_items(items, item_skill, source.item_skill)
    return of_rows(rows.skill, group, source.skill_separator), []


def _kept(
    rows: _Rows, skills: SkillSets, table: RawTable, options: Options, changes: list[Change]
) -> NDArray[np.bool_]:
    """Which answers the options keep; shape (n_answers,)."""
    keep = np.ones(len(rows.at), dtype=bool)
    if not options.keep_without_skill:
        keep = np.diff(skills.start) > 0
        changes.append(Change("dropped answers without a skill", int((~keep).sum())))
    size = np.bincount(rows.learner.code[keep], minlength=len(rows.learner.texts))
    few = (size < options.min_answers)[rows.learner.code] & keep
    changes.append(Change(f"dropped answers of learners with fewer than {options.min_answers}", int(few.sum())))
    keep &= ~few
    if options.learners is not None:
        present = np.unique(rows.learner.code[keep])
        chosen = _drawn(rows.learner.texts[present], options.learners, options.seed)
        wanted = np.zeros(len(rows.learner.texts), dtype=bool)
        wanted[present[chosen]] = True
        outside = keep & ~wanted[rows.learner.code]
        what = f"left out answers of learners beyond the {options.learners} drawn"
        changes.append(Change(what, int(outside.sum())))
        keep &= ~outside
    return keep


def _drawn(learners: NDArray[np.object_], count: int, seed: int) -> NDArray[np.int64]:
    """Places of the `count` learners with the least hashes: a draw that does not depend on the other learners."""
    hashes = [sha256(f"{seed}\x1f{name}".encode()).digest() for name in learners]
    return np.array(sorted(range(len(hashes)), key=hashes.__getitem__)[:count], dtype=np.int64)


def _log(rows: _Rows, skills: SkillSets) -> Interactions:
    """The log, with codes that count only what occurs, in the order of first appearance."""
    learner, learners = pd.factorize(rows.learner.code)
    item, items = pd.factorize(rows.item.code)
    skill, used = pd.factorize(skills.code)
    return Interactions(
        learner=learner.astype(np.int32),
        item=item.astype(np.int32),
        correct=rows.correct,
        skill=skill.astype(np.int32),
        skill_start=skills.start,
        row=np.arange(len(rows.at), dtype=np.int64),
        learners=rows.learner.texts[learners],
        items=rows.item.texts[items],
        skills=skills.names[used],
        time_s=None if rows.time is None or np.isnan(rows.time).all() else rows.time,
        duration_s=None if rows.duration is None or np.isnan(rows.duration).all() else rows.duration.astype(np.float32),
    )


def _by_learner(table: RawTable, column: str, rows: _Rows) -> "tuple[pd.Series[str], int]":
    """The first value that each learner has in a column, and how many learners have another one too."""
    cells = table.columns[column]
    texts = pd.Series(cells.texts[cells.code[rows.at]]).replace("", None)
    grouped = texts.groupby(rows.learner.code, sort=False)
    return grouped.first(), int((grouped.nunique() > 1).sum())


def _cohorts(table: RawTable, source: Source, rows: _Rows, changes: list[Change]) -> pd.DataFrame | None:
    if not source.cohorts:
        return None
    out = {}
    for name, column in source.cohorts.items():
        first, several = _by_learner(table, column, rows)
        changes.append(Change(f"learners with several values of {name!r}: the first is taken", several))
        out[name] = first.fillna(UNKNOWN).to_numpy(dtype=object)
    names = rows.learner.texts[pd.unique(rows.learner.code)]
    return pd.DataFrame(out, index=pd.Index(names, dtype=object, name="learner"))


def _published(
    table: RawTable, source: Source, rows: _Rows, first_row: NDArray[np.integer]
) -> NDArray[np.int64] | None:
    if source.published is None:
        return None
    column = source.published.column
    first, several = _by_learner(table, column, rows)
    if several:
        raise UserError(
            f"{table.path}: {several} learners have several values of {column!r}; the split needs one each."
        )
    fold = first.map(dict(source.published.folds))
    if fold.isna().any():
        row = int(rows.at[first_row[int(fold.isna().to_numpy().argmax())]])
        known = ", ".join(source.published.folds)
        raise table.error(row, column, f"not a part of the published split; expected one of {known}.")
    return np.asarray(fold, dtype=np.int64)
