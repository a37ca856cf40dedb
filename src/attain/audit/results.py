"""All numbers of an audit as plain data: a pure function of the evidence and the policy, with nothing hidden in it."""

from typing import Any

from attain.audit.beside import baseline_of, drift_of, weeks_of
from attain.audit.capacity import Flags, flag_highest
from attain.audit.changes import smallest_changes
from attain.audit.choices import cheapest, choices_of, curve_of
from attain.audit.evidence import Evidence, attributes_in, stratum_of
from attain.audit.findings import DIGITS, AuditNumbers, Finding, audit, judged
from attain.audit.goes_by import goes_by, stability
from attain.audit.policy import DEFAULT, Policy
from attain.audit.rows import AuditRows, audit_rows
from attain.core.cohorts import UNKNOWN, hidden

Plain = dict[str, Any]  # JSON


def results(evidence: Evidence, policy: Policy) -> Plain:
    """Count, compare, judge, and say who was asked about.

    Raises:
        UserError: the evidence cannot be audited; see `attain.audit.rows` and `attain.audit.capacity`.
    """
    stratum = stratum_of(evidence.frame, per_course=policy.capacity.per_course)
    rows = audit_rows(evidence.frame, evidence.cohorts, by=evidence.by, stratum=stratum)
    flags = flag_highest(rows, policy.flags)
    numbers = audit(rows, flags.flag, policy.rates, policy.rules(policy.tolerated(DEFAULT)))
    rule, choices = policy.rule, choices_of(rows, policy, numbers.hidden)
    curve = curve_of(rows, policy, numbers.hidden, choices)
    return {
        "population": _population(evidence, rows, policy),
        "joined": _joined(evidence, rows),
        "flags": _flags(rows, flags, policy),
        "tables": list(numbers.tables),
        "readings": numbers.readings,
        "findings": [finding.to_dict(rule) for finding in _findings(numbers, policy)],
        "n_tests": numbers.n_tests,
        "n_deals": numbers.n_deals,
        "least_p": round(numbers.least_p, DIGITS),
        "calibration": [one.to_dict(rule) for one in numbers.calibration],
        "choices": choices,
        "curve": curve,
        "cheapest": cheapest(curve),
        "baseline": baseline_of(evidence.frame, evidence.baseline, policy),
        "weeks": weeks_of((evidence.frame, *evidence.weeks), policy) if evidence.weeks else [],
        "drift": drift_of(evidence, policy),
        "reasons": _reasons(evidence, policy),
    }


def _reasons(evidence: Evidence, policy: Policy) -> Plain:
    if evidence.reasons is None:
        return {"n": None, "features": [], "reason": evidence.no_reasons}
    found, n = goes_by(evidence.reasons, policy.rule), len(evidence.reasons.contribution)
    found["changes"] = smallest_changes(evidence.changes, n, evidence.no_changes, policy.rule)
    if policy.stability and found["features"]:
        found["stability"] = stability(evidence.refits, evidence.no_refits, policy.rule)
    return found


def _findings(numbers: AuditNumbers, policy: Policy) -> list[Finding]:
    """The findings, each judged at the tolerance of its own metric; p values stay corrected for all together."""
    gaps = [finding.gap for finding in numbers.findings]
    tolerances = {policy.tolerated(gap.rate) for gap in gaps}
    by_tolerance = {tolerance: judged(gaps, policy.rules(tolerance)) for tolerance in tolerances}
    return [by_tolerance[policy.tolerated(gap.rate)][place] for place, gap in enumerate(gaps)]


def _population(evidence: Evidence, rows: AuditRows, policy: Policy) -> Plain:
    """Who was asked about; where only a few outcomes are missing, neither they nor what gives them away is shown."""
    frame, unknown = evidence.frame, int((~rows.known).sum())
    shown = not 0 < unknown < policy.smallest
    return {
        "rows": policy.rule.count(len(rows)) if shown else None,
        "learners": policy.rule.count(rows.n_units) if shown else None,
        "unknown": policy.rule.count(unknown) if shown else None,
        "courses": sorted(map(str, frame["course"].unique())),
        "terms": sorted(map(str, frame["term"].unique())),
        "as_of": float(frame["as_of"].iloc[0]),
    }


def _joined(evidence: Evidence, rows: AuditRows) -> Plain:
    """What is not known of some learners. No counts: beside the tables these could give small cohorts away."""
    attributes = attributes_in(evidence.by)
    unknown = [name for name in attributes if any(UNKNOWN in level for level in _levels(rows, name))]
    return {"attributes": attributes, "unknown_in": unknown}


def _levels(rows: AuditRows, attribute: str) -> set[tuple[str, ...]]:
    """The values of an attribute, alone or crossed."""
    found: set[tuple[str, ...]] = set()
    for cohorts in rows.cohorts.values():
        if attribute in cohorts.attributes:
            place = cohorts.attributes.index(attribute)
            found |= {(level[place],) for level in cohorts.levels}
    return found


def _flags(rows: AuditRows, flags: Flags, policy: Policy) -> Plain:
    """The rule, and where the line fell in each course; small courses are hidden, and others that give them away."""
    few_unknown = 0 < int((~rows.known).sum()) < policy.smallest
    small, with_them = hidden({cut.stratum: cut.n for cut in flags.cuts}, policy.smallest)
    kept = [cut for cut in flags.cuts if cut.stratum not in small | with_them]
    count = policy.rule.count
    return {
        "rule": flags.words,
        "flagged": None if few_unknown else count(int(flags.flag.sum())),
        "decided_by_name": _at_least(flags.decided_by_name, policy),
        "cuts": [
            {
                "stratum": cut.stratum,
                "n": None if few_unknown else count(cut.n),
                "flagged": None if few_unknown else count(cut.flagged),
                "threshold": None if cut.threshold is None else round(cut.threshold, 4),
            }
            for cut in kept
        ],
        "cuts_hidden": len(flags.cuts) - len(kept),
    }


def _at_least(count: int, policy: Policy) -> int | None:
    """A count, None where it is of a few."""
    return None if 0 < count < policy.smallest else policy.rule.count(count)
