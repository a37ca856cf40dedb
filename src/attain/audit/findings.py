"""What an audit finds: every gap with its verdict, in a sentence that names its denominators.

There are three verdicts. *Gap found*: chance alone would hardly do it, after correction for all the audit's tests.
*Cannot tell*: nothing was found, but a gap larger than the institution tolerates would most likely have been missed,
or there is no rate to compare. *No clear gap*: nothing was found, and such a gap would have been.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from attain.audit.calibration import CohortCalibration, calibration_by_cohort
from attain.audit.confusion import cohort_tables
from attain.audit.gaps import Gap, deals_of, gaps
from attain.audit.ranking import ranked_apart, ranking_gaps
from attain.audit.rates import RATES, Rate, rates
from attain.audit.rows import AuditRows
from attain.audit.shown import Plain, shown_table
from attain.audit.small_groups import SuppressionRule
from attain.audit.suppression import Hidden, suppress
from attain.metrics.evaluate import defined
from attain.metrics.intervals import holm

READINGS = rates(["false_discovery_rate", "false_positive_rate", "false_negative_rate"])
"""Told of everybody whatever the policy asks for: one reading of a false alarm alone misleads."""
DIGITS = 4
"""Of p values as they are shown."""

Verdict = Literal["gap found", "no clear gap", "cannot tell"]


@dataclass(frozen=True)
class AuditRules:
    """What an institution asks of an audit.

    Attributes:
        suppression: how small groups are protected.
        tolerance: a gap up to this size need not be seen: 0.1 is ten points.
        alpha: the chance that an audit of a fair system finds any gap at all.
        replicates: least number of deals for p values.
        ranking: whether ROC curves of cohorts are compared too (ABROCA). It takes deals times rows: a minute and a half
            for 9,000 enrolments and 16 comparisons, where all else takes three seconds.
        seed: of the deals.
    """

    suppression: SuppressionRule = field(default_factory=SuppressionRule)
    tolerance: float = 0.1
    alpha: float = 0.05
    replicates: int = 1000
    ranking: bool = False
    seed: int = 0


@dataclass(frozen=True)
class Finding:
    """A gap and what is to be made of it.

    Attributes:
        gap: the numbers, with nothing that is hidden.
        p_holm: the p value, corrected for all tests of the audit.
        verdict: in three words at most.
        sentence: for people.
    """

    gap: Gap
    p_holm: float | None
    verdict: Verdict
    sentence: str

    def to_dict(self, rule: SuppressionRule) -> dict[str, object]:
        """As plain data, rounded by the rule."""
        return asdict(_shown(self.gap, rule)) | {
            "p_holm": None if self.p_holm is None else round(self.p_holm, DIGITS),
            "verdict": self.verdict,
            "sentence": self.sentence,
        }


@dataclass(frozen=True)
class AuditNumbers:
    """Everything that an audit may show of who was flagged.

    Attributes:
        tables: the rates of everybody, and of each attribute and intersection; see `shown_table`.
        readings: `READINGS` of everybody, as in the tables.
        hidden: what is not shown in them.
        findings: the gaps.
        calibration: of everybody and of each cohort.
        n_rows: rows that were read.
        n_unknown: rows left out because their outcome is not known.
        n_tests: how many tests the p values are corrected for.
        n_deals: how often cohorts were dealt out anew for each.
    """

    tables: tuple[Plain, ...]
    readings: Plain
    hidden: Hidden
    findings: tuple[Finding, ...]
    calibration: tuple[CohortCalibration, ...]
    n_rows: int
    n_unknown: int
    n_tests: int
    n_deals: int

    @property
    def least_p(self) -> float:
        """The least p value, after correction for all tests (Holm), that so many deals can give."""
        return min(1.0, self.n_tests / (1 + self.n_deals))

    def to_dict(self, rule: SuppressionRule) -> dict[str, object]:
        """As plain data for JSON; nothing that is hidden is in it."""
        return {
            "tables": list(self.tables),
            "readings": self.readings,
            "findings": [finding.to_dict(rule) for finding in self.findings],
            "calibration": [one.to_dict(rule) for one in self.calibration],
            "n_rows": rule.count(self.n_rows),
            "n_unknown": rule.count(self.n_unknown) if self.n_unknown >= rule.smallest else None,
            "n_tests": self.n_tests,
            "n_deals": self.n_deals,
            "least_p": round(self.least_p, DIGITS),
        }


def audit(rows: AuditRows, flag: NDArray[np.bool_], wanted: Sequence[Rate], rules: AuditRules) -> AuditNumbers:
    """Count, hide what is small, compare cohorts, and judge.

    Args:
        rows: outcomes and cohorts.
        flag: shape (n,), who was flagged.
        wanted: the rates that are reported, the most wanted first: what must be hidden is taken from the last.
        rules: what the institution asks.
    """
    rule = rules.suppression
    tables = cohort_tables(rows, flag)
    hidden = suppress(tables, with_prevalence(wanted), rule.smallest, of_all=READINGS)
    ranked = len(ranked_apart(rows, hidden)) if rules.ranking else 0
    found = gaps(
        rows,
        flag,
        wanted,
        hidden=hidden,
        alpha=rules.alpha,
        replicates=rules.replicates,
        other_tests=ranked,
        seed=rules.seed,
    )
    n_tests = ranked + sum(gap.p is not None for gap in found)
    if ranked:
        found += ranking_gaps(rows, hidden, shuffles=deals_of(rules.replicates, n_tests), seed=rules.seed)
    return AuditNumbers(
        tuple(shown_table(table, wanted, hidden, rule) for table in tables),
        shown_table(tables[0], READINGS, hidden, rule)["cohorts"][0]["rates"],
        hidden,
        tuple(judged(found, rules)),
        tuple(calibration_by_cohort(rows, hidden, alpha=rules.alpha, seed=rules.seed)),
        len(rows),
        int((~rows.known).sum()),
        sum(gap.p is not None for gap in found),
        deals_of(rules.replicates, n_tests),
    )


def with_prevalence(wanted: Sequence[Rate]) -> list[Rate]:
    """The rates of which tables, gaps and calibration tell: the last shows how many had the outcome."""
    return list(dict.fromkeys([*wanted, RATES["prevalence"]]))


def judged(found: Sequence[Gap], rules: AuditRules) -> list[Finding]:
    """The gaps with their verdicts; p values are corrected (Holm 1979) for all of them together."""
    adjusted = holm(np.array([np.nan if gap.p is None else gap.p for gap in found]))
    findings = []
    for gap, p in zip(found, map(defined, adjusted), strict=True):
        verdict = _verdict(gap, p, rules)
        findings.append(Finding(gap, p, verdict, _sentence(_shown(gap, rules.suppression), verdict, rules)))
    return findings


def _verdict(gap: Gap, p: float | None, rules: AuditRules) -> Verdict:
    if p is None or gap.detectable is None:
        return "cannot tell"
    if p < rules.alpha:
        return "gap found"
    return "cannot tell" if gap.detectable > rules.tolerance else "no clear gap"


def _sentence(gap: Gap, verdict: Verdict, rules: AuditRules) -> str:
    start = f"{verdict[0].upper()}{verdict[1:]}"
    held = f", within {gap.within}" if gap.within else ""
    if gap.value is None:
        return f"{start}{held}: {gap.reason}."
    facts = _facts(gap)
    if verdict == "cannot tell":
        if gap.kind == "abroca":
            return f"{start}{held}: {facts} An area under {gap.detectable:.3f} would most likely be missed here."
        least, most = _points(gap.detectable), _points(rules.tolerance)
        facts += f" A gap under {least} points would most likely be missed here; the policy wants {most} to be seen."
    return f"{start}{held}: {facts}"


def _facts(gap: Gap) -> str:
    if gap.kind == "equalized_odds":
        return f"false-positive rates or recalls by {gap.attribute} lie up to {_points(gap.value)} points apart."
    if gap.kind == "abroca":
        aucs = f"AUC {gap.here:.3f} of {gap.level}, {gap.rest:.3f} of the others"
        return f"{aucs}; the area between their ROC curves is {gap.value:.3f}."
    rate = RATES[gap.rate]
    if gap.kind == "range":
        ends = f"from {_percent(gap.rest)} to {_percent(gap.here)}"
        return f"by {gap.attribute}, {ends}{_of(rate)} {rate.counted}."
    assert gap.n is not None
    assert gap.n_rest is not None
    assert gap.value is not None
    here = f"of {gap.n:,} people ({gap.level}){_among(rate)}, {_percent(gap.here)} {rate.counted}"
    rest = f"of the other {gap.n_rest:,}, {_percent(gap.rest)}"
    more = "more" if gap.value >= 0 else "fewer"
    size = abs(gap.value)
    low, high = sorted([gap.low or 0.0, gap.high or 0.0]) if gap.value >= 0 else (-(gap.high or 0.0), -(gap.low or 0.0))
    return f"{here}; {rest}: {_points(size)} points {more} (95 % interval {_points(low)} to {_points(high)})."


def _of(rate: Rate) -> str:
    return "" if rate.among == "of all" else f" of those {rate.among}"


def _among(rate: Rate) -> str:
    return "" if rate.among == "of all" else f" {rate.among}"


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.0f} %"


def _points(share: float | None) -> str:
    return "–" if share is None else f"{100 * share:.1f}"


def _shown(gap: Gap, rule: SuppressionRule) -> Gap:
    """The gap with its shares and counts rounded by the rule; p values tell of nobody and keep their digits."""

    def share(value: float | None) -> float | None:
        return None if value is None else rule.share(value)

    def count(value: int | None) -> int | None:
        return None if value is None else rule.count(value)

    value = share(gap.value)
    if gap.here is not None and gap.rest is not None and not gap.within and gap.kind != "abroca":
        value = rule.share(rule.share(gap.here) - rule.share(gap.rest))  # of what is shown: a reader subtracts
    return replace(
        gap,
        value=value,
        low=share(gap.low),
        high=share(gap.high),
        here=share(gap.here),
        rest=share(gap.rest),
        detectable=share(gap.detectable),
        n=count(gap.n),
        n_rest=count(gap.n_rest),
        p=None if gap.p is None else round(gap.p, DIGITS),
    )
