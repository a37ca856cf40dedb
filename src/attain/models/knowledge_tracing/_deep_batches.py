"""A log as windows of learners side by side: what a deep tracer reads, with hardly any padding."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.ragged import pick
from attain.data.interactions import Interactions, recode, skill_rows

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Vocabulary:
    """Names that a network has numbers for; one more number, after the last, stands for all others."""

    skills: NDArray[np.object_]
    items: NDArray[np.object_]


@dataclass(frozen=True)
class Window:
    """A table of learners x steps: the next `max_steps` answers of some learners of like length.

    Learners stand in descending order of length; where the shorter ones have ended, cells at the end of their line
    stay empty. A learner who goes on in a later window has filled the whole line of this one.

    Attributes:
        shape: (n_learners, n_steps); the learners are the first ones of the batch's window before.
        cell: shape (n,), the cells that hold a row of the log: learner * n_steps + step; ascending.
        rows: shape (n,), which row of the log.
        skill: the skills of each row, flat.
        skill_start: shape (n + 1,), where each row's begin.
        item: shape (n,).
        correct: shape (n,).
    """

    shape: tuple[int, int]
    cell: Ints
    rows: Ints
    skill: Ints
    skill_start: Ints
    item: Ints
    correct: NDArray[np.int64]


class Windows:
    """Batches of learners of like length, each as the windows of their histories in the order of time.

    Args:
        log: the answers.
        names: what the network has numbers for.
        learners: how many learners a batch has.
        max_steps: how many steps a window has, at most.
    """

    def __init__(self, log: Interactions, names: Vocabulary, *, learners: int, max_steps: int) -> None:
        self._learners, self._max_steps = learners, max_steps
        self._start, self._length = log.learner_start, np.diff(log.learner_start)
        self._by_length = np.argsort(-self._length, kind="stable")
        rows = skill_rows(log, "mean")
        self._skill = _numbers(rows.names, names.skills)[rows.skill]
        self._skill_start = np.searchsorted(rows.answer, np.arange(len(log) + 1))
        self._item = _numbers(log.items, names.items)[log.item]
        self._correct = log.correct.astype(np.int64)

    def __len__(self) -> int:
        return math.ceil(len(self._by_length) / self._learners)

    def batch(self, number: int) -> Iterator[Window]:
        """The windows of a batch; the longest histories are in batch 0."""
        group = self._by_length[number * self._learners : (number + 1) * self._learners]
        start, length = self._start[group], self._length[group]
        for low in range(0, int(length[0]), self._max_steps):
            here = np.minimum(length[length > low], low + self._max_steps) - low
            shape = (len(here), int(here[0]))
            who, step = np.nonzero(np.arange(shape[1]) < here[:, None])
            yield self._window(shape, who * shape[1] + step, start[who] + low + step)

    def _window(self, shape: tuple[int, int], cell: Ints, rows: Ints) -> Window:
        places, skill_start = pick(self._skill_start, rows)
        return Window(shape, cell, rows, self._skill[places], skill_start, self._item[rows], self._correct[rows])


def vocabulary(log: Interactions) -> Vocabulary:
    """The names that occur in `log`, which has no others; answers without a skill have the skill ""."""
    return Vocabulary(skill_rows(log, "mean").names, log.items)


def skill_numbers(log: Interactions, names: Vocabulary) -> Ints:
    """The number of each of `log.skill`."""
    return _numbers(log.skills, names.skills)[log.skill]


def one_more_row(log: Interactions) -> tuple[Interactions, Ints]:
    """The log with each learner's last row repeated, and for each row of `log` the place of the one after it.

    What is asked at that place is answered from the state after the row of `log`.
    """
    ends = np.zeros(len(log), dtype=np.int64)
    ends[log.learner_start[1:] - 1] = 1
    return log.take(np.repeat(np.arange(len(log)), 1 + ends)), np.arange(len(log)) + np.cumsum(ends) - ends + 1


def _numbers(names: NDArray[np.object_], known: NDArray[np.object_]) -> Ints:
    """The number of each name; all that are not known share the last."""
    codes = recode(names, known).astype(np.int64)
    return np.where(codes < 0, len(known), codes)
