"""How far is a cohort from the rest, and could that be chance?

Every attribute and rate is looked at in up to three ways: each cohort against the rest; the same within strata
(courses), so that a cohort is not blamed for the courses that it takes; and the largest difference between any two
cohorts. P values are from dealing the cohorts out anew; see `attain.audit.permute`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attain.audit.confusion import cohort_tables
from attain.audit.permute import deal
from attain.audit.proportions import detectable_gap, newcombe
from attain.audit.questions import Question, questions_of
from attain.audit.rates import Rate
from attain.audit.rows import AuditRows
from attain.audit.small_groups import NOT_SHOWN
from attain.audit.suppression import SHOW_ALL, Hidden
from attain.audit.within import detectable_within, sato_interval
from attain.core.rng import rng

Floats = NDArray[np.float64]
Kind = Literal["rest", "range", "equalized_odds", "abroca"]
PER_TEST = 40
"""Deals for each test of the audit, so that the least possible p value survives Holm's factor."""
_TOUCH = 1e-12


@dataclass(frozen=True)
class Gap:
    """A difference between cohorts in one rate.

    Attributes:
        attribute: what the cohorts are formed by.
        level: the cohort, `gender: F`; "" for differences between all of them.
        rate: the rate's name; `equalized_odds` for the larger of the ranges of recall and false-positive rate;
            `abroca` for the area between ROC curves, whose sides `here` and `rest` are AUCs, of `n` learners.
        kind: the cohort minus the `rest`; the `range` from the lowest to the highest cohort; or as the rate.
        within: what is held fixed, "" for nothing.
        value: the difference; None where it does not exist.
        low: lower end of its 95 % interval; None for a range, whose interval could never hold 0.
        high: upper end.
        here: the cohort's rate; for a range the highest, for equalised odds of the rate that ranges further.
        rest: the rate of the rest; for a range the lowest.
        n: the cohort's own denominator; for a range the smallest that takes part.
        n_rest: that of the rest.
        p: from dealing the cohorts out anew; None where nothing could be tested.
        detectable: the gap that had to be there to be found in four audits of five.
        reason: why there is no difference; "" where there is.
    """

    attribute: str
    level: str
    rate: str
    kind: Kind
    within: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    here: float | None = None
    rest: float | None = None
    n: int | None = None
    n_rest: int | None = None
    p: float | None = None
    detectable: float | None = None
    reason: str = ""


def gaps(
    rows: AuditRows,
    flag: NDArray[np.bool_],
    rates: Sequence[Rate],
    *,
    hidden: Hidden = SHOW_ALL,
    alpha: float = 0.05,
    replicates: int = 1000,
    other_tests: int = 0,
    seed: int = 0,
) -> list[Gap]:
    """Every gap of an audit.

    Args:
        rows: what is known; gaps within strata are given where it has strata.
        flag: shape (n,), who was flagged.
        rates: by which cohorts are compared.
        hidden: rates that may not be shown; they are not tested, and no gap tells of them.
        alpha: the level at which the whole audit may err once.
        replicates: deals; raised to 40 for each test of the audit where that is more.
        other_tests: tests of the audit besides these, which count for `alpha` and the deals.
        seed: of the deals.
    """
    tables = cohort_tables(rows, flag)
    questions = [
        question
        for table, cohorts in zip(tables[1:], rows.cohorts.values(), strict=True)
        for rate in rates
        for question in questions_of(rows, flag, table, cohorts, rate, hidden)
    ]
    n_tests = other_tests + sum(question.n_tests for question in questions)
    n_tests += sum(len(pair) == 2 for pair in _odds(questions).values())
    times = deals_of(replicates, n_tests)
    found, ranges = [], {}
    for place, question in enumerate(questions):
        answered, of_deals = _answer(question, times, alpha / max(n_tests, 1), rng(seed, "deal", place))
        found += answered
        if not question.within and len(question.tested) > 1:
            ranges[question.cohorts.name, question.rate.name] = of_deals
    return found + [_equalized_odds(pair, ranges, found) for pair in _odds(questions).values() if len(pair) == 2]


def deals_of(replicates: int, n_tests: int) -> int:
    """How often cohorts are dealt out anew; no p value is less than 1 over one more than that.

    >>> deals_of(1000, 10), deals_of(1000, 100)
    (1000, 4000)
    """
    return max(replicates, PER_TEST * n_tests)


def _answer(question: Question, times: int, alpha: float, generator: np.random.Generator) -> tuple[list[Gap], Floats]:
    """The gaps of a question, and the range in each deal."""
    observed = question.counts[..., 1]
    differences, widest = question.differences(observed), question.range(observed) if len(question.tested) else 0.0
    as_far, ranges = np.zeros(len(differences)), []
    for block in deal(question.decks, observed.shape, times, generator) if len(question.tested) else ():
        as_far += (np.abs(question.differences(block)) >= np.abs(differences) - _TOUCH).sum(axis=0)
        if not question.within:
            ranges.append(question.range(block))
    p = (1 + as_far) / (1 + times)
    levels: Sequence[int] = range(len(differences))
    if question.two and len(question.tested):
        levels = [int(np.nanargmax(np.append(differences, -2.0))) % 2]
    found = [_against_rest(question, level, differences[level], float(p[level]), alpha) for level in levels]
    of_deals = np.concatenate(ranges) if ranges else np.empty(0)
    if not question.two and not question.within:
        found.append(_from_lowest_to_highest(question, found, float(widest), of_deals))
    return found, of_deals


def _against_rest(question: Question, level: int, difference: float, p: float, alpha: float) -> Gap:
    n, x = question.counts[:, level, 0], question.counts[:, level, 1]
    m, y = question.counts[..., 0].sum(1) - n, question.counts[..., 1].sum(1) - x
    names = (question.cohorts.name, question.table.label(level), question.rate.name)
    blank = Gap(*names, "rest", question.within)
    if level not in question.tested:
        return replace(blank, reason=_untested(question, level))
    blank = replace(blank, n=int(n.sum()), n_rest=int(m.sum()))
    if np.isnan(difference):
        return replace(blank, reason=f"no {question.within} has both the cohort and others {question.rate.among}")
    effect, others_effect = _effects(question, level)
    here, rest = x.sum() / n.sum(), y.sum() / m.sum()
    k, j = n.sum() / effect, m.sum() / others_effect
    low, high = (float(end) for end in newcombe(here * k, k, rest * j, j))
    least = float(detectable_gap((x.sum() + y.sum()) / (n.sum() + m.sum()), k, j, alpha))
    if question.within:
        low, high = difference - (here - rest - low), difference + (high - here + rest)
        sato = sato_interval(x, n, y, m, effect=max(effect, others_effect))
        low, high = max(min(low, sato[0]), -1.0), min(max(high, sato[1]), 1.0)  # Sato's is too narrow near 0 and 1
        least = max(least, detectable_within(x + y, n, m, alpha) * np.sqrt(max(effect, others_effect)))
    return replace(
        blank,
        value=float(difference),
        low=float(low),
        high=float(high),
        here=float(here),
        rest=float(rest),
        p=p,
        detectable=float(min(least, 1.0)),
    )


def _effects(question: Question, level: int) -> tuple[float, float]:
    """How many times wider in variance the rate of the cohort, and that of all, is because learners repeat."""
    total = question.table.total.column(question.rate)
    return (
        float(question.column.n[level] / question.column.effective[level]),
        float(total.n[0] / total.effective[0]),
    )


def _untested(question: Question, level: int) -> str:
    if not question.shown[level]:
        return NOT_SHOWN
    others = question.column.n.sum() - question.column.n[level]
    return question.rate.undefined if others else f"there are no others {question.rate.among}"


def _from_lowest_to_highest(question: Question, levels: Sequence[Gap], widest: float, of_deals: Floats) -> Gap:
    blank = Gap(question.cohorts.name, "", question.rate.name, "range", question.within)
    if len(question.tested) < 2:
        return replace(blank, reason="fewer than two cohorts have a rate that is shown")
    shares, sizes = question.column.value[question.tested], question.column.n[question.tested]
    return replace(
        blank,
        value=widest,
        here=float(shares.max()),
        rest=float(shares.min()),
        n=int(sizes.min()),
        p=float((1 + (of_deals >= widest - _TOUCH).sum()) / (1 + len(of_deals))),
        detectable=max(gap.detectable for gap in levels if gap.detectable is not None),
    )


def _odds(questions: Sequence[Question]) -> Mapping[str, list[Question]]:
    """By attribute, the two rates whose ranges make up the equalised-odds difference, where both can be had."""
    found: dict[str, list[Question]] = {}
    for wanted in (("false_positive_rate",), ("recall", "false_negative_rate")):
        for question in questions:
            own = found.setdefault(question.cohorts.name, [])
            if question.rate.name in wanted and not question.within and len(question.tested) > 1:
                own += [question] * all(other.rate.name not in wanted for other in own)
    return found


def _equalized_odds(pair: Sequence[Question], ranges: Mapping[tuple[str, str], Floats], found: Sequence[Gap]) -> Gap:
    """The larger of the ranges of false-positive rate and recall (Hardt, Price & Srebro 2016), tested as one."""
    name, rates = pair[0].cohorts.name, {question.rate.name for question in pair}
    widest = max(pair, key=lambda question: float(question.range(question.counts[..., 1])))
    value, shares = float(widest.range(widest.counts[..., 1])), widest.column.value[widest.tested]
    deals = np.maximum(*(ranges[name, question.rate.name] for question in pair))
    own = [gap for gap in found if gap.attribute == name and gap.rate in rates and not gap.within]
    return Gap(
        name,
        "",
        "equalized_odds",
        "equalized_odds",
        "",
        value=value,
        here=float(shares.max()),
        rest=float(shares.min()),
        n=min(int(question.column.n[question.tested].min()) for question in pair),
        p=float((1 + (deals >= value - _TOUCH).sum()) / (1 + len(deals))),
        detectable=max(gap.detectable for gap in own if gap.detectable is not None),
    )
