"""Bayesian knowledge tracing one answer at a time: what `_bkt_forward` does to a log, for one learner in use."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from attain.core.table import SKILL_SEPARATOR
from attain.data.interactions import SkillMode
from attain.models.knowledge_tracing._bkt_forward import NEVER, chance, update
from attain.models.knowledge_tracing._bkt_parameters import PLACES, Learners, Parameters
from attain.tasks.online import Asked


@dataclass
class Learner:
    """What is known of one learner.

    Attributes:
        known: for each practised skill the probability of knowing it, by group of learners.
        last: the item of the last answer to each practised skill.
        groups: how likely the learner is of each group.
    """

    groups: list[float]
    known: dict[str, list[float]] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, state: bytes) -> "Learner":
        """From what `state` gave."""
        return cls(**json.loads(state))

    @property
    def state(self) -> bytes:
        """As bytes."""
        return json.dumps(vars(self), separators=(",", ":"), ensure_ascii=False).encode()


class Steps:
    """The parameters of a fitted model, at hand by name.

    Args:
        learners: the parameters.
        mode: how an answer with several skills is read.
    """

    def __init__(self, learners: Learners, mode: SkillMode) -> None:
        self._mode, self._share = mode, learners.share.tolist()
        self._groups = [_Group(parameters) for parameters in learners.groups]
        self.skills: list[str] = [str(name) for name in learners.groups[0].skills]
        self._remembers_items = any(group.by_item for group in self._groups)

    def start(self) -> Learner:
        """A learner of whom nothing is known."""
        return Learner(list(self._share))

    def expect(self, learner: Learner, asked: Sequence[Asked]) -> NDArray[np.float64]:
        """See `Online.expect`."""
        return np.array([self._chance(learner, one) for one in asked], dtype=np.float64).clip(0, 1)

    def update(self, learner: Learner, asked: Asked, correct: int) -> Learner:
        """The learner after one more answer."""
        skills = _read(asked, self._mode)
        after = Learner(learner.groups, dict(learner.known), dict(learner.last))
        said = [0.0] * len(self._groups)
        for g, right in enumerate(self._rights(learner, asked.item, skills)):
            for value in right:
                value = min(max(value, NEVER), 1 - NEVER)
                said[g] += log(value if correct else 1 - value)
        begun = {skill for skill in skills if skill not in learner.known}
        for skill in skills:
            known = after.known.get(skill)
            after.known[skill] = [
                group.after(
                    None if known is None else known[g], skill, after, asked.item, correct, begins=skill in begun
                )
                for g, group in enumerate(self._groups)
            ]
            if self._remembers_items:
                after.last[skill] = asked.item
        weights = [share * exp(one - max(said)) for share, one in zip(learner.groups, said, strict=True)]
        after.groups = [weight / sum(weights) for weight in weights]
        return after

    def masteries(self, learner: Learner, of: Asked | None) -> Mapping[str, float]:
        """See `Online.masteries`."""
        names = dict.fromkeys([*self.skills, *learner.known] if of is None else _read(of, self._mode))
        return {name: self._mastery(learner, name) for name in names}

    def _mastery(self, learner: Learner, skill: str) -> float:
        known = learner.known.get(skill) or [group.values(skill)[0] for group in self._groups]
        return min(sum(share * value for share, value in zip(learner.groups, known, strict=True)), 1.0)

    def _chance(self, learner: Learner, asked: Asked) -> float:
        rights = self._rights(learner, asked.item, _read(asked, self._mode))
        return sum(share * sum(right) / len(right) for share, right in zip(learner.groups, rights, strict=True))

    def _rights(self, learner: Learner, item: str, skills: Sequence[str]) -> list[list[float]]:
        """For each group the probability of a right answer by each skill."""
        return [
            [
                group.right(None if (known := learner.known.get(skill)) is None else known[g], skill, learner, item)
                for skill in skills
            ]
            for g, group in enumerate(self._groups)
        ]


class _Group:
    """The parameters of one group of learners; see `Parameters.of_rows`, which finds the same for a log."""

    def __init__(self, parameters: Parameters) -> None:
        self._values = parameters.values.tolist()
        self._first = None if parameters.first is None else parameters.first.tolist()
        self._skill = {str(name): place for place, name in enumerate(parameters.skills)}
        self._item = {str(name): place for place, name in enumerate(parameters.items)}
        self._classes = {
            name: (of.by, dict(zip(of.key.tolist(), of.values.tolist(), strict=True)))
            for name in PLACES
            if (of := getattr(parameters, name)) is not None
        }
        self.by_item = any(by == "pair" for by, _ in self._classes.values())

    def values(self, skill: str, item: str | None = None, last: str | None = None) -> list[float]:
        """Prior, learn, guess, slip and forget of an answer."""
        values: list[float] = list(self._values[self._skill.get(skill, -1)])
        for name, (by, of_key) in self._classes.items():
            key = self._key(by, skill, item, last)
            if key is not None and (own := of_key.get(key)) is not None:
                for place, value in zip(PLACES[name], own, strict=True):
                    values[place] = value
        return values

    def right(self, known: float | None, skill: str, learner: Learner, item: str) -> float:
        """The probability of a right answer; `known` is None before the first answer to the skill."""
        if known is None and self._first is not None:
            return float(self._first[self._skill.get(skill, -1)][0])
        prior, _, guess, slip, _ = self.values(skill, item, learner.last.get(skill))
        return float(chance(prior if known is None else known, guess, slip))

    def after(
        self, known: float | None, skill: str, learner: Learner, item: str, correct: int, *, begins: bool
    ) -> float:
        """The probability of knowing the skill after the answer, with which practice of it may begin."""
        prior, learn, guess, slip, forget = self.values(skill, item, learner.last.get(skill))
        known = prior if known is None else known
        if begins and self._first is not None:
            known, guess, slip = self._first[self._skill.get(skill, -1)][1 + correct], 0.5, 0.5
        return float(update(known, correct, learn, guess, slip, forget))

    def _key(self, by: str, skill: str, item: str | None, last: str | None) -> int | None:
        """As `keys_of_rows` numbers classes; None where a name is not known."""
        place = self._skill.get(skill)
        if by == "skill" or place is None:
            return place
        n = len(self._item)
        if by == "pair" and last is None:
            return (place * n + 1) * (n + 1) - 1
        if item not in self._item:
            return None
        key = place * n + self._item[item]
        if by == "item":
            return key
        return None if last not in self._item else key * (n + 1) + self._item[last]


def _read(asked: Asked, mode: SkillMode) -> Sequence[str]:
    """The skills that an answer is read as; see `skill_rows`."""
    if mode == "combination":
        return (SKILL_SEPARATOR.join(sorted(set(asked.skills))),)
    if not asked.skills:
        return ("",)
    return asked.skills[:1] if mode == "first" else asked.skills
