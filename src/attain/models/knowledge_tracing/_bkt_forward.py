"""Bayesian knowledge tracing: what its parameters say about a log, answer by answer."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.data.interactions import Interactions, SkillMode, SkillRows, skill_rows
from attain.models.knowledge_tracing._bkt_parameters import Learners, RowParameters

Floats = NDArray[np.float64]
NEVER = 1e-9
"""No answer speaks more against a group of learners than one of this probability."""


class Trace(NamedTuple):
    """What is said of each row: the probability of a right answer before it, and of knowing the skill after it."""

    right: Floats
    known: Floats


def predict(log: Interactions, mode: SkillMode, learners: Learners) -> Floats:
    """Probability of a right answer of each row, from that learner's earlier rows only; shape (len(log),)."""
    rows = skill_rows(log, mode)
    traces = [trace(rows, log, group.of_rows(rows, log)) for group in learners.groups]
    if len(traces) == 1:
        return of_answers(rows, traces[0].right, len(log))
    before, _ = _members(rows, log, traces, learners.share)
    right = np.stack([one.right for one in traces], axis=1)
    return of_answers(rows, (before[rows.answer] * right).sum(axis=1), len(log))


def mastery(log: Interactions, mode: SkillMode, learners: Learners) -> Floats:
    """Probability of knowing after the row's answer, aligned with `log.skill`; see `of_skills`."""
    rows = skill_rows(log, mode)
    traces = [trace(rows, log, group.of_rows(rows, log)) for group in learners.groups]
    if len(traces) == 1:
        return of_skills(rows, traces[0].known, log, mode)
    _, after = _members(rows, log, traces, learners.share)
    known = np.stack([one.known for one in traces], axis=1)
    return of_skills(rows, (after[rows.answer] * known).sum(axis=1).clip(0, 1), log, mode)


def _members(rows: SkillRows, log: Interactions, traces: Sequence[Trace], share: Floats) -> tuple[Floats, Floats]:
    """How likely the learner is of each group before and after each answer; each of shape (n_answers, n_groups)."""
    right = np.stack([one.right for one in traces], axis=1).clip(NEVER, 1 - NEVER)
    said = np.log(np.where(log.correct[rows.answer, None] == 1, right, 1 - right))
    each = np.empty((len(log), len(share)))
    for g, column in enumerate(said.T):
        each[:, g] = np.bincount(rows.answer, weights=column, minlength=len(log))
    return _follow(log.learner, each, share)


@compiled
def _follow(learner: NDArray[np.int32], said: Floats, share: Floats) -> tuple[Floats, Floats]:
    """By Bayes' rule, from the log-probabilities of each answer."""
    before, after, now = np.empty(said.shape), np.empty(said.shape), share.copy()
    for row in range(len(learner)):
        if row == 0 or learner[row] != learner[row - 1]:
            now = share.copy()
        before[row] = now
        now = now * np.exp(said[row] - said[row].max())
        now /= now.sum()
        after[row] = now
    return before, after


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


def trace(rows: SkillRows, log: Interactions, parameters: RowParameters) -> Trace:
    """Follow each learner through each skill.

    The rows of one answer are all predicted before any of them is learned from.

    Args:
        rows: m rows, one an answer and skill; their skills have codes from 0.
        log: the answers.
        parameters: those of each row.
    """
    learner, correct = log.learner[rows.answer], log.correct[rows.answer]
    own = parameters.values, parameters.first
    return Trace(*_trace(rows.answer, rows.skill, len(rows.names), learner, correct, *own))


@compiled
def chance(known: float, guess: float, slip: float) -> float:
    """The probability of a right answer of a learner who knows the skill with probability `known`."""
    return known * (1 - slip) + (1 - known) * guess


@compiled
def posterior(known: float, correct: int, guess: float, slip: float) -> float:
    """The probability of knowing the skill once an answer is seen; as before if the parameters call it impossible."""
    if_known = known * (1 - slip if correct else slip)
    if_not = (1 - known) * (guess if correct else 1 - guess)
    return if_known / (if_known + if_not) if if_known + if_not > 0 else known


@compiled
def update(known: float, correct: int, learn: float, guess: float, slip: float, forget: float) -> float:
    """The probability of knowing the skill after one more answer and the chance to learn from it.

    A learner's whole state in a skill is this one number, and it begins with the skill's `prior`.

    >>> round(update(0.5, 1, learn=0.1, guess=0.2, slip=0.1, forget=0.0), 4)
    0.8364
    """
    known = posterior(known, correct, guess, slip)
    return known * (1 - forget) + (1 - known) * learn


@compiled
def _trace(
    answer: NDArray[np.int64],
    skill: NDArray[np.int32],
    n_skills: int,
    learner: NDArray[np.int32],
    correct: NDArray[np.int8],
    values: Floats,
    first: Floats,
) -> tuple[Floats, Floats]:
    n = len(answer)
    right, after = np.empty(n), np.empty(n)
    known, begun = np.empty(n_skills), np.full(n_skills, -1, dtype=np.int64)
    seen_by = np.full(n_skills, -1, dtype=np.int64)
    row = 0
    while row < n:
        begin = row
        while row < n and answer[row] == answer[begin]:
            s = skill[row]
            if seen_by[s] != learner[row]:
                seen_by[s], begun[s], known[s] = learner[row], answer[row], values[row, 0]
            if len(first) and begun[s] == answer[row]:
                right[row] = first[row, 0]
            else:
                right[row] = chance(known[s], values[row, 2], values[row, 3])
            row += 1
        for r in range(begin, row):
            s = skill[r]
            _, learn, guess, slip, forget = values[r]
            if len(first) and begun[s] == answer[r]:
                known[s] = first[r, 1 + correct[r]]
                guess, slip = 0.5, 0.5  # the answer itself says no more
            known[s] = update(known[s], correct[r], learn, guess, slip, forget)
            after[r] = known[s]
    return right, after
