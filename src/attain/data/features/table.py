"""Named sets of features of enrolments, each one module of this package or one group of facts."""

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import attain.data.features
from attain.core.errors import UserError, unknown
from attain.data.enrolments import Enrolments, Fact

_OWN = "table"


class FeatureSet(Protocol):
    """What a module of a feature set offers."""

    NEEDS: tuple[str, ...]
    """Parts of the enrolments that it reads: `activity`, `results`, `schedule`."""

    ACTIONABLE: bool
    """Whether a learner could do something about what it tells: only then may it be shown as a reason."""

    FIXED: tuple[str, ...]
    """Features of it about which a learner can do nothing all the same."""

    TOPICS: Mapping[str, str]
    """Feature to topic, for those that say nearly the same: a reason is told of the topic."""

    def build(self, log: Enrolments) -> dict[str, Fact]:
        """The features, by name, from each enrolment's own row and its offering's schedule; none from another's."""
        ...


def set_names() -> list[str]:
    """Names of the sets that are computed; those of facts are the card's own."""
    names = (module.name for module in pkgutil.iter_modules(attain.data.features.__path__))
    return sorted(name for name in names if name != _OWN and not name.startswith("_"))


def available(log: Enrolments) -> list[str]:
    """Names of all sets that can be made from these enrolments."""
    groups = dict.fromkeys(fact.group for fact in log.facts.values())
    computed = [name for name in set_names() if all(getattr(log, part) is not None for part in _module(name).NEEDS)]
    return [*groups, *computed]


def feature_table(log: Enrolments, sets: Sequence[str]) -> dict[str, Fact]:
    """All features of the sets named, in that order.

    Raises:
        UserError: there is no such set, or the data have not what it is made from.
    """
    out: dict[str, Fact] = {}
    for name in sets:
        out |= _one(log, name)
    return out


def actionable(features: Mapping[str, Fact]) -> dict[str, bool]:
    """For each feature, whether a learner could do something about it; never for facts of a card."""
    own = {name: _module(name) for name in set_names()}
    sets = {name: own.get(fact.group) for name, fact in features.items()}
    return {name: it is not None and it.ACTIONABLE and name not in it.FIXED for name, it in sets.items()}


def topics() -> dict[str, str]:
    """Feature to topic, of all sets that are computed."""
    return {feature: topic for name in set_names() for feature, topic in _module(name).TOPICS.items()}


def _module(name: str) -> FeatureSet:
    module: Any = importlib.import_module(f"attain.data.features.{name}")  # a module is what it offers
    found: FeatureSet = module
    return found


def _one(log: Enrolments, name: str) -> dict[str, Fact]:
    if name in set_names():
        module = _module(name)
        lacking = [part for part in module.NEEDS if getattr(log, part) is None]
        if lacking:
            raise UserError(f"Feature set {name!r} needs {' and '.join(lacking)}, which this data set does not have.")
        return module.build(log)
    groups = sorted({fact.group for fact in log.facts.values()})
    if name not in groups:
        raise unknown("feature set", name, [*groups, *set_names()])
    return {key: fact for key, fact in log.facts.items() if fact.group == name}
