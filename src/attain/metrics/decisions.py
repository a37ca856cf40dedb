"""What a rule of mastery would decide: how much practice it asks for, what it gives, and where two rules disagree.

A model may predict answers well and still stop practice too soon or too late. Effort and outcome are read together,
over several thresholds: what is asked of learners, and how they do afterwards (Gonzalez-Brenes & Huang 2015). The
logged learners went on after the rule would have stopped them; where they did not, the outcome is not known.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Statistic, Sums, metric
from attain.core.table import Predictions, Rows
from attain.metrics._answers import counted_note, ratio
from attain.metrics._practice import IN_A_ROW, Practice, Rule, needs_of_rule
from attain.metrics.intervals import bootstrap_weights, percentile

WITHOUT_MODEL: Rule = IN_A_ROW
"""The rule that every model is compared with."""
LEAST = 2
"""Fewer learners have no interval."""


@metric(
    direction="none", unit="opportunities", needs=needs_of_rule, grain="practice", source="Gonzalez-Brenes & Huang 2015"
)
def effort(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Mean opportunities on a skill that the rule asks for: up to mastery, or all there were where it never comes."""
    practice = Practice.of(rows, rule)
    started = practice.started
    said = counted_note(
        practice.sum_by_unit(~practice.mastered), started, "learner-skill pairs censored", "not mastered when last seen"
    )
    by_unit = np.column_stack([practice.sum_by_unit(practice.watched), started])
    return Sums(by_unit, ratio, "no skill was started", said, practice.answers)


@metric(direction="max", unit="share", needs=needs_of_rule, grain="practice", source="Gonzalez-Brenes & Huang 2015")
def outcome(rows: Rows, rule: Rule = IN_A_ROW) -> Statistic:
    """Share right of a learner's answers on a skill after the rule held, each learner and skill counting once.

    Skills never mastered by the rule, and those not practised after it, say nothing here: the note counts them.
    """
    practice = Practice.of(rows, rule)
    after = practice.rows.place > np.where(practice.mastered, practice.mastered_at, np.inf)[practice.pair]
    right = np.bincount(practice.pair[after], practice.rows.numbers("target")[after], len(practice.unit))
    count = np.bincount(practice.pair[after], minlength=len(practice.unit))
    share = np.divide(right, count, out=np.zeros(len(count)), where=count > 0)
    started = practice.started
    known = practice.sum_by_unit(count > 0)
    said = counted_note(started - known, started, "learner-skill pairs left out", "no answer after mastery")
    by_unit = np.column_stack([practice.sum_by_unit(share), known])
    return Sums(by_unit, ratio, "no skill was practised after mastery", said, practice.sum_by_unit(count))


@dataclass(frozen=True)
class Agreement:
    """How two rules judge the same learners' skills: whether each was mastered by the learner's last answer to it.

    Attributes:
        names: of the two.
        rules: of mastery.
        n_pairs: learners and skills that both judge.
        n_units: learners.
        both: share that both call mastered.
        only_first: share that only the first does.
        only_second: share that only the second does.
        agreement: share judged alike.
        low: lower end of its 95 % interval over learners; None where there are too few.
        high: upper end.
        kappa: agreement beyond chance (Cohen 1960); None where both say always the same.
    """

    names: tuple[str, str]
    rules: tuple[str, str]
    n_pairs: int
    n_units: int
    both: float
    only_first: float
    only_second: float
    agreement: float
    low: float | None
    high: float | None
    kappa: float | None


@dataclass(frozen=True)
class Judge:
    """A rule, read from a model's predictions."""

    name: str
    table: Predictions
    rule: str


def agreement(first: Judge, second: Judge, *, replicates: int = 1000, seed: int = 0) -> Agreement | None:
    """Compare the verdicts of two judges; None where there is no learner and skill that both judge."""
    one, other = _verdicts(first), _verdicts(second)
    shared = sorted(one.keys() & other.keys())
    if not shared:
        return None
    a, b = (np.array([found[key] for key in shared]) for found in (one, other))
    units, unit = np.unique([learner for learner, _ in shared], return_inverse=True)
    kinds = np.column_stack([a & b, a & ~b, ~a & b, ~a & ~b]).astype(np.float64)
    by_unit = np.zeros((len(units), 4))
    np.add.at(by_unit, unit, kinds)
    both, only_first, only_second, neither = by_unit.sum(axis=0) / len(shared)
    drawn = [weights @ by_unit for weights in bootstrap_weights(len(units), replicates, seed)]
    interval = None
    if drawn and len(units) >= LEAST:
        sums = np.concatenate(drawn)
        interval = percentile((sums[:, 0] + sums[:, 3]) / sums.sum(axis=1))
    low, high = interval or (None, None)
    names, rules = (first.name, second.name), (first.rule, second.rule)
    shares = (float(both), float(only_first), float(only_second), float(both + neither))
    chance = float((both + only_first) * (both + only_second) + (only_second + neither) * (only_first + neither))
    kappa = (shares[3] - chance) / (1 - chance) if chance < 1 - 1e-12 else None
    return Agreement(names, rules, len(shared), len(units), *shares, low, high, kappa)


def agreements(judges: Sequence[Judge], *, replicates: int = 1000, seed: int = 0) -> list[Agreement]:
    """Every pair of judges."""
    pairs = [(a, b) for place, a in enumerate(judges) for b in judges[place + 1 :]]
    found = (agreement(a, b, replicates=replicates, seed=seed) for a, b in pairs)
    return [one for one in found if one is not None]


def _verdicts(judge: Judge) -> dict[tuple[str, str], bool]:
    """Whether each learner has mastered each skill by the last answer that the rule can judge."""
    practice = Practice.of(judge.table.rows("practice"), judge.rule)
    start = practice.rows.practice_start
    skill: NDArray[np.int32] = practice.rows["skill"].astype(np.int32)[start]
    learners, skills = judge.table.units[practice.unit], judge.table.skills[skill]
    return {(str(u), str(s)): bool(m) for u, s, m in zip(learners, skills, practice.mastered, strict=True)}
