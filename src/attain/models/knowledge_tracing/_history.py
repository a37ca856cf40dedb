"""What a learner did before each answer, counted in one pass."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled

Floats = NDArray[np.float64]


@compiled
def earlier_answers(
    answer: NDArray[np.int64],
    skill: NDArray[np.int32],
    n_skills: int,
    learner: NDArray[np.int32],
    correct: NDArray[np.int8],
) -> Floats:
    """How many earlier answers of the learner to the row's skill were right and wrong; shape (n_rows, 2).

    Rows of one answer are adjacent and count for none of each other. With items in the place of skills, answers to
    the same item are counted.
    """
    n = len(answer)
    out = np.empty((n, 2))
    counts = np.empty((n_skills, 2))
    seen_by = np.full(n_skills, -1, dtype=np.int64)
    row = 0
    while row < n:
        first = row
        while row < n and answer[row] == answer[first]:
            s = skill[row]
            if seen_by[s] != learner[row]:
                seen_by[s] = learner[row]
                counts[s, 0] = counts[s, 1] = 0
            out[row, 0], out[row, 1] = counts[s, 0], counts[s, 1]
            row += 1
        for r in range(first, row):
            counts[skill[r], 0 if correct[r] else 1] += 1
    return out


@compiled
def earlier_in_windows(
    answer: NDArray[np.int64],
    skill: NDArray[np.int32],
    n_skills: int,
    learner: NDArray[np.int32],
    correct: NDArray[np.int8],
    clock: Floats,
    windows: Floats,
) -> Floats:
    """Right, and all, earlier answers to the row's skill within each window; shape (n_rows, n_windows, 2).

    Each skill keeps a queue of the learner's answers; each window has its own place in it, which only moves forward.
    An answer lies in no finite window if its own time or that of the row is not known.

    Args:
        answer: shape (n_rows,), ascending; rows of one answer count for none of each other.
        skill: shape (n_rows,).
        n_skills: skills are below it.
        learner: shape (n_rows,).
        correct: shape (n_rows,).
        clock: shape (n_rows,), never falling within a learner, NaN where not known.
        windows: how far each reaches back on the same clock, its end excluded; may be infinite.
    """
    n, n_windows = len(answer), len(windows)
    out = np.empty((n, n_windows, 2))
    following = np.full(n, -1, dtype=np.int64)
    last = np.full(n_skills, -1, dtype=np.int64)
    oldest = np.full((n_skills, n_windows), -1, dtype=np.int64)
    counts = np.zeros((n_skills, n_windows, 2))
    seen_by = np.full(n_skills, -1, dtype=np.int64)
    row = 0
    while row < n:
        first = row
        while row < n and answer[row] == answer[first]:
            s = skill[row]
            if seen_by[s] != learner[row]:
                seen_by[s], last[s] = learner[row], -1
                oldest[s], counts[s] = -1, 0
            for w in range(n_windows):
                at = oldest[s, w]
                while at >= 0 and windows[w] < np.inf and not clock[row] - clock[at] < windows[w]:
                    counts[s, w, 0] -= correct[at]
                    counts[s, w, 1] -= 1
                    at = following[at]
                oldest[s, w] = at
                out[row, w] = counts[s, w]
            row += 1
        for r in range(first, row):
            s = skill[r]
            if last[s] >= 0:
                following[last[s]] = r
            last[s] = r
            for w in range(n_windows):
                if oldest[s, w] < 0:
                    oldest[s, w] = r
                counts[s, w, 0] += correct[r]
                counts[s, w, 1] += 1
    return out


def known_time(learner_start: NDArray[np.int64], time_s: Floats) -> Floats:
    """The latest time known of the learner up to each row, so that it never falls; NaN before the first known one."""
    out = np.empty(len(time_s))
    for begin, end in pairwise(learner_start):
        out[begin:end] = np.fmax.accumulate(time_s[begin:end])
    return out
