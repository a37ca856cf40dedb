"""Why each score is what it is: what every feature added to it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Reasons:
    """What each feature adds to the log-odds of each of n scores, beside what all have in common.

    They tell what a model goes by. They do not tell what causes an outcome, nor that changing a feature changes it.

    Attributes:
        features: names; shape (n_features,).
        actionable: shape (n_features,), whether a learner could do something about it; others are never shown as a
            reason, though they are counted here.
        base: log-odds that all scores begin with.
        contribution: shape (n, n_features), in log-odds; with `base` they add up to those of the score.
    """

    features: NDArray[np.object_]
    actionable: NDArray[np.bool_]
    base: float
    contribution: NDArray[np.float64]

    def top(self, most: int = 3) -> NDArray[np.int64]:
        """The features that may be shown and raise each score most, the strongest first.

        Returns:
            shape (n, most), codes into `features`; -1 where there are fewer.

        >>> names = np.array(["age", "missed", "clicks"], dtype=object)
        >>> Reasons(names, np.array([False, True, True]), -1.0, np.array([[2.0, 0.5, -0.1]])).top(2)
        array([[ 1, -1]])
        """
        raises = np.where(self.actionable & (self.contribution > 0), self.contribution, 0)
        order = np.argsort(-raises, axis=1, kind="stable")[:, :most]
        found = np.where(np.take_along_axis(raises, order, axis=1) > 0, order, -1)
        return np.pad(found, ((0, 0), (0, most - found.shape[1])), constant_values=-1)

    def grouped(self, topics: Mapping[str, str]) -> "Reasons":
        """The same by topic: features that say nearly the same share their weight by chance, and their sum does not.

        Args:
            topics: feature to topic; those that are not in it stay as they are. A topic is actionable if all in it are.
        """
        named = np.array([topics.get(str(name), str(name)) for name in self.features], dtype=str)
        names, group = np.unique(named, return_inverse=True)
        member = group == np.arange(len(names))[:, None]
        actionable = np.array([self.actionable[own].all() for own in member], dtype=bool)
        return Reasons(names.astype(object), actionable, self.base, self.contribution @ member.T)


def same_first(one: Reasons, other: Reasons) -> float:
    """Share of scores whose first reason is the same in both, among those that have a reason in either; NaN for none.

    Args:
        one: of some scores.
        other: of the same ones, by a model that was fitted anew, with the same features.
    """
    first = [reasons.features.astype(str)[reasons.top(1)[:, 0]] for reasons in (one, other)]
    none = [reasons.top(1)[:, 0] < 0 for reasons in (one, other)]
    some = ~(none[0] & none[1])
    same = (first[0] == first[1]) & ~none[0] & ~none[1]
    return float(same[some].mean()) if some.any() else float("nan")


def shared_top(one: Reasons, other: Reasons, most: int = 3) -> float:
    """Mean overlap of the first reasons: those in both over those in either, as `same_first` counts; NaN for none."""
    sets = [_named(reasons, most) for reasons in (one, other)]
    overlaps = [len(a & b) / len(a | b) for a, b in zip(*sets, strict=True) if a | b]
    return float(np.mean(overlaps)) if overlaps else float("nan")


def _named(reasons: Reasons, most: int) -> list[set[str]]:
    return [{str(reasons.features[code]) for code in row if code >= 0} for row in reasons.top(most)]
