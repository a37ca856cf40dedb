"""How knowledge works in a simulated world: what an answer depends on, and how practice changes it."""

from abc import ABC, abstractmethod

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.data.simulate.options import SimulateOptions
from attain.data.simulate.world import World

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def logit(p: Floats | float) -> Floats:
    """The log odds of a probability."""
    return np.asarray(np.log(p) - np.log1p(-np.asarray(p)))


def expit(x: Floats) -> Floats:
    """The probability with these log odds."""
    return np.asarray(1 / (1 + np.exp(-x)))


class Knowledge(ABC):
    """The state of all learners; the arguments name some learners and what each of them works on."""

    def __init__(self, world: World, options: SimulateOptions) -> None:
        self.world, self.effect = world, options.prerequisite_effect

    @abstractmethod
    def known(self) -> Bools:
        """Which skills are known; shape (n_learners, n_skills)."""

    @abstractmethod
    def chance(self, learner: Ints, item: Ints) -> Floats:
        """Probability of a right answer; shape (len(learner),)."""

    @abstractmethod
    def practise(self, learner: Ints, skill: Ints, rng: np.random.Generator) -> None:
        """Learners have had an opportunity on a skill."""

    @abstractmethod
    def parameters(self) -> pd.DataFrame:
        """The parameters of each skill, in the order of the skills."""

    def ready(self, learner: Ints, skill: Ints) -> Floats:
        """What the chance to learn is multiplied with: less where a prerequisite is not known, or learning is slow."""
        missing = (self.world.needs[skill] & ~self.known()[learner]).any(axis=1)
        return np.asarray(self.world.speed[learner] * np.where(missing, self.effect, 1.0))


class Bkt(Knowledge):
    """Each skill is known or not, and never forgotten (Corbett & Anderson 1995, the four-parameter model).

    An item with two skills is answered from knowledge only when both are known.
    """

    def __init__(self, world: World, options: SimulateOptions, rng: np.random.Generator) -> None:
        super().__init__(world, options)
        n = options.skills
        self.prior, self.learn = rng.uniform(0.05, 0.45, n), rng.uniform(0.08, 0.30, n)
        self.guess, self.slip = rng.uniform(0.10, 0.30, n), rng.uniform(0.04, 0.15, n)
        self.state = rng.random((options.learners, n)) < self.prior

    def known(self) -> Bools:
        """See `Knowledge.known`."""
        return np.asarray(self.state)

    def chance(self, learner: Ints, item: Ints) -> Floats:
        """See `Knowledge.chance`."""
        first, second = self.world.item_skill[item].T
        second = np.where(second < 0, first, second)
        both = self.state[learner, first] & self.state[learner, second]
        slip, guess = (self.slip[first] + self.slip[second]) / 2, (self.guess[first] + self.guess[second]) / 2
        return np.asarray(expit(logit(np.where(both, 1 - slip, guess)) - self.world.difficulty[item]))

    def practise(self, learner: Ints, skill: Ints, rng: np.random.Generator) -> None:
        """See `Knowledge.practise`."""
        learned = rng.random(len(learner)) < self.learn[skill] * self.ready(learner, skill)
        self.state[learner, skill] |= learned

    def parameters(self) -> pd.DataFrame:
        """See `Knowledge.parameters`."""
        return pd.DataFrame({"prior": self.prior, "learn": self.learn, "guess": self.guess, "slip": self.slip})


class Irt(Knowledge):
    """An ability for each skill that grows with each opportunity; answers follow a Rasch model.

    A skill counts as known when an item of mean difficulty is answered rightly with probability 0.85 or more.
    """

    enough = float(logit(0.85))

    def __init__(self, world: World, options: SimulateOptions, rng: np.random.Generator) -> None:
        super().__init__(world, options)
        n = options.skills
        self.growth, self.level = rng.uniform(0.10, 0.35, n), rng.normal(-0.3, 0.4, n)
        general = rng.normal(0, 0.8, (options.learners, 1))
        self.ability = self.level + general + rng.normal(0, 0.4, (options.learners, n))

    def known(self) -> Bools:
        """See `Knowledge.known`."""
        return np.asarray(self.ability >= self.enough)

    def chance(self, learner: Ints, item: Ints) -> Floats:
        """See `Knowledge.chance`."""
        first, second = self.world.item_skill[item].T
        second = np.where(second < 0, first, second)
        ability = (self.ability[learner, first] + self.ability[learner, second]) / 2
        return np.asarray(expit(ability - self.world.difficulty[item]))

    def practise(self, learner: Ints, skill: Ints, rng: np.random.Generator) -> None:
        """See `Knowledge.practise`."""
        self.ability[learner, skill] += self.growth[skill] * self.ready(learner, skill)

    def parameters(self) -> pd.DataFrame:
        """See `Knowledge.parameters`."""
        return pd.DataFrame({"level": self.level, "growth": self.growth})
