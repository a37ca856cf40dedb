"""What the scores of flagged enrolments go by: which features pull how much, and which come first."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from attain.audit.small_groups import SuppressionRule
from attain.audit.words import number, of_100
from attain.core.reasons import Reasons

Plain = dict[str, Any]  # JSON
MOST = 20
"""So many features are listed; the others are one line."""
STEADIER = 0.1
"""Where reasons that may be shown agree so much more often than all features do, that is said."""
FEW = "too few are flagged to speak of what their scores go by"


@dataclass(frozen=True)
class Agreement:
    """What two refits, each to learners drawn anew, agree about.

    Attributes:
        first: of how many enrolments the first reason is the same.
        named: how many have a reason in either.
        first_topic: as `first`, with features that say nearly the same taken together.
        named_topic: as `named`, likewise.
        shared: mean overlap of their first three reasons: those in both over those in either.
        strongest: of how many enrolments the feature that raises the score most is the same, whether it may be shown or
            not.
        n: enrolments that were looked at.
        flagged: of as many as are flagged, the share whom both refits would flag.
        learners: how many learners each refit was drawn from.
    """

    first: int
    named: int
    first_topic: int
    named_topic: int
    shared: float
    strongest: int
    n: int
    flagged: float
    learners: int


def goes_by(reasons: Reasons, rule: SuppressionRule) -> Plain:
    """The features, the strongest first.

    Args:
        reasons: of flagged enrolments.
        rule: how small groups are protected.

    Returns:
        `n`, and of each of `features`: `pull` (mean absolute log-odds), `share` of all pull, whether it is
        `actionable`, and `first`: for what share of the enrolments it is the first reason that may be shown.
    """
    n = len(reasons.contribution)
    if n < max(rule.smallest, 1):
        return {"n": None, "features": [], "reason": FEW}
    pull = np.abs(reasons.contribution).mean(axis=0)
    total, first = float(pull.sum()), reasons.top(1)[:, 0]
    order = sorted(range(len(pull)), key=lambda code: (-pull[code], str(reasons.features[code])))
    listed = [
        {
            "feature": str(reasons.features[code]),
            "actionable": bool(reasons.actionable[code]),
            "pull": round(float(pull[code]), 4),
            "share": rule.share(float(pull[code]) / total if total else 0.0),
            "first": rule.share(float((first == code).mean())) if reasons.actionable[code] else None,
        }
        for code in order[:MOST]
    ]
    rest = float(pull[order[MOST:]].sum()) / total if total else 0.0
    fixed = float(pull[~reasons.actionable].sum()) / total if total else 0.0
    return {
        "n": rule.count(n),
        "features": listed,
        "rest": rule.share(rest),
        "not_actionable": rule.share(fixed),
        "none": rule.share(float((first < 0).mean())),
        "reason": "",
    }


def stability(found: Agreement | None, why: str, rule: SuppressionRule) -> Plain:
    """How often refits agree, as the record keeps it.

    Args:
        found: None where it could not be measured.
        why: why not.
        rule: how small groups are protected.

    Returns:
        `n`, the share `first` whose first reason is the same, `first_topic`, and the others of `Agreement`; or the
        `reason` why there is no number.
    """
    none = {"n": None, "first": None, "first_topic": None}
    if found is None:
        return none | {"reason": why}
    if min(found.named, found.named_topic) < max(rule.smallest, 1):
        return none | {"reason": "too few of the flagged have a reason that one could tell them"}
    return {
        "n": rule.count(found.named),
        "first": rule.share(found.first / found.named),
        "first_topic": rule.share(found.first_topic / found.named_topic),
        "shared": rule.share(found.shared),
        "strongest": rule.share(found.strongest / found.n),
        "flagged": rule.share(found.flagged),
        "learners": rule.count(found.learners),
        "reason": "",
    }


def stability_sentence(reasons: Plain) -> str:
    """How far the reasons hang on which learners the model happened to learn from.

    Args:
        reasons: of the record.
    """
    found = reasons.get("stability")
    if found is None:
        return "Whether refitting gives the same reasons was not measured; a policy with stability: true asks for it."
    if found["first"] is None:
        return f"Whether refitting gives the same reasons is not known: {found['reason']}."
    said = (
        "The model was fitted anew twice, with the same settings, each time to learners drawn with replacement from "
        f"the {number(found['learners'])} that it learned from. Of 100 flagged, {of_100(found['first'])} have the same "
        f"first reason in both refits and {of_100(found['first_topic'])} one of the same topic (of "
        f"{number(found['n'])} who have a reason); of their first three reasons {of_100(found['shared'])} of 100 are "
        f"in both. Of 100 whom one refit would flag, the other would flag {of_100(found['flagged'])}."
    )
    if found["strongest"] > found["first"] - STEADIER:
        return said
    return (
        f"{said} The first reason looks steadier than the model is, for few features may be shown: among all features "
        f"the one that raises the score most is the same for {of_100(found['strongest'])} of 100."
    )
