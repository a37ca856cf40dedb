"""Raw rows become the interaction log: sorted, one row an answer, with a count of all that was changed."""

from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.table import SKILL_SEPARATOR
from attain.data import learner_columns
from attain.data.dataset import Change
from attain.data.formats.columns import RawTable
from attain.data.interactions import Interactions
from attain.data.merge import Group, merged
from attain.data.rows import Notes, Rows, in_order, read_rows
from attain.data.skills import SkillSets, of_items, of_rows
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
    notes = Notes()
    rows = in_order(read_rows(table, source, options, notes), table, source, notes)
    rows, group = merged(rows, table, source, options, notes)
    skills = _skills(table, rows, group, source, options, item_skill, notes)
    rows = rows.take(group.first)
    keep = _kept(rows, skills, options, notes)
    rows, skills = rows.take(keep), skills.take(keep)
    if not len(rows):
        told = "; ".join(f"{change.what}: {change.rows}" for change in notes.changes)
        raise UserError(f"{table.path}: no answer is left ({told}).")
    log = _log(rows, skills)
    cohorts = learner_columns.cohorts(table, source, rows, log.learners, notes) if source.cohorts else None
    published = learner_columns.published(table, source, rows)
    return Prepared(log, cohorts, published, tuple(notes.changes), rows.at)


def _skills(
    table: RawTable,
    rows: Rows,
    group: Group,
    source: Source,
    options: Options,
    item_skill: RawTable | None,
    notes: Notes,
) -> SkillSets:
    if source.item_skill is None and options.skills is not None:
        raise UserError(f"{table.path}: option 'skills' is {options.skills!r}, but the set has no Q-matrix to choose.")
    if item_skill is None or source.item_skill is None or options.skills == "joint":
        sets = of_rows(rows.skill, group, source.skill_separator)
    else:
        sets = of_items(rows.item.take(group.first), item_skill, source.item_skill)
        notes.note("answers to items that the Q-matrix gives no skill", int((np.diff(sets.start) == 0).sum()))
    if clash := [str(name) for name in sets.names if SKILL_SEPARATOR in name]:
        raise UserError(f"{table.path}: the skill name {clash[0]!r} has {SKILL_SEPARATOR!r} in it, which joins skills.")
    return sets


def _kept(rows: Rows, skills: SkillSets, options: Options, notes: Notes) -> NDArray[np.bool_]:
    """Which answers the options keep; shape (n_answers,)."""
    keep = np.ones(len(rows), dtype=bool)
    if not options.keep_without_skill:
        keep = np.diff(skills.start) > 0
        notes.note("dropped answers without a skill", int((~keep).sum()))
    learner, n_learners = rows.learner.code, len(rows.learner.texts)
    few = keep & (np.bincount(learner[keep], minlength=n_learners) < options.min_answers)[learner]
    notes.note(f"dropped answers of learners with fewer than {options.min_answers}", int(few.sum()))
    keep = keep & ~few
    if options.learners is not None:
        present = np.flatnonzero(np.bincount(learner[keep], minlength=n_learners))
        drawn = np.zeros(n_learners, dtype=bool)
        drawn[present[_drawn(rows.learner.texts[present], options.learners, options.seed)]] = True
        left_out = int((keep & ~drawn[learner]).sum())
        notes.note(f"left out answers of learners beyond the {options.learners} that were drawn", left_out)
        keep = keep & drawn[learner]
    return keep


def _drawn(learners: NDArray[np.object_], count: int, seed: int) -> list[int]:
    """Places of the `count` learners with the least hashes: a draw that no other learner has a part in."""
    hashes = [sha256(f"{seed}\x1f{name}".encode()).digest() for name in learners]
    return sorted(range(len(hashes)), key=hashes.__getitem__)[:count]


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
