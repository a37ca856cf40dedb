"""What advisors did with the flags: their decisions and the later outcomes, as the ledger tells them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from attain.audit.suppression import SuppressionRule

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
    """

    audit: str
    enrolment: int
    flagged: bool
    decision: Decision | None
    outcome: bool | None


def noted(details: Mapping[str, Any]) -> Noted:  # JSON
    """A line's details as `attain audit decide` wrote them."""
    return Noted(
        str(details["audit"]),
        int(details["enrolment"]),
        bool(details["flagged"]),
        details.get("decision"),
        details.get("outcome"),
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
