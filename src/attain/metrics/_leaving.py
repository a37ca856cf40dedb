"""Do those who leave a skill unmastered leave because of how it goes? Then no curve of survival holds.

Kaplan-Meier takes it that who is lost at an opportunity would have gone on as those who stay. If so, leavers are right
in their last answer as often as others at the same opportunity who have not mastered the skill either and go on.
"""

import numpy as np
from numpy.typing import NDArray

from attain.core.metric import Note
from attain.metrics._practice import Practice

LEAST, GAP, DEVIATIONS = 30, 0.1, 3.0
"""Said of so many leavers, so large a difference of shares, and so many standard errors, at least."""


def leaving_note(practice: Practice) -> Note:
    """A note where leavers' last answers are clearly better or worse than those of others at the same opportunity."""
    place = practice.rows.place
    open_ = ~practice.mastered[practice.pair] | (place < practice.mastered_at[practice.pair])
    last = place == practice.opportunities[practice.pair]
    at, leaves, unit = place[open_], last[open_].astype(np.float64), practice.rows.unit[open_]
    right = practice.rows.numbers("target")[open_]

    def said(weights: NDArray[np.float64]) -> str:
        weight = weights[unit]
        left, left_right, both, both_right = (
            np.bincount(at, weight * values) for values in (leaves, leaves * right, np.ones(len(at)), right)
        )
        shared = (left > 0) & (both > left)  # opportunities at which some leave and some stay
        left, left_right, both, both_right = (v[shared] for v in (left, left_right, both, both_right))
        leavers = left.sum()
        if leavers < LEAST:
            return ""
        stay = both - left
        share = both_right / both
        excess = (left_right - left * share).sum()
        variance = (left * stay / both * share * (1 - share) * both / np.maximum(both - 1, 1)).sum()
        own, others = left_right.sum() / leavers, (left * (both_right - left_right) / stay).sum() / leavers
        if abs(own - others) < GAP or excess**2 < DEVIATIONS**2 * variance:
            return ""
        bias = "much" if own < others else "little"
        return (
            f"who leaves was right in {own:.0%} of the last answers, who stays at the same point in {others:.0%}: "
            f"leaving hangs on how it goes, and too {bias} mastery is shown"
        )

    return said
