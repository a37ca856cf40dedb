"""What a learner might be asked next: items by a policy, from what the model expects."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import unknown
from attain.core.table import SKILL_SEPARATOR
from attain.models.tutoring.zpd import ZPDParams
from attain.serve.refusals import Unknown
from attain.serve.served import Served
from attain.tasks.online import Asked

Floats = NDArray[np.float64]
TARGET = float(ZPDParams().target)
MOST = 1000


@dataclass(frozen=True)
class Choice:
    """An item that may come next.

    Attributes:
        asked: the item with its skills.
        expected: the probability of a right answer.
        again: whether the learner answered it before.
    """

    asked: Asked
    expected: float
    again: bool


def zpd(expected: Floats, mastery: Floats, target: float) -> Floats:
    """Items whose chance of a right answer is nearest to the target come first."""
    return -np.abs(expected - target)


def lowest_mastery(expected: Floats, mastery: Floats, target: float) -> Floats:
    """Items of the least known skills come first; where mastery is not said, those least likely to go well."""
    return -np.where(np.isnan(mastery), expected, mastery)


POLICIES: Mapping[str, Callable[[Floats, Floats, float], Floats]] = {"zpd": zpd, "lowest_mastery": lowest_mastery}


def choose(
    served: Served, state: bytes, seen: set[str], *, k: int, policy: str, target: float, time_s: float | None
) -> list[Choice]:
    """The `k` best items; those that the learner never answered stand before all others.

    Args:
        served: the model.
        state: what it knows of the learner.
        seen: the items that the learner answered.
        k: how many.
        policy: one of `POLICIES`.
        target: the chance of a right answer that `zpd` aims at.
        time_s: now, where answers have times.

    Raises:
        Unknown: there is no such policy, or no list of items is kept with the model.
    """
    if policy not in POLICIES:
        raise Unknown(str(unknown("policy", policy, POLICIES)))
    if served.items is None:
        raise Unknown(f"No list of items is kept with {served.name!r}: give the server one by --items FILE.")
    asked = [Asked(item, skills, time_s) for item, skills in served.items.items()]
    kinds = [one.skills for one in asked]
    expected = served.online.expect(state, asked)
    mastery = _masteries(served, state, kinds)
    worth = POLICIES[policy](expected, mastery, target)
    again = np.array([one.item in seen for one in asked], dtype=bool)
    order = np.lexsort((np.arange(len(asked)), -worth, again))[:k]
    return [Choice(asked[place], float(expected[place]), bool(again[place])) for place in order]


def _masteries(served: Served, state: bytes, kinds: Sequence[tuple[str, ...]]) -> Floats:
    """For each item the mean mastery of its skills; NaN where the model says none."""
    known = served.online.masteries(state)
    of_kind: dict[tuple[str, ...], float] = {}
    for skills in dict.fromkeys(kinds):
        joint = SKILL_SEPARATOR.join(sorted(skills))  # as some models read an answer with several skills
        said = [known[joint]] if joint in known else [known[name] for name in skills if name in known]
        of_kind[skills] = float(np.mean(said)) if said else float("nan")
    return np.array([of_kind[skills] for skills in kinds], dtype=np.float64)
