"""Bayesian knowledge tracing: what its parameters say about a log, answer by answer."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.data.interactions import Interactions, SkillMode, SkillRows, recode, skill_rows

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
    rows = skill_rows(log, mode)
    return of_answers(rows, trace(rows, log, _of_rows(rows, parameters))[0], len(log))


def mastery(log: Interactions, mode: SkillMode, parameters: SkillParameters) -> Floats:
    """Probability of knowing after the row's answer, aligned with `log.skill`; see `of_skills`."""
    rows = skill_rows(log, mode)
    return of_skills(rows, trace(rows, log, _of_rows(rows, parameters))[1], log, mode)


def of_answers(rows: SkillRows, right: Floats, n: int) -> Floats:
    """The score of each of the `n` answers: the mean over its rows; shape (n,)."""
    mean = np.bincount(rows.answer, weights=right, minlength=n) / np.bincount(rows.answer, minlength=n)
    return mean.clip(0, 1)  # sums of probabilities may be off by the last bit


def of_skills(rows: SkillRows, known: Floats, log: Interactions, mode: SkillMode) -> Floats:
    """What is known of each of `log.skill`; NaN for skills that `mode` leaves out.

    In mode `combination` all skills of an answer share the mastery of their joint skill.
    """
    counts = np.diff(log.skill_start)
    if mode == "mean":
        return known[counts[rows.answer] > 0]
    pairs = np.repeat(known, counts)
    if mode == "first":
        pairs[np.arange(len(pairs)) > np.repeat(log.skill_start[:-1], counts)] = np.nan
    return pairs


def _of_rows(rows: SkillRows, parameters: SkillParameters) -> Floats:
    return parameters.values[recode(rows.names, parameters.names)[rows.skill]]  # -1 is the last row


def trace(rows: SkillRows, log: Interactions, parameters: Floats) -> tuple[Floats, Floats]:
    """Follow each learner through each skill.

    The rows of one answer are all predicted before any of them is learned from. An answer that the parameters call
    impossible changes nothing but the chance to learn.

    Args:
        rows: m rows, one an answer and skill; their skills have codes from 0 (none is -1).
        log: the answers.
        parameters: shape (m, 5), those of each row (of its skill, or of its skill and item).

    Returns:
        For each row, the probability of a right answer before it, and of knowing the skill after it.
    """
    learner, correct = log.learner[rows.answer], log.correct[rows.answer]
    return _trace(rows.answer, rows.skill, len(rows.names), learner, correct, parameters)


@compiled
def _trace(
    answer: NDArray[np.int64],
    skill: NDArray[np.int32],
    n_skills: int,
    learner: NDArray[np.int32],
    correct: NDArray[np.int8],
    parameters: Floats,
) -> tuple[Floats, Floats]:
    n = len(answer)
    right, after = np.empty(n), np.empty(n)
    known = np.empty(n_skills)
    seen_by = np.full(n_skills, -1, dtype=np.int64)
    row = 0
    while row < n:
        first = row
        while row < n and answer[row] == answer[first]:
            prior, _, guess, slip, _ = parameters[row]
            s = skill[row]
            if seen_by[s] != learner[row]:
                seen_by[s], known[s] = learner[row], prior
            right[row] = known[s] * (1 - slip) + (1 - known[s]) * guess
            row += 1
        for r in range(first, row):
            _, learn, guess, slip, forget = parameters[r]
            s = skill[r]
            if_known = known[s] * (1 - slip if correct[r] else slip)
            if_not = (1 - known[s]) * (guess if correct[r] else 1 - guess)
            if if_known + if_not > 0:
                known[s] = if_known / (if_known + if_not)
            known[s] = known[s] * (1 - forget) + (1 - known[s]) * learn
            after[r] = known[s]
    return right, after
