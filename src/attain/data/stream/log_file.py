"""The interaction log as columns that grow on disk, some learners at a time."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attain.data.answer_rows import Answers
from attain.data.interactions import Interactions
from attain.data.skills import SkillSets
from attain.data.stream.growing import GrowingColumn, Recoded

_KINDS = {
    "learner": np.int32,
    "item": np.int32,
    "correct": np.int8,
    "skill": np.int32,
    "skill_start": np.int64,
    "row": np.int64,
    "time_s": np.float64,
    "duration_s": np.float32,
}


@dataclass
class LogFile:
    """Takes answers in the order of their learners and writes what `Interactions` holds.

    Attributes:
        folder: where the columns are.
        rows: answers so far.
    """

    folder: Path
    rows: int = 0
    _columns: dict[str, GrowingColumn] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _skill_names: NDArray[np.object_] | None = None
    _learners: int = 0

    def __post_init__(self) -> None:
        self._items, self._skills = Recoded(), Recoded()
        self._put("skill_start", np.zeros(1, dtype=np.int64))

    def add(self, made: Answers) -> None:
        """More answers, of learners that have none so far."""
        rows, learner = made.rows, made.rows.learner.code
        change = np.concatenate([[0], learner[1:] != learner[:-1]])
        code = np.cumsum(change, dtype=np.int32) + np.int32(self._learners)
        self._learners = int(code[-1]) + 1
        self._put("learner", code)
        self._put("item", self._items(rows.item.code, len(rows.item.texts)))
        self._put("correct", rows.correct)
        self._put_skills(made.skills)
        self._put("row", np.arange(self.rows, self.rows + len(rows)))
        for name, values in (("time_s", rows.time), ("duration_s", rows.duration)):
            if values is not None:
                self._put(name, values)
                if not np.isnan(values).all():
                    self._known.add(name)
        self.rows += len(rows)

    def close(self) -> dict[str, GrowingColumn]:
        """The columns in the order of `Interactions`; one of which nothing is known is not kept."""
        for name, column in self._columns.items():
            column.close()
            if name in ("time_s", "duration_s") and name not in self._known:
                column.path.unlink()
        return {
            name: self._columns[name]
            for name in _KINDS
            if name in self._columns and (name in self._known or name not in ("time_s", "duration_s"))
        }

    def opened(self, learners: NDArray[np.object_], items: NDArray[np.object_]) -> Interactions:
        """The log, mapped from the closed columns.

        Args:
            learners: the names of the learners that have answers, in their order.
            items: the names of all items.
        """
        mapped = {path.stem: np.load(path, mmap_mode="r") for name in _KINDS if (path := self._path(name)).exists()}
        skills = np.zeros(0, dtype=object)
        if self._skill_names is not None:
            skills = self._skills.names(self._skill_names)
        return Interactions(**mapped, learners=learners, items=self._items.names(items), skills=skills)

    def _put_skills(self, sets: SkillSets) -> None:
        self._skill_names = sets.names
        begin = self._columns["skill"].rows if "skill" in self._columns else 0
        self._put("skill_start", sets.start[1:] + begin)
        self._put("skill", self._skills(sets.code, len(sets.names)))

    def _put(self, name: str, values: NDArray[np.generic]) -> None:
        if name not in self._columns:
            self._columns[name] = GrowingColumn(self._path(name), np.dtype(_KINDS[name]))
        self._columns[name].add(values)

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.npy"
