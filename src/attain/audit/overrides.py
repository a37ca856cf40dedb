"""What advisors did with the flags: their decisions and the later outcomes, as the ledger tells them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from attain.audit.small_groups import SuppressionRule

Plain = dict[str, Any]  # JSON
MADE, DECIDED = "audit.make", "audit.decide"
"""Actions in the ledger."""
Decision = Literal["support", "no_support"]


@dataclass(frozen=True)
class Noted:
    """One line of the ledger about one enrolment.

    Attributes:
        audit: id of the audit on which it rests.
        enrolment: `example` of the predictions table.
        flagged: whether the learner was flagged.
        decision: whether support was given; None where the line is of the outcome only.
        outcome: whether the learner had the outcome; None where that is not known yet.
        by: who decided or wrote it down.
        because: why.
    """

    audit: str
    enrolment: int
    flagged: bool
    decision: Decision | None
    outcome: bool | None
    by: str = ""
    because: str = ""


def noted(details: Mapping[str, Any], by: str = "") -> Noted:  # JSON
    """A line's details as `attain audit decide` wrote them, and who did."""
    return Noted(
        str(details["audit"]),
        int(details["enrolment"]),
        bool(details["flagged"]),
        details.get("decision"),
        details.get("outcome"),
        by,
        str(details.get("because") or ""),
    )


def in_steps(lines: Sequence[Noted], rule: SuppressionRule) -> Sequence[Noted]:
    """The lines up to the last full step of as many as are the smallest group that is shown.

    Counts that are looked at again and again would otherwise tell of each new decision by what it changed.
    """
    return lines[: len(lines) - len(lines) % max(rule.smallest, 1)]


def deciders(lines: Iterable[Noted]) -> list[str]:
    """Who decided, by name."""
    return sorted({line.by for line in lines if line.decision is not None})


def common_reasons(lines: Iterable[Noted], rule: SuppressionRule) -> list[str]:
    """The reasons that were given for so many learners that none of them is pointed at, the most frequent first."""
    given: dict[str, set[tuple[str, int]]] = {}
    for line in lines:
        if line.decision is not None:
            given.setdefault(line.because.strip(), set()).add((line.audit, line.enrolment))
    return sorted(
        (why for why, of in given.items() if len(of) >= rule.smallest), key=lambda why: (-len(given[why]), why)
    )


def overrides(lines: Iterable[Noted], rule: SuppressionRule) -> Plain:
    """Count decisions, those against the flag, and how these ended; the last word on each enrolment counts.

    Args:
        lines: of the ledger, the oldest first.
        rule: counts of fewer learners than its `smallest` are None.
    """
    decisions: dict[tuple[str, int], Noted] = {}
    outcomes: dict[tuple[str, int], bool] = {}
    for line in lines:
        key = (line.audit, line.enrolment)
        if line.decision is not None:
            decisions[key] = line
        if line.outcome is not None:
            outcomes[key] = line.outcome
    kinds = {
        "flagged_supported": (True, "support"),
        "flagged_not_supported": (True, "no_support"),
        "not_flagged_supported": (False, "support"),
        "not_flagged_not_supported": (False, "no_support"),
    }
    found: Plain = {}
    for name, kind in kinds.items():
        own = [key for key, line in decisions.items() if (line.flagged, line.decision) == kind]
        known = [outcomes[key] for key in own if key in outcomes]
        found[name] = {"decisions": len(own), "outcomes_known": len(known), "had_outcome": sum(known)}
    if _few(found, rule):
        return {"decisions": rule.count(len(decisions)) if len(decisions) >= rule.smallest else None, "hidden": True}
    counted = {name: {key: rule.count(size) for key, size in part.items()} for name, part in found.items()}
    return {"decisions": rule.count(len(decisions)), "hidden": False, **counted}


def _few(found: Plain, rule: SuppressionRule) -> bool:
    """Whether any group of people is so small that its numbers would speak of persons."""
    sizes = [part[key] for part in found.values() for key in ("decisions", "outcomes_known")]
    rest = [part["decisions"] - part["outcomes_known"] for part in found.values() if part["outcomes_known"]]
    return any(0 < size < rule.smallest for size in (*sizes, *rest))
