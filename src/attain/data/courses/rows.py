"""The table of enrolments of a set of courses: who was in which offering, and from when to when."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError, unknown
from attain.data.courses.source import Courses
from attain.data.courses.tables import Tables, numbers, stacked, texts
from attain.data.formats.columns import RawTable


@dataclass(frozen=True, eq=False)
class Rows:
    """n enrolments as they stand in the files.

    Attributes:
        table: the table, or its parts one below the other.
        source: the card's part.
        learner: shape (n,), codes into `learners`.
        offering: shape (n,), codes into `pairs`.
        course: shape (n_offerings,), codes into `courses`.
        term: shape (n_offerings,), codes into `terms`.
        learners: names as in the file.
        courses: names, sorted.
        terms: names, in the order of time.
        pairs: shape (n_offerings,), `course, term`, joined by the sign for that.
        key: shape (n,), `learner, course, term`, joined likewise.
        begins: shape (n,), the day of registration, NaN where unknown.
        ends: shape (n,), the day of leaving, NaN for those who stayed.
    """

    table: RawTable
    source: Courses
    learner: NDArray[np.int32]
    offering: NDArray[np.int32]
    course: NDArray[np.int32]
    term: NDArray[np.int32]
    learners: NDArray[np.object_]
    courses: NDArray[np.object_]
    terms: NDArray[np.object_]
    pairs: NDArray[np.object_]
    key: "pd.Index[str]"
    begins: NDArray[np.float64]
    ends: NDArray[np.float64]

    @property
    def offering_text(self) -> "pd.Index[str]":
        """`course term` of each offering."""
        names: pd.Index[str] = pd.Index(self.courses[self.course] + " " + self.terms[self.term], dtype=object)
        return names

    def cells(self, column: str) -> NDArray[np.object_]:
        """A column of texts, misspelt ones mended."""
        mend = self.source.spelling.get(column, {})
        cells = self.table.columns[column]
        mended = np.array([mend.get(str(text), str(text)) for text in cells.texts], dtype=object)
        return np.asarray(mended[cells.code])


def read_rows(source: Courses, tables: Tables) -> Rows:
    """Read the table of enrolments and that of registrations.

    Raises:
        UserError: a file cannot be read, a term is unknown, or an enrolment is there twice.
    """
    table, part = _table(source, tables)
    who = texts(table, source.learner)
    if source.learner is None:
        who = np.array([f"row {number + 1}" for number in range(table.n_rows)], dtype=object)
    what, when = texts(table, source.course) if part is None else part, texts(table, source.term)
    key = pd.Index(who + "\x1f" + what + "\x1f" + when, dtype=object)
    if (double := key.duplicated()).any():
        row = int(double.argmax())
        raise UserError(f"{table.path}, {table.place(row)}: this learner is in this offering twice; keep one row.")
    learner, learners = pd.factorize(who)
    foreign = [term for term in np.unique(when) if term not in source.terms]
    if source.terms and foreign:
        raise unknown("term", str(foreign[0]), source.terms, where=f"{table.path}: ")
    terms = np.array(source.terms or sorted(set(when)), dtype=object)
    code, pairs = pd.factorize(pd.Series(what + "\x1f" + when), sort=True)
    parted = [str(pair).split("\x1f") for pair in pairs]
    courses = np.array(sorted({course for course, _ in parted}), dtype=object)
    begins, ends = _registered(source, tables, key)
    return Rows(
        table,
        source,
        learner.astype(np.int32),
        code.astype(np.int32),
        pd.Index(courses).get_indexer(pd.Index([c for c, _ in parted], dtype=object)).astype(np.int32),
        pd.Index(terms).get_indexer(pd.Index([t for _, t in parted], dtype=object)).astype(np.int32),
        np.asarray(learners, dtype=object),
        courses,
        terms,
        np.asarray(pairs, dtype=object),
        key,
        begins,
        ends,
    )


def _table(source: Courses, tables: Tables) -> tuple[RawTable, NDArray[np.object_] | None]:
    """The table of enrolments, and the course of each row where every part is one."""
    columns = [source.learner, source.course, source.term, source.result, *source.cohorts.values()]
    columns += [column for group in source.groups.values() for column in group.columns.values()]
    if not source.parts:
        return tables.read(source, columns, "enrolments"), None
    read = [tables.read(part, columns, "enrolments") for part in source.parts.values()]
    course = np.repeat(np.array(list(source.parts), dtype=object), [table.n_rows for table in read])
    return stacked(read), course


def _registered(
    source: Courses, tables: Tables, key: "pd.Index[str]"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    where = source.registration
    if where is None:
        return np.full(len(key), np.nan), np.full(len(key), np.nan)
    table = tables.read(where, [where.learner, where.course, where.term, where.begins, where.ends], "registration")
    names = (texts(table, column) for column in (where.learner, where.course, where.term))
    who, what, when = names
    at = pd.Index(who + "\x1f" + what + "\x1f" + when, dtype=object).get_indexer(key)
    begins, ends = numbers(table, where.begins), numbers(table, where.ends)
    return np.where(at >= 0, begins[at], np.nan), np.where(at >= 0, ends[at], np.nan)
