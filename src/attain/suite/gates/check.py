"""What one check of a gate found, and what several of them come to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["passed", "failed", "unknown"]
Result = Literal["promoted", "refused", "inconclusive"]


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        name: `comparison`, `fairness`, `data` or `audit`.
        outcome: `unknown` where nobody can tell, which is no pass.
        sentence: for people, with the figures.
        details: further sentences, one a cohort or file.
        figures: the numbers, as JSON.
    """

    name: str
    outcome: Outcome
    sentence: str
    details: tuple[str, ...] = ()
    figures: dict[str, Any] = field(default_factory=dict)  # JSON


def together(checks: Sequence[Check]) -> Outcome:
    """The worst of them: failed, else unknown, else passed."""
    outcomes = [check.outcome for check in checks]
    return "failed" if "failed" in outcomes else "unknown" if "unknown" in outcomes else "passed"
