"""Rows of some learners become their answers: in order, each answer once with its skills, those that options keep.

Each learner's answers follow from that learner's rows alone, so that a file too large for the memory is prepared some
learners at a time and gives what it gives as a whole.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.table import SKILL_SEPARATOR
from attain.data.formats.columns import Column, RawTable
from attain.data.merge import Repeats, merged
from attain.data.rows import Notes, Rows, in_order
from attain.data.skills import SkillSets, SkillTable, in_cells, of_items
from attain.data.source import Options, Source


@dataclass(frozen=True, eq=False)
class Answers:
    """Answers of whole learners, sorted by learner and in order: a row and a set of skills each."""

    rows: Rows
    skills: SkillSets

    def take(self, keep: NDArray[np.bool_]) -> "Answers":
        """Some of the answers."""
        return Answers(self.rows.take(keep), self.skills.take(keep))

    def of_drawn(self, keep: NDArray[np.bool_], count: int, notes: Notes) -> "Answers":
        """The answers of learners that were drawn."""
        notes.note(f"left out answers of learners beyond the {count} that were drawn", int((~keep).sum()))
        return self.take(keep)


def skill_table(
    path: Path, skill: Column | None, item: Column, source: Source, options: Options, matrix: RawTable | None
) -> SkillTable:
    """Where the skills of answers come from: the item, the skill cell, or nowhere.

    Args:
        path: the file, for messages.
        skill: has the distinct cells of the skill column, or None where there is none.
        item: has the distinct items.
        source: what the columns mean.
        options: what the suite chose.
        matrix: the items' skills, where the set has a Q-matrix.

    Raises:
        UserError: an option asks for a Q-matrix that is not there, or the name of a skill cannot be one.
    """
    if source.item_skill is None and options.skills is not None:
        raise UserError(f"{path}: option 'skills' is {options.skills!r}, but the set has no Q-matrix to choose.")
    if matrix is not None and source.item_skill is not None and options.skills != "joint":
        table = SkillTable(of_items(item.texts, matrix, source.item_skill), "item")
    elif skill is not None:
        table = SkillTable(in_cells(skill.texts, source.skill_separator), "cell")
    else:
        table = SkillTable(in_cells(np.zeros(0, dtype=object), source.skill_separator), "none")
    if clash := [str(name) for name in table.sets.names if SKILL_SEPARATOR in name]:
        raise UserError(f"{path}: the skill name {clash[0]!r} has {SKILL_SEPARATOR!r} in it, which joins skills.")
    return table


def answers(
    rows: Rows, source: Source, options: Options, skills: SkillTable, notes: Notes, repeats: Repeats
) -> Answers:
    """The answers of some learners that the options keep; learners are not drawn here.

    Args:
        rows: all rows of these learners, in file order.
        source: what the columns mean.
        options: what the suite chose.
        skills: of all items or cells of the file.
        notes: hears what is done to how many rows.
        repeats: hears of rows that repeat the answer before them.
    """
    rows, group = merged(in_order(rows, source, notes), options, notes, repeats)
    sets = skills.of(rows, group)
    bare = np.diff(sets.start) == 0
    if skills.by == "item":
        notes.note("answers to items that the Q-matrix gives no skill", int(bare.sum()))
    made = Answers(rows if len(bare) == len(rows) else rows.take(group.first), sets)
    keep = np.ones(len(bare), dtype=bool)
    if not options.keep_without_skill:
        keep = ~bare
        notes.note("dropped answers without a skill", int(bare.sum()))
    learner = made.rows.learner.code
    few = keep & (np.bincount(learner[keep], minlength=len(rows.learner.texts)) < options.min_answers)[learner]
    notes.note(f"dropped answers of learners with fewer than {options.min_answers}", int(few.sum()))
    keep = keep & ~few
    return made if keep.all() else made.take(keep)


def drawn(present: NDArray[np.integer], learners: NDArray[np.object_], count: int, seed: int) -> NDArray[np.integer]:
    """The `count` learners with the least hashes: a draw that no other learner has a part in.

    Args:
        present: codes of the learners that have answers, ascending.
        learners: the names of all learners.
        count: so many.
        seed: another one draws others.
    """
    hashes = [sha256(f"{seed}\x1f{name}".encode()).digest() for name in learners[present]]
    return present[sorted(range(len(hashes)), key=hashes.__getitem__)[:count]]


def none_left(path: Path, notes: Notes) -> UserError:
    """The error for a file that holds no answer."""
    told = "; ".join(f"{change.what}: {change.rows}" for change in notes.changes)
    return UserError(f"{path}: no answer is left ({told}).")
