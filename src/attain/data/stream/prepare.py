"""Files of answers larger than the memory become prepared data, the same as `attain.data.canonical` makes of them.

Three steps, each in bounded memory: blocks of the files are read, checked and written sorted by learner (`Runs`); the
rows of some learners at a time become their answers (`attain.data.answer_rows`, as in memory); these are appended to
the columns of the cache. In memory all the while: the distinct names of learners, items, skills and cohorts, and a
count for each learner.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.fingerprint import of_columns
from attain.data import cache, learner_columns, pseudonym
from attain.data.answer_rows import Answers, answers, drawn, none_left, skill_table
from attain.data.dataset import Dataset
from attain.data.formats.columns import Column, RawTable
from attain.data.merge import Repeats
from attain.data.rows import Notes, Rows, read_rows
from attain.data.skills import SkillTable
from attain.data.source import Options, Source
from attain.data.stream.ahead import ahead
from attain.data.stream.blocks import Blocks
from attain.data.stream.bound import Bound
from attain.data.stream.files import Files
from attain.data.stream.growing import GrowingColumn, Recoded
from attain.data.stream.log_file import LogFile
from attain.data.stream.place import check_room, workplace
from attain.data.stream.plan import plan
from attain.data.stream.runs import Runs
from attain.data.stream.vocabulary import Vocabulary

Hear = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""

_MOST_ROWS = 1 << 32
_TRAIT = "trait."


@dataclass(frozen=True)
class Task:
    """What is to be prepared.

    Attributes:
        name: of the data set.
        files: what is read.
        source: how.
        options: what the suite chose.
        matrix: the items' skills, where the set has a Q-matrix.
        secret: the key of pseudonyms; None where the learners' names are pseudonyms already.
        source_sha256: of the files, by name.
        memory: how much may be taken.
    """

    name: str
    files: Files
    source: Source
    options: Options
    matrix: RawTable | None
    secret: bytes | None
    source_sha256: dict[str, str]
    memory: Bound


def prepare(task: Task, folder: Path, hear: Hear) -> None:
    """Make the folder of the prepared data; the first of several that make it wins.

    Args:
        task: what to prepare.
        folder: where the data will be, beside other prepared data.
        hear: hears how far it is.

    Raises:
        UserError: as `canonical`; or the disk is too full.
    """
    needed = plan(task.files, task.source, task.memory)
    try:
        check_room(folder.parent, needed.disk_bytes)
        with workplace(folder.parent) as place:
            (scratch, fresh) = (place / "runs", place / "fresh")
            scratch.mkdir()
            fresh.mkdir()
            notes = Notes()
            made = _Prepared(task, _gathered(task, Runs(scratch), notes, hear), notes, fresh)
            made.write(hear)
            made.seal()
            cache.put_prepared(fresh, folder)
    except OSError as error:
        raise UserError(
            f"{task.files.root}: cannot be prepared in {str(folder.parent)!r}: {error.strerror or error}."
        ) from None


@dataclass
class _Gathered:
    """All rows on disk by learner, and what their codes mean."""

    source: Source
    runs: Runs
    blocks: Blocks
    learners: Recoded = field(default_factory=Recoded)
    joined: Vocabulary = field(default_factory=Vocabulary)
    """The names of items that several columns tell."""

    def texts(self, name: str | None) -> NDArray[np.object_]:
        """The names in a column of the files."""
        return self.blocks.names[name].texts if name is not None else np.zeros(0, dtype=object)

    @property
    def items(self) -> NDArray[np.object_]:
        """The names of items."""
        item = self.source.columns.item
        return self.texts(item) if isinstance(item, str) else self.joined.texts

    def add(self, rows: Rows) -> None:
        """The rows of a block."""
        item = rows.item.code
        if not isinstance(self.source.columns.item, str):
            item = self.joined.codes(pa.array(rows.item.texts, pa.string()))[item]
        columns: dict[str, NDArray[Any] | None] = {
            "at": rows.at.astype(np.uint32),
            "learner": self.learners(rows.learner.code, len(rows.learner.texts)),
            "item": item,
            "correct": rows.correct,
            "skill": None if rows.skill is None else rows.skill.code,
            "time": rows.time,
            "duration": rows.duration,
            "order": rows.order,
            "answer": rows.answer,
        }
        columns |= {_TRAIT + name: column.code for name, column in rows.traits.items()}
        self.runs.add({name: column for name, column in columns.items() if column is not None}, len(self.learners))


def _gathered(task: Task, runs: Runs, notes: Notes, hear: Hear) -> _Gathered:
    found, size = _Gathered(task.source, runs, Blocks(task.files, task.source)), task.files.size
    first = 0
    for table in ahead(found.blocks.read(task.memory.rows, lambda done: hear("reading", done, size))):
        rows = read_rows(table, task.source, task.options, notes)
        if first + table.n_rows >= _MOST_ROWS:
            raise UserError(f"{task.files.root}: more than {_MOST_ROWS:,} rows; prepare it in parts.")
        found.add(replace(rows, at=rows.at + first))
        first += table.n_rows
    return found


@dataclass
class _Prepared:
    """What comes of the rows, some learners at a time."""

    task: Task
    gathered: _Gathered
    notes: Notes
    folder: Path

    def __post_init__(self) -> None:
        found = self.gathered
        columns = self.task.source.columns
        self.learners = found.learners.names(found.texts(columns.learner))
        self.items, self.skills = found.items, found.texts(columns.skill)
        self.traits = {name: found.texts(name) for name in self.task.source.traits()}
        self.log = LogFile(self.folder)
        self.present: list[NDArray[np.integer]] = []
        self.cohorts: list[pd.DataFrame] = []
        self.published: list[NDArray[np.int64]] = []

    def write(self, hear: Hear) -> None:
        """Write the columns."""
        task, repeats, notes = self.task, Repeats(), self.notes
        kept = None
        if task.options.learners is not None:
            kept = np.zeros(len(self.learners), dtype=bool)
            kept[self._drawn(task.options.learners, hear)] = True
        for first, made in ahead(self._answers(notes, repeats, "sorting", hear)):
            if kept is not None and task.options.learners is not None:
                made = made.of_drawn(kept[first + made.rows.learner.code], task.options.learners, notes)
            self._add(first, made)
        repeats.refuse(self.gathered.blocks.placed)
        if not self.log.rows:
            raise none_left(task.files.root, notes)

    def seal(self) -> None:
        """Write everything that is no column of the log, and last what the folder is."""
        task, columns = self.task, self.log.close()
        names = self.learners[np.concatenate(self.present)]
        names = names if task.secret is None else pseudonym.pseudonyms(names, task.secret)
        dataset = Dataset(
            name=task.name,
            log=self.log.opened(names, self.items),
            fingerprint="",
            source_sha256=task.source_sha256,
            options=task.options.model_dump(mode="json"),
            changes=self.notes.changes,
            cohorts=pd.concat(self.cohorts).set_axis(names).rename_axis("learner") if self.cohorts else None,
        )
        if self.published:
            columns["published"] = GrowingColumn(self.folder / "published.npy", np.dtype(np.int64))
            columns["published"].add(np.concatenate(self.published))
            columns["published"].close()
        parts = ((name, c.kind.str, (c.rows,), c.blocks()) for name, c in columns.items())
        with ThreadPoolExecutor(max_workers=1) as pool:  # hashing needs no lock of Python
            digest, sha256 = pool.submit(of_columns, parts), cache.digests(self.folder, {})
            sealed = replace(dataset, fingerprint=cache.fingerprint_with(dataset, digest.result()))
        cache.seal(sealed, self.folder, list(columns), sha256)

    def _answers(self, notes: Notes, repeats: Repeats, what: str, hear: Hear) -> Iterator[tuple[int, Answers]]:
        """The answers of some learners at a time, and the code of the first."""
        task, known, done = self.task, self._skill_table(), 0
        total = int(self.gathered.runs.rows_of.sum())
        for first, last, columns in ahead(self.gathered.runs.chunks(task.memory.rows)):
            yield first, answers(self._rows(first, last, columns), task.source, task.options, known, notes, repeats)
            done += len(columns["at"])
            hear(what, done, total)

    def _skill_table(self) -> SkillTable:
        task, none = self.task, np.zeros(0, dtype=np.int32)
        skill = None if task.source.columns.skill is None else Column(none, self.skills)
        return skill_table(task.files.root, skill, Column(none, self.items), task.source, task.options, task.matrix)

    def _rows(self, first: int, last: int, columns: dict[str, NDArray[Any]]) -> Rows:
        """The rows of the learners with some codes, which count from 0 here."""
        skill = columns.get("skill")
        return Rows(
            at=columns["at"],
            learner=Column(columns["learner"] - np.int32(first), self.learners[first:last]),
            item=Column(columns["item"], self.items),
            correct=columns["correct"],
            skill=None if skill is None else Column(skill, self.skills),
            time=columns.get("time"),
            duration=columns.get("duration"),
            order=columns.get("order"),
            answer=columns.get("answer"),
            traits={name: Column(columns[_TRAIT + name], texts) for name, texts in self.traits.items()},
        )

    def _drawn(self, count: int, hear: Hear) -> NDArray[np.integer]:
        """Codes of the learners that are drawn of those that have answers."""
        made = self._answers(Notes(), Repeats(), "drawing learners", hear)
        present: list[NDArray[np.integer]] = [np.zeros(0, dtype=np.int64)]
        present += [first + np.unique(part.rows.learner.code) for first, part in made]
        return drawn(np.concatenate(present), self.learners, count, self.task.options.seed)

    def _add(self, first: int, made: Answers) -> None:
        if not len(made.rows):
            return
        task, rows = self.task, made.rows
        learner = rows.learner.code
        present = learner[np.flatnonzero(np.diff(learner, prepend=-1))]
        self.log.add(made)
        self.present.append(first + present)
        if task.source.cohorts:
            names = rows.learner.texts[present]
            self.cohorts.append(learner_columns.cohorts(task.source, rows, names, self.notes))
        published = learner_columns.published(self.gathered.blocks.placed, task.source, rows)
        if published is not None:
            self.published.append(published)
