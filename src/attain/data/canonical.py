"""Raw rows become the interaction log: sorted, one row an answer, with a count of all that was changed."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.data import learner_columns
from attain.data.answer_rows import answers, drawn, none_left, skill_table
from attain.data.dataset import Change
from attain.data.formats.columns import Column, RawTable
from attain.data.interactions import Interactions
from attain.data.merge import Repeats
from attain.data.ordering import by_appearance
from attain.data.rows import Notes, Rows, read_rows
from attain.data.skills import SkillSets
from attain.data.source import Options, Source


@dataclass(frozen=True, eq=False)
class Prepared:
    """What the raw rows became; learners stand in the order in which they first appear in the file.

    `at` has the row of the raw table that each answer of the log stands in (the first, where several are one answer).
    """

    log: Interactions
    cohorts: pd.DataFrame | None
    published: NDArray[np.int64] | None
    changes: tuple[Change, ...]
    at: NDArray[np.int64]


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
    notes, repeats = Notes(), Repeats()
    rows = read_rows(table, source, options, notes)
    code, present = by_appearance(rows.learner.code, len(rows.learner.texts))
    rows = replace(rows, learner=Column(code, rows.learner.texts[present]))
    known = skill_table(table.path, rows.skill, rows.item, source, options, item_skill)
    made = answers(rows, source, options, known, notes, repeats)
    repeats.refuse(table)
    if options.learners is not None:
        present, code = np.unique(made.rows.learner.code), made.rows.learner.code
        keep = np.isin(code, drawn(present, rows.learner.texts, options.learners, options.seed))
        made = made.of_drawn(keep, options.learners, notes)
    if not len(made.rows):
        raise none_left(table.path, notes)
    log = _log(made.rows, made.skills)
    cohorts = learner_columns.cohorts(source, made.rows, log.learners, notes) if source.cohorts else None
    published = learner_columns.published(table, source, made.rows)
    return Prepared(log, cohorts, published, notes.changes, np.asarray(made.rows.at, dtype=np.int64))


def _log(rows: Rows, skills: SkillSets) -> Interactions:
    """The log, with codes that count only what occurs, in the order of first appearance."""
    learner, learners = pd.factorize(rows.learner.code)
    item, items = pd.factorize(rows.item.code)
    skill, used = pd.factorize(skills.code)
    time, duration = _known(rows.time), _known(rows.duration)
    return Interactions(
        learner=learner.astype(np.int32),
        item=item.astype(np.int32),
        correct=rows.correct,
        skill=skill.astype(np.int32),
        skill_start=skills.start,
        row=np.arange(len(rows), dtype=np.int64),
        learners=rows.learner.texts[learners],
        items=rows.item.texts[items],
        skills=skills.names[used],
        time_s=time,
        duration_s=None if duration is None else duration.astype(np.float32),
    )


def _known(values: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """The values, or None where not one of them is known."""
    return None if values is None or np.isnan(values).all() else values
