"""From the tables of a set of courses to enrolments at a cut-off day.

Everything dated is cut before anything is joined, so no event after the cut-off can reach a feature.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.cohorts import UNKNOWN
from attain.core.errors import UserError, unknown
from attain.data import pseudonym
from attain.data.card import FoundCard
from attain.data.courses.events import activity, results, schedule
from attain.data.courses.source import CourseOptions, Courses, Outcome
from attain.data.courses.tables import Tables, numbers, texts
from attain.data.dataset import Change, Dataset
from attain.data.enrolments import Enrolments, Fact
from attain.data.formats.columns import RawTable


def enrolled(found: FoundCard, options: CourseOptions, tables: Tables, secret: bytes | None) -> Dataset[Enrolments]:
    """The enrolments of a data set; its fingerprint is left empty.

    Args:
        found: the card, with `courses`.
        options: the cut-off, the outcome, and which part is kept.
        tables: reads the files.
        secret: the key of pseudonyms; None where the ids are pseudonyms already.

    Raises:
        UserError: a file cannot be read, or nothing is left after the choices.
    """
    source = found.card.courses
    assert source is not None
    rows = _read(source, tables)
    changes: list[Change] = []
    outcome, event_day = _outcome(found.name, source, options, rows, changes)
    keep = _population(found.name, options, rows, outcome, changes)
    if not keep.any():
        raise UserError(f"Dataset {found.name!r}: no enrolment is left after the choice of courses, terms and cut-off.")
    at = np.flatnonzero(keep)
    everything = options if "later_events" not in options.mistakes else options.model_copy(update={"as_of": np.inf})
    key = rows.key
    did = activity(source, tables, key, everything.as_of)
    done = results(source, tables, key, everything.as_of)
    facts = {**_facts(source, rows, options), **({} if done is None else {"carried_over_results": done.carried_over})}
    learners = rows.learners if secret is None else pseudonym.pseudonyms(rows.learners, secret)
    log = Enrolments(
        learner=rows.learner,
        offering=rows.offering,
        outcome=outcome,
        event_day=event_day,
        row=np.arange(len(rows.learner), dtype=np.int64),
        course=rows.course,
        term=rows.term,
        length=_lengths(source, tables, rows),
        learners=learners,
        courses=rows.courses,
        terms=rows.terms,
        as_of=options.as_of,
        unit=source.unit,
        facts=facts,
        activity=did,
        results=None if done is None else done.events,
        schedule=schedule(source, tables, rows.offering_text, everything.as_of),
    ).take(at)
    if options.with_activity:
        log = _with_activity(found.name, source, log, options.as_of, changes)
    cohorts = _cohorts(source, rows, learners, changes)
    return Dataset(found.name, log, "", tables.sha256, options.model_dump(mode="json"), tuple(changes), cohorts)


@dataclass(frozen=True, eq=False)
class _Rows:
    """The table of enrolments, with the days on which each began and ended."""

    table: RawTable
    source: Courses
    learner: NDArray[np.int32]
    offering: NDArray[np.int32]
    course: NDArray[np.int32]
    term: NDArray[np.int32]
    learners: NDArray[np.object_]
    courses: NDArray[np.object_]
    terms: NDArray[np.object_]
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


def _read(source: Courses, tables: Tables) -> _Rows:
    columns = [source.learner, source.course, source.term, source.result, *source.cohorts.values()]
    columns += [column for group in source.groups.values() for column in group.columns.values()]
    table = tables.read(source, columns, "enrolments")
    who = texts(table, source.learner)
    if source.learner is None:
        who = np.array([f"row {number + 1}" for number in range(table.n_rows)], dtype=object)
    what, when = texts(table, source.course), texts(table, source.term)
    key = pd.Index(who + "\x1f" + what + "\x1f" + when, dtype=object)
    if (double := key.duplicated()).any():
        row = int(double.argmax())
        raise UserError(f"{table.path}, {table.place(row)}: this learner is in this offering twice; keep one row.")
    learner, learners = pd.factorize(who)
    known = [term for term in np.unique(when) if term not in source.terms]
    if source.terms and known:
        raise unknown("term", str(known[0]), source.terms, where=f"{table.path}: ")
    terms = np.array(source.terms or sorted(set(when)), dtype=object)
    code, pairs = pd.factorize(pd.Series(what + "\x1f" + when), sort=True)
    parted = [str(pair).split("\x1f") for pair in pairs]
    courses = np.array(sorted({course for course, _ in parted}), dtype=object)
    begins = ends = np.full(table.n_rows, np.nan)
    if source.registration is not None:
        begins, ends = _registered(source, tables, key)
    return _Rows(
        table,
        source,
        learner.astype(np.int32),
        code.astype(np.int32),
        pd.Index(courses).get_indexer(pd.Index([c for c, _ in parted], dtype=object)).astype(np.int32),
        pd.Index(terms).get_indexer(pd.Index([t for _, t in parted], dtype=object)).astype(np.int32),
        np.asarray(learners, dtype=object),
        courses,
        terms,
        key,
        begins,
        ends,
    )


def _registered(
    source: Courses, tables: Tables, key: "pd.Index[str]"
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    where = source.registration
    assert where is not None
    table = tables.read(where, [where.learner, where.course, where.term, where.begins, where.ends], "registration")
    names = (texts(table, column) for column in (where.learner, where.course, where.term))
    who, what, when = names
    at = pd.Index(who + "\x1f" + what + "\x1f" + when, dtype=object).get_indexer(key)
    begins, ends = numbers(table, where.begins), numbers(table, where.ends)
    return np.where(at >= 0, begins[at], np.nan), np.where(at >= 0, ends[at], np.nan)


def _outcome(
    name: str, source: Courses, options: CourseOptions, rows: _Rows, changes: list[Change]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    wanted = options.outcome or next(iter(source.outcomes))
    if wanted not in source.outcomes:
        raise unknown(f"outcome of dataset {name!r}", wanted, source.outcomes)
    rule: Outcome = source.outcomes[wanted]
    result = rows.cells(source.result)
    if rule.leaves_within:
        left = (rows.ends > options.as_of) & (rows.ends <= options.as_of + options.horizon)
        return left.astype(float), np.where(left, rows.ends, np.nan)
    yes, no = np.isin(result, rule.yes), np.isin(result, rule.no)
    other = ~yes & ~no
    if other.any():
        words = ", ".join(sorted({str(text) or "empty" for text in result[other]}))
        changes.append(Change(f"dropped enrolments whose outcome is not known ({words})", int(other.sum())))
    return np.where(other, np.nan, yes.astype(float)), np.where(yes, rows.ends, np.nan)


def _population(
    name: str, options: CourseOptions, rows: _Rows, outcome: NDArray[np.float64], changes: list[Change]
) -> NDArray[np.bool_]:
    """Which enrolments are predicted: those under way on the day of the cut-off, of the wanted courses and terms."""
    keep = np.ones(len(outcome), dtype=bool)

    def drop(bad: NDArray[np.bool_], why: str) -> None:
        if why and (keep & bad).any():
            changes.append(Change(why, int((keep & bad).sum())))
        keep[bad] = False

    for names, wanted, code in (
        (rows.courses, options.courses, rows.course[rows.offering]),
        (rows.terms, options.terms, rows.term[rows.offering]),
    ):
        if wanted is not None:
            for one in wanted:
                if one not in names:
                    kind = "course" if names is rows.courses else "term"
                    raise unknown(f"{kind} of dataset {name!r}", one, list(map(str, names)))
            drop(~np.isin(names[code], wanted), "")
    drop(np.isnan(outcome), "")
    drop(rows.begins > options.as_of, "dropped enrolments that began after the cut-off")
    if "left_already" not in options.mistakes:
        drop(rows.ends <= 0, "dropped enrolments that ended before the course began")
        drop(rows.ends <= options.as_of, "dropped enrolments that had ended by the cut-off")
    return keep


def _facts(source: Courses, rows: _Rows, options: CourseOptions) -> dict[str, Fact]:
    course = rows.course[rows.offering].astype(np.int32)
    facts = {"course": Fact("course", course, rows.courses)} if len(rows.courses) > 1 else {}
    for group, declared in source.groups.items():
        if declared.known_from > options.as_of and "later_events" not in options.mistakes:
            continue
        for name, column in declared.columns.items():
            if name in declared.numbers:
                facts[name] = Fact(group, numbers(rows.table, column))
            else:
                code, levels = pd.factorize(pd.Series(rows.cells(column)).replace("", None), sort=True)
                facts[name] = Fact(group, code.astype(np.int32), np.asarray(levels, dtype=object))
    if source.registration is not None:
        facts["registration_day"] = Fact("registration", rows.begins)
        if "end_day" in options.mistakes:
            facts["end_day"] = Fact("registration", rows.ends)
    return facts


def _lengths(source: Courses, tables: Tables, rows: _Rows) -> NDArray[np.float64]:
    if source.lengths is None or source.length is None:
        return np.full(len(rows.course), np.nan)
    table = tables.read(source.lengths, [source.course, source.term, source.length], "the length of each offering")
    offering = pd.Index(texts(table, source.course) + " " + texts(table, source.term), dtype=object)
    at = offering.get_indexer(rows.offering_text)
    return np.where(at >= 0, numbers(table, source.length)[at], np.nan)


def _with_activity(name: str, source: Courses, log: Enrolments, as_of: float, changes: list[Change]) -> Enrolments:
    until: Mapping[str, float] = {} if source.activity is None else source.activity.complete_until
    complete = np.array([until.get(str(text), -np.inf) >= as_of for text in log.offering_names], dtype=bool)
    keep = complete[log.offering]
    if not keep.any():
        raise UserError(f"Dataset {name!r}: no offering has its activity complete up to {log.unit} {as_of:g}.")
    changes.append(Change("dropped enrolments in offerings whose activity is not complete", int((~keep).sum())))
    return log.take(keep)


def _cohorts(source: Courses, rows: _Rows, learners: NDArray[np.object_], changes: list[Change]) -> pd.DataFrame | None:
    """The attributes of each learner: those of the latest row that has one."""
    if not source.cohorts:
        return None
    out = {}
    order = np.argsort(rows.term[rows.offering], kind="stable")
    for name, column in source.cohorts.items():
        cells = pd.Series(rows.cells(column)).replace("", None).iloc[order]
        grouped = cells.groupby(rows.learner[order])
        if several := int((grouped.nunique() > 1).sum()):
            changes.append(Change(f"learners with several values of {name!r}: the latest is taken", several))
        out[name] = grouped.last().reindex(np.arange(len(learners))).fillna(UNKNOWN).to_numpy(dtype=object)
    return pd.DataFrame(out, index=pd.Index(learners, dtype=object, name="learner"))
