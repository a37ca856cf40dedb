"""Sentences that must stand beside figures of items."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from attain.metrics.items.classical import Classical
from attain.metrics.items.exposure import Exposure
from attain.metrics.items.rasch import Rasch
from attain.suite.items.prepare import Asked

Floats = NDArray[np.float64]

BY_LOT = ("random", "lot")
"""What a column of exposures may call items that were given without regard to ability."""


def declared_in(rows: Asked) -> dict[str, int]:
    """How items came to be asked, as the answers say, and how many of each; nothing where they do not."""
    said = rows.column(rows.responses.exposure)
    if said is None:
        return {}
    names, counts = np.unique(said.astype(str), return_counts=True)
    return {name or "(not said)": int(count) for name, count in zip(names, counts, strict=True)}


def doubted(declared: Mapping[str, int], given: Exposure) -> list[str]:
    """What answers say of how items came to be asked, where the test says otherwise."""
    if given.depends and declared and all(name.casefold() in BY_LOT for name in declared):
        return ["the answers say that items were given at random, and yet abler learners were asked other items"]
    return []


def remarks_on(rows: Asked, shares: Classical, joint: Rasch, theta: Floats, *, joint_only: bool) -> list[str]:
    """What the answers lack, in words; `joint_only` where abilities are those of the joint model."""
    found = []
    if extreme := int(((shares.right == 0) | (shares.right == shares.n))[shares.n > 0].sum()):
        found.append(
            f"items that are all right or all wrong: {extreme:,}; their difficulty is finite by its prior only"
        )
    if missing := int(np.isnan(theta).sum()):
        found.append(f"answers without a known ability do not count for difficulties ({missing:,})")
    learners = np.bincount(rows.learner)
    if (learners > 0).sum() == 1:
        found.append("all answers are by one learner: what is said of items is said of this learner only")
    if joint_only and np.median(learners[learners > 0]) < 5:
        found.append("half of the learners answered fewer than five items: a joint model can hardly tell who is able")
    if not joint.converged:
        found.append("the joint model did not settle")
    return found
