"""Has a gap between cohorts grown from one model to the next? The same learners, the same flags, two models.

A gap is a cohort minus the rest of its attribute. It has *grown* where its size went up by more than chance would have
it (learners are drawn anew, whole, the same for both models; p values are corrected by Holm for all that are asked),
and where it is now larger than the policy tolerates. Where a cohort is too small, or a growth past what is tolerated
could have been missed, nobody can tell: that is a verdict of its own, and no pass.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

from attain.audit.capacity import flag_highest
from attain.audit.confusion import cells_of
from attain.audit.policy import Policy
from attain.audit.rates import CELLS, Rate
from attain.audit.rows import CROSS, AuditRows, called
from attain.core.cohorts import UNKNOWN, hidden
from attain.core.metric import Statistic, Sums
from attain.metrics.evaluate import defined
from attain.metrics.intervals import LEVEL, bootstrap_weights, holm

Verdict = Literal["grew", "did not grow", "cannot tell"]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Measure:
    """What is compared between cohorts, as two models have it on the same units.

    Attributes:
        name: of the rate or metric.
        champion: of the model in use.
        challenger: of the one that might take its place.
        tolerance: a gap up to this size need not be seen.
        points: whether it is a share, of which people speak in points of a hundred.
    """

    name: str
    champion: Statistic
    challenger: Statistic
    tolerance: float
    points: bool = True


@dataclass(frozen=True)
class Growth:
    """A gap under two models.

    Attributes:
        cohort: as people read it: `gender: F`.
        measure: name of the rate or metric.
        champion: the gap under the model in use, cohort minus rest; None where it may not be shown or is not defined.
        challenger: the gap under the other.
        growth: by how much the gap's size went up.
        low: lower end of the 95 % interval of the growth.
        high: upper end.
        p_holm: one-sided p value, corrected for all that are asked.
        n: learners of the cohort that the smaller of its two values rests on; None where they are few.
        clear: whether it grew by more than chance, be it within what is tolerated.
        verdict: what can be said.
        sentence: for people.
    """

    cohort: str
    measure: str
    champion: float | None = None
    challenger: float | None = None
    growth: float | None = None
    low: float | None = None
    high: float | None = None
    p_holm: float | None = None
    n: int | None = None
    clear: bool = False
    verdict: Verdict = "cannot tell"
    sentence: str = ""


@dataclass(frozen=True)
class Cohort:
    """A cohort among the units that have a value of its attribute.

    Attributes:
        label: as people read it.
        members: shape (n_units,), 1 where a unit is in it.
        rest: shape (n_units,), 1 where it is in another of the same attribute.
    """

    label: str
    members: Floats
    rest: Floats


def attribute_cohorts(known: pd.DataFrame, units: Sequence[object], by: Sequence[str]) -> dict[str, list[Cohort]]:
    """Each attribute's cohorts; units of which a value is not known are in none.

    Args:
        known: one row a unit (index: its name), one column an attribute.
        units: names of the units.
        by: attributes, and intersections of them (`gender*age`).
    """
    there = known.reindex(list(units))
    found = {}
    for one in by:
        names = one.split(CROSS)
        values = there[names].astype(object)
        whole = (values.notna() & (values != UNKNOWN)).all(axis=1).to_numpy()
        text = np.array(["\x1f".join(map(str, row)) for row in values.to_numpy()], dtype=object)
        found[one] = [
            Cohort(
                called(names, str(level).split("\x1f")),
                (whole & (text == level)).astype(np.float64),
                (whole & (text != level)).astype(np.float64),
            )
            for level in np.unique(text[whole])
        ]
    return found


def rate_measures(champion: AuditRows, challenger: AuditRows, policy: Policy) -> list[Measure]:
    """The policy's rates of flags at its capacity; both have the same rows in the same order."""
    before, after = (cells_of(rows, flag_highest(rows, policy.flags).flag) for rows in (champion, challenger))
    return [
        Measure(
            rate.name,
            _share(champion, before, rate),
            _share(challenger, after, rate),
            policy.tolerated(rate.name),
        )
        for rate in policy.rates
    ]


def _share(rows: AuditRows, cells: NDArray[np.int64], rate: Rate) -> Sums:
    counts = np.zeros((rows.n_units, len(CELLS)))
    np.add.at(counts, (rows.unit[rows.known], cells[rows.known]), 1.0)
    by_unit = np.column_stack([counts @ rate.top, counts @ rate.bottom])
    return Sums(by_unit, lambda sums: sums[:, 0] / sums[:, 1], rate.undefined)


def growths(
    measures: Sequence[Measure], cohorts: Mapping[str, Sequence[Cohort]], n_units: int, policy: Policy
) -> list[Growth]:
    """Every gap of every measure under both models, with its verdict.

    Args:
        measures: whose statistics are of the same units in the same order.
        cohorts: by attribute; of two cohorts one is asked about, for the other's gap is the same.
        n_units: how many units there are.
        policy: smallest cohort, alpha, replicates, seed.
    """
    asked = [q for m in measures for own in cohorts.values() for q in _questions(m, own, policy.smallest)]
    wanted = [question for question in asked if not question.few]
    drawn: list[list[Floats]] = [[] for _ in wanted]
    for weights in bootstrap_weights(n_units, policy.replicates, policy.seed):
        for question, replicates in zip(wanted, drawn, strict=True):
            replicates.append(np.abs(question.gap(weights, 1)) - np.abs(question.gap(weights, 0)))
    found = {id(q): _measured(q, np.concatenate(d), n_units) for q, d in zip(wanted, drawn, strict=True)}
    adjusted = holm(np.array([np.nan if found[id(q)].p_holm is None else found[id(q)].p_holm for q in wanted]))
    for question, p in zip(wanted, map(defined, adjusted), strict=True):
        found[id(question)] = _judged(replace(found[id(question)], p_holm=p), question.measure, len(wanted), policy)
    return [found.get(id(question)) or _too_few(question) for question in asked]


@dataclass(frozen=True, eq=False)
class _Question:
    """A measure of a cohort against the rest; `few` says why it may not be asked."""

    measure: Measure
    cohort: Cohort
    few: str

    @property
    def sides(self) -> tuple[Statistic, Statistic]:
        """The statistic under the champion, and under the challenger."""
        return self.measure.champion, self.measure.challenger

    def gap(self, weights: Floats, side: int) -> Floats:
        """Cohort minus rest for weights of shape (replicates, n_units)."""
        statistic = self.sides[side]
        return statistic.at(weights * self.cohort.members) - statistic.at(weights * self.cohort.rest)


def _counted(measure: Measure, cohort: Cohort) -> int:
    """Units of a cohort that both models' values rest on."""
    sides = (measure.champion, measure.challenger)
    return min(int((side.counted & (cohort.members > 0)).sum()) for side in sides)


def _questions(measure: Measure, own: Sequence[Cohort], smallest: int) -> list[_Question]:
    """What is asked of an attribute's cohorts; of two, the gap of one is that of the other, unless one is too small."""
    if len(own) < 2:
        return []
    counts = {cohort.label: _counted(measure, cohort) for cohort in own}
    small, with_them = hidden(counts, max(smallest, 2))
    reasons = dict.fromkeys(small, f"fewer than {max(smallest, 2)} learners, so nobody can tell")
    reasons |= dict.fromkeys(with_them, "not shown, so that a smaller cohort cannot be worked out; nobody can tell")
    kept = own if len(own) > 2 or reasons else own[:1]
    return [_Question(measure, cohort, reasons.get(cohort.label, "")) for cohort in kept]


def _measured(question: _Question, replicates: Floats, n_units: int) -> Growth:
    whole = np.ones((1, n_units))
    before, after = (defined(question.gap(whole, side)[0]) for side in (0, 1))
    n = _counted(question.measure, question.cohort)
    blank = Growth(question.cohort.label, question.measure.name, before, after, n=n)
    known = replicates[~np.isnan(replicates)]
    if before is None or after is None or len(known) < LEVEL * len(replicates):
        return blank
    growth, spread, free = abs(after) - abs(before), float(known.std()), n - 1
    half = float(stdtrit(free, (1 + LEVEL) / 2)) * spread
    p = float(stdtr(free, -growth / spread)) if spread > 0 else float(growth <= 0)
    return replace(blank, growth=growth, low=growth - half, high=growth + half, p_holm=p)


def _judged(found: Growth, measure: Measure, tests: int, policy: Policy) -> Growth:
    start = f"{found.cohort} against the others, {measure.name.replace('_', ' ')}"
    if found.growth is None or found.p_holm is None or found.high is None or found.low is None:
        return replace(found, sentence=f"{start}: one of the two has no value, so nobody can tell.")
    told = [abs(found.champion or 0.0), abs(found.challenger or 0.0), measure.tolerance]
    before, after, tolerated = (_size(size, measure, policy) for size in told)
    growth, low, high = (_signed(size, measure, policy) for size in (found.growth, found.low, found.high))
    unit = " points" if measure.points else ""
    facts = f"{start}: the gap is {before} under the champion and {after} under the challenger"
    facts += f", {growth} [{low}, {high}]{unit}"
    clear, large, missed = found.p_holm < policy.alpha, told[1] > measure.tolerance, found.high > measure.tolerance
    found = replace(found, clear=clear)
    if clear and large:
        by_chance = f"p = {found.p_holm:.2g}, corrected for {tests}"
        said = f"{facts}. It has grown ({by_chance}), and is past the {tolerated}{unit} that the policy tolerates."
        return replace(found, verdict="grew", sentence=said)
    if missed:
        said = f"{facts}. A growth of more than {tolerated}{unit} could have been missed, so nobody can tell."
        return replace(found, sentence=said)
    within = f"It has grown, and is still within the {tolerated}{unit} that the policy tolerates."
    return replace(found, verdict="did not grow", sentence=f"{facts}. {within if clear else 'It did not grow.'}")


def _too_few(question: _Question) -> Growth:
    start = f"{question.cohort.label} against the others, {question.measure.name.replace('_', ' ')}"
    return Growth(question.cohort.label, question.measure.name, sentence=f"{start}: {question.few}.")


def _size(size: float, measure: Measure, policy: Policy) -> str:
    return _signed(size, measure, policy).lstrip("+")


def _signed(size: float, measure: Measure, policy: Policy) -> str:
    if not measure.points:
        return f"{size:+.3f}"
    return f"{100 * size:+.{1 if policy.rounding == 'exact' else 0}f}"
