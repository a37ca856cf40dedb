"""From the tables of a set of courses to enrolments at a cut-off day.

Everything dated is cut before anything is joined, so no event after the cut-off can reach a feature.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.cohorts import UNKNOWN
from attain.core.errors import UserError
from attain.data import pseudonym
from attain.data.card import FoundCard
from attain.data.courses.activity import activity, recorded_until
from attain.data.courses.events import results, schedule
from attain.data.courses.peers import peers
from attain.data.courses.population import outcomes, population, under_way
from attain.data.courses.rows import Rows, read_rows
from attain.data.courses.source import CourseOptions, Courses
from attain.data.courses.tables import Tables, numbers, texts
from attain.data.dataset import Change, Dataset
from attain.data.enrolments import Enrolments, Fact


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
    rows, changes = read_rows(source, tables), list[Change]()
    outcome, event_day = outcomes(found.name, options, rows, changes)
    length = _lengths(source, tables, rows)
    keep = population(found.name, options, rows, outcome, length, changes)
    learners = rows.learners if secret is None else pseudonym.pseudonyms(rows.learners, secret)
    log = _everyone(source, rows, options, tables, learners)
    log = replace(log, outcome=outcome, event_day=event_day, length=length)
    log = replace(log, facts={**log.facts, **peers(log, under_way(options, rows))}).take(keep)
    if options.with_activity:
        log = _with_activity(found.name, log, changes)
    cohorts = _cohorts(source, rows, learners, changes)
    return Dataset(found.name, log, "", tables.sha256, options.model_dump(mode="json"), tuple(changes), cohorts)


def _everyone(
    source: Courses, rows: Rows, options: CourseOptions, tables: Tables, learners: NDArray[np.object_]
) -> Enrolments:
    """All enrolments, with what was known of them at the cut-off; how and when it ends is not filled in."""
    last = np.inf if "later_events" in options.mistakes else options.as_of
    done = results(source, tables, rows.key, last)
    carried = {} if done is None else {"carried_over_results": done.carried_over}
    n = len(rows.learner)
    return Enrolments(
        learner=rows.learner,
        offering=rows.offering,
        outcome=np.full(n, np.nan),
        event_day=np.full(n, np.nan),
        row=np.arange(n, dtype=np.int64),
        course=rows.course,
        term=rows.term,
        length=np.full(len(rows.course), np.nan),
        learners=learners,
        courses=rows.courses,
        terms=rows.terms,
        as_of=options.as_of,
        unit=source.unit,
        facts=_facts(source, rows, options) | carried,
        activity=activity(source.activity, tables, rows, last),
        results=None if done is None else done.events,
        schedule=schedule(source, tables, rows.offering_text, last),
        recorded_until=recorded_until(source.activity, rows),
    )


def _facts(source: Courses, rows: Rows, options: CourseOptions) -> dict[str, Fact]:
    course = rows.course[rows.offering].astype(np.int32)
    facts = {"course": Fact("course", course, rows.courses)} if len(rows.courses) > 1 else {}
    for group, declared in source.groups.items():
        if declared.known_from > options.as_of and "later_events" not in options.mistakes:
            continue
        for name, column in declared.columns.items():
            if name in declared.numbers:
                facts[name] = Fact(group, numbers(rows.table, column), None, declared.known_from)
            else:
                code, levels = pd.factorize(pd.Series(rows.cells(column)).replace("", None), sort=True)
                values = code.astype(np.int32)
                facts[name] = Fact(group, values, np.asarray(levels, dtype=object), declared.known_from)
    if source.registration is not None:
        facts["registration_day"] = Fact("registration", rows.begins)
        if "end_day" in options.mistakes:
            facts["end_day"] = Fact("registration", rows.ends)
    return facts


def _lengths(source: Courses, tables: Tables, rows: Rows) -> NDArray[np.float64]:
    if source.lengths is None or source.length is None:
        return np.full(len(rows.course), np.nan)
    table = tables.read(source.lengths, [source.course, source.term, source.length], "the length of each offering")
    offering = pd.Index(texts(table, source.course) + " " + texts(table, source.term), dtype=object)
    at = offering.get_indexer(rows.offering_text)
    return np.where(at >= 0, numbers(table, source.length)[at], np.nan)


def _with_activity(name: str, log: Enrolments, changes: list[Change]) -> Enrolments:
    keep = log.recorded
    if not keep.any():
        raise UserError(f"Dataset {name!r}: no offering has its activity complete up to {log.unit} {log.as_of:g}.")
    changes.append(Change("dropped enrolments in offerings whose activity is not complete", int((~keep).sum())))
    return log.take(keep)


def _cohorts(source: Courses, rows: Rows, learners: NDArray[np.object_], changes: list[Change]) -> pd.DataFrame | None:
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
