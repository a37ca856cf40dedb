"""What the scores of flagged enrolments go by: which features pull how much, and which come first."""

from typing import Any

import numpy as np

from attain.audit.suppression import SuppressionRule
from attain.core.reasons import Reasons

Plain = dict[str, Any]  # JSON
MOST = 20
"""So many features are listed; the others are one line."""
FEW = "too few are flagged to speak of what their scores go by"


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
