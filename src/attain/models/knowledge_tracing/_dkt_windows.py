"""A log as windows of learners side by side: what a recurrent network reads, with hardly any padding."""

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
    """A table of steps x learners: up to `max_steps` steps of some learners of like length.

    Learners stand in descending order of length; where the shorter ones have ended, cells at the bottom of the table
    stay empty. Each row of the log is predicted from the learner's previous answer, which is given as one number for
    each of its skills (2 * skill + correct), and from the state before; a learner's first row has the number
    `2 * (n_skills + 1)` before it.

    Attributes:
        shape: (n_steps, n_learners); the learners are the first ones of the batch's window before.
        before: the numbers of previous answers, flat, cell by cell.
        before_start: shape (n_steps * n_learners,), where each cell's begin; an empty cell has none.
        cell: shape (n,), the cells that hold a row: step * n_learners + learner; ascending.
        rows: shape (n,), which row of the log.
        skill: the skills of each row, flat.
        skill_start: shape (n,), where each row's begin.
        item: shape (n,).
        correct: shape (n,).
    """

    shape: tuple[int, int]
    before: Ints
    before_start: Ints
    cell: Ints
    rows: Ints
    skill: Ints
    skill_start: Ints
    item: Ints
    correct: NDArray[np.float32]


def windows(log: Interactions, names: Vocabulary, *, learners: int, max_steps: int) -> Iterator[list[Window]]:
    """Batches of learners of like length, each as the list of its windows in the order of time.

    Args:
        log: the answers.
        names: what the network has numbers for.
        learners: how many learners a batch has.
        max_steps: how many steps a window has, at most.
    """
    flat = _flat(log, names)
    lengths = np.diff(log.learner_start)
    by_length = np.argsort(-lengths, kind="stable")
    for first in range(0, len(by_length), learners):
        batch = by_length[first : first + learners]
        yield list(_slices(flat, log.learner_start[batch], lengths[batch], max_steps))


def vocabulary(log: Interactions) -> Vocabulary:
    """The names that occur in `log`, which has no others; answers without a skill have the skill ""."""
    return Vocabulary(skill_rows(log, "mean").names, log.items)


def skill_numbers(log: Interactions, names: Vocabulary) -> Ints:
    """The number of each of `log.skill`."""
    return _numbers(log.skills, names.skills)[log.skill]


def one_more_row(log: Interactions) -> tuple[Interactions, Ints]:
    """The log with each learner's last row repeated, and for each row of `log` the place of the one after it.

    What is read before that row is the state after the row of `log`.
    """
    ends = np.zeros(len(log), dtype=np.int64)
    ends[log.learner_start[1:] - 1] = 1
    return log.take(np.repeat(np.arange(len(log)), 1 + ends)), np.arange(len(log)) + np.cumsum(ends) - ends + 1


@dataclass(frozen=True)
class _Flat:
    """The log in the numbers of the vocabulary; skills of row i are `skill[start[i]:start[i + 1]]`."""

    skill: Ints
    answered: Ints
    start: Ints
    item: Ints
    correct: NDArray[np.float32]
    nothing: int


def _flat(log: Interactions, names: Vocabulary) -> _Flat:
    rows = skill_rows(log, "mean")
    skill = _numbers(rows.names, names.skills)[rows.skill]
    item = _numbers(log.items, names.items)[log.item]
    answered = 2 * skill + log.correct[rows.answer]
    start = np.searchsorted(rows.answer, np.arange(len(log) + 1))
    return _Flat(skill, answered, start, item, log.correct.astype(np.float32), 2 * (len(names.skills) + 1))


def _slices(flat: _Flat, start: Ints, length: Ints, max_steps: int) -> Iterator[Window]:
    """The windows of learners whose rows begin at `start`, in descending order of length."""
    for low in range(0, int(length[0]), max_steps):
        here = np.minimum(length[length > low], low + max_steps) - low
        shape = (int(here[0]), len(here))
        step, who = np.nonzero(np.arange(shape[0])[:, None] < here)
        yield _window(flat, shape, step * shape[1] + who, start[who] + low + step, low + step == 0)


def _window(flat: _Flat, shape: tuple[int, int], cell: Ints, rows: Ints, begins: NDArray[np.bool_]) -> Window:
    counts = np.where(begins, 1, np.diff(flat.start)[rows - 1])
    before = np.full(counts.sum(), flat.nothing)
    before[np.repeat(~begins, counts)] = flat.answered[pick(flat.start, rows[~begins] - 1)[0]]
    in_cell = np.zeros(shape[0] * shape[1], dtype=np.int64)
    in_cell[cell] = counts
    places, skill_start = pick(flat.start, rows)
    return Window(
        shape=shape,
        before=before,
        before_start=np.cumsum(in_cell) - in_cell,
        cell=cell,
        rows=rows,
        skill=flat.skill[places],
        skill_start=skill_start[:-1],
        item=flat.item[rows],
        correct=flat.correct[rows],
    )


def _numbers(names: NDArray[np.object_], known: NDArray[np.object_]) -> Ints:
    """The number of each name; all that are not known share the last."""
    codes = recode(names, known).astype(np.int64)
    return np.where(codes < 0, len(known), codes)
