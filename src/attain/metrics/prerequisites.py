"""Were learners given what they were ready for?"""

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.core.direction import Direction
from attain.core.metric import Note, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import joined_notes, ratio
from attain.metrics._practice import IN_A_ROW, NEVER, TRUTH, Practice, Rule, needs_of_rule, of_model


def _needs(rule: str, *_: object) -> str:
    return f"{needs_of_rule(rule)} prerequisites"


def _direction(rule: str, *_: object) -> Direction:
    return "none" if of_model(rule) else "min"


@metric(direction=_direction, unit="share", needs=_needs, grain="practice")
def prerequisite_violation_rate(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Share of answers that came before a skill directly needed was mastered, of answers whose skills need any.

    An answer with several skills counts once. Mastered means that the rule held after an earlier answer of the learner
    (`truth`: or before the first); a needed skill that the learner never practised is not. A cost, not a law: people
    learn out of order too.
    """
    practice = Practice.of(rows, rule)
    early, judged = _violations(practice, rows.prerequisites, knows_before=rule == TRUTH)
    example = practice.rows["example"].astype(np.int64)
    _, first, answer = np.unique(example, return_index=True, return_inverse=True)
    unit = practice.rows.unit[first]
    violated, needing = (np.bincount(answer, values) > 0 for values in (early, judged))
    by_unit = np.column_stack([np.bincount(unit, own, rows.n_units) for own in (violated, needing)]).astype(np.float64)
    everyone = np.bincount(unit, minlength=rows.n_units).astype(np.float64)
    why = "no answer is to a skill that needs another"
    return Sums(by_unit, ratio, why, joined_notes(_of_all(by_unit, everyone)), by_unit[:, 1])


def _of_all(by_unit: NDArray[np.float64], everyone: NDArray[np.float64]) -> Note:
    def said(weights: NDArray[np.float64]) -> str:
        (early, needing), total = weights @ by_unit, float(weights @ everyone)
        free = round(total - needing)
        return f"{early / total:.3f} of all answers; {free:,} of {round(total):,} need nothing" if free else ""

    return said


def _violations(
    practice: Practice, edges: NDArray[np.int32], *, knows_before: bool
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each row, whether a needed skill was not mastered before it, and whether its skill needs any."""
    start, rows = practice.rows.practice_start, practice.rows
    skill = rows["skill"].astype(np.int64)
    step = rows.numbers("step")
    last = start + (practice.mastered_at - 1).clip(0)
    since = np.where(practice.mastered_at == NEVER, np.inf, step[last])
    if knows_before:
        since = np.where(practice.mastered_at == 0, -np.inf, since)
    edges = edges[np.argsort(edges[:, 0], kind="stable")].astype(np.int64)
    n_skills = int(max(skill.max(initial=-1), edges.max(initial=-1))) + 1
    begins = np.searchsorted(edges[:, 0], np.arange(n_skills + 1))
    return _judge(start, practice.unit, skill, step, since, begins, np.ascontiguousarray(edges[:, 1]))


@compiled
def _judge(
    start: NDArray[np.int64],
    unit: NDArray[np.int32],
    skill: NDArray[np.int64],
    step: NDArray[np.float64],
    since: NDArray[np.float64],
    begins: NDArray[np.int64],
    needed: NDArray[np.int64],
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """One pass; the practices of a learner stand together, so that one row of times by skill is enough."""
    early, judged = np.zeros(len(skill), dtype=np.bool_), np.zeros(len(skill), dtype=np.bool_)
    n_skills = len(begins) - 1
    mastered = np.full(n_skills, np.inf)
    first = 0
    while first < len(start):
        end = first
        while end < len(start) and unit[end] == unit[first]:
            mastered[skill[start[end]]] = since[end]
            end += 1
        for p in range(first, end):
            own = skill[start[p]]
            if begins[own] == begins[own + 1]:
                continue
            latest = -np.inf
            for edge in range(begins[own], begins[own + 1]):
                latest = max(latest, mastered[needed[edge]] if needed[edge] >= 0 else np.inf)
            stop = start[p + 1] if p + 1 < len(start) else len(skill)
            for row in range(start[p], stop):
                judged[row] = True
                early[row] = not latest < step[row]
        for p in range(first, end):
            mastered[skill[start[p]]] = np.inf
        first = end
    return early, judged
