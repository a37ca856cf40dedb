"""Bayesian knowledge tracing: what its parameters say about a log, answer by answer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.data.interactions import Interactions, SkillMode, recode, skill_rows
from attain.models._compiled import compiled

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SkillParameters:
    """Parameters of each skill, found by its name.

    Attributes:
        names: shape (n_skills,).
        values: shape (n_skills + 1, 5): prior, learn, guess, slip, forget; the last row is for every other skill.
    """

    names: NDArray[np.object_]
    values: Floats


def predict(log: Interactions, mode: SkillMode, parameters: SkillParameters) -> Floats:
    """Probability of a right answer of each row, from that learner's earlier rows only; shape (len(log),)."""
    answer, right, _ = _follow(log, mode, parameters)
    mean = np.bincount(answer, weights=right, minlength=len(log)) / np.bincount(answer, minlength=len(log))
    return mean.clip(0, 1)  # sums of probabilities may be off by the last bit


def mastery(log: Interactions, mode: SkillMode, parameters: SkillParameters) -> Floats:
    """Probability of knowing after the row's answer, aligned with `log.skill`; NaN for skills that `mode` leaves out.

    The chance to learn from the answer is included. In mode `combination` all skills of an answer share the mastery
    of their joint skill.
    """
    answer, _, after = _follow(log, mode, parameters)
    counts = np.diff(log.skill_start)
    if mode == "mean":
        return after[counts[answer] > 0]
    pairs = np.repeat(after, counts)
    if mode == "first":
        pairs[np.arange(len(pairs)) > np.repeat(log.skill_start[:-1], counts)] = np.nan
    return pairs


def _follow(
    log: Interactions, mode: SkillMode, parameters: SkillParameters
) -> tuple[NDArray[np.int64], Floats, Floats]:
    rows = skill_rows(log, mode)
    values = np.ascontiguousarray(parameters.values[recode(rows.names, parameters.names)])  # -1 is the last row
    learner, correct = log.learner[rows.answer], log.correct[rows.answer]
    return rows.answer, *trace(rows.answer, rows.skill, learner, correct, values)


@compiled
def trace(
    answer: NDArray[np.int64],
    skill: NDArray[np.int32],
    learner: NDArray[np.int32],
    correct: NDArray[np.int8],
    parameters: Floats,
) -> tuple[Floats, Floats]:
    """Probability of a right answer before each row, and of knowing the skill after it (with the chance to learn).

    Rows of one answer (equal `answer`, adjacent) are all predicted before any of them is learned from. An answer
    that the parameters call impossible changes nothing but the chance to learn.

    Args:
        answer: shape (n,), the answer that each row belongs to, ascending.
        skill: shape (n,), rows of `parameters`.
        learner: shape (n,), ascending.
        correct: shape (n,).
        parameters: shape (n_skills, 5).
    """
    n = len(answer)
    right, after = np.empty(n), np.empty(n)
    known = np.empty(len(parameters))
    seen_by = np.full(len(parameters), -1, dtype=np.int64)
    row = 0
    while row < n:
        first = row
        while row < n and answer[row] == answer[first]:
            s = skill[row]
            if seen_by[s] != learner[row]:
                seen_by[s], known[s] = learner[row], parameters[s, 0]
            right[row] = known[s] * (1 - parameters[s, 3]) + (1 - known[s]) * parameters[s, 2]
            row += 1
        for r in range(first, row):
            s = skill[r]
            _, learn, guess, slip, forget = parameters[s]
            if_known = known[s] * (1 - slip if correct[r] else slip)
            if_not = (1 - known[s]) * (guess if correct[r] else 1 - guess)
            if if_known + if_not > 0:
                known[s] = if_known / (if_known + if_not)
            known[s] = known[s] * (1 - forget) + (1 - known[s]) * learn
            after[r] = known[s]
    return right, after
