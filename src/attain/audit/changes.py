"""Which single change would have taken flagged enrolments under the line, as the model has it: of many together."""

import pandas as pd

from attain.audit.shown import Plain
from attain.audit.small_groups import SuppressionRule
from attain.audit.words import number, of_100

MOST = 10
"""So many features are listed; the others are one line."""
FEW = "too few are flagged to speak of what would take them under the line"


def smallest_changes(found: pd.DataFrame | None, n: int, why: str, rule: SuppressionRule) -> Plain:
    """For how many the smallest change is one of each feature, and what it typically is.

    Args:
        found: one row for each enrolment that has such a change, its smallest: `feature`, `now` and `needed`; None
            where it is not known.
        n: enrolments that were looked at.
        why: why it is not known.
        rule: how small groups are protected.

    Returns:
        `n`, the share `none` for which no single change would do, and of each feature that is the smallest change of
        enough enrolments its `share`, and the medians `now` and `needed`; the share `rest` of the others.
    """
    nothing: Plain = {"n": None, "none": None, "rest": None, "features": []}
    if found is None:
        return nothing | {"reason": why}
    if n < max(rule.smallest, 1):
        return nothing | {"reason": FEW}
    sizes = found["feature"].value_counts()
    kept = sorted(sizes.index[sizes >= max(rule.smallest, 1)], key=lambda name: (-sizes[name], name))[:MOST]
    features = []
    for name in kept:
        own = found[found["feature"] == name]
        middle = {side: float(f"{own[side].median():.3g}") for side in ("now", "needed")}
        features.append({"feature": str(name), "share": rule.share(len(own) / n), **middle})
    rest = len(found) - int(sizes[kept].sum())
    return {
        "n": rule.count(n),
        "none": rule.share(1 - len(found) / n),
        "rest": rule.share(rest / n),
        "features": features,
        "reason": "",
    }


def changes_sentence(reasons: Plain) -> str:
    """How many flags hang on one thing that a learner could act on, in words that promise nothing.

    Args:
        reasons: of the record.
    """
    found = reasons.get("changes")
    if found is None or found["none"] is None:
        return (
            f"Whether one change would have taken flags away is not known: {(found or {}).get('reason', 'not asked')}."
        )
    return (
        f"Of 100 flagged, {of_100(1 - found['none'])} would have been under the line with one value changed of a "
        f"number that a learner could act on, all else as it is ({number(found['n'])} were looked at). Only values "
        "that earlier learners had were tried, and of several changes that is the smallest which the fewest earlier "
        "learners lie between. It says what the model goes by: it gives a lower risk to such values, which does not "
        "mean that reaching them helps; and whoever falls under the line makes place for the next."
    )
