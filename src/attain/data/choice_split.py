"""Which choices a recommender learns from, and which later ones it is judged on."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.errors import UserError
from attain.core.rng import rng
from attain.core.strict import Strict
from attain.data.choices import Choices
from attain.data.split import Fold


class Lists(Strict):
    """How lists are made, whichever way the choices are parted."""

    depth: int = Field(default=20, ge=1, le=100)
    """How many items a list has."""
    repeats: Literal["hide", "keep"] = "hide"
    """Whether items that the learner took before may be listed, and count when they are taken again."""
    candidates: Literal["all", "startable"] = "all"
    """Which items may be listed: all of the catalogue, or those whose direct prerequisites the learner took before."""
    seed: int = 0
    """Seed of what is drawn: the order of items with equal scores, and the pairs that are held out."""


class ByMoment(Lists):
    """Learn from everything up to a moment, the same for all learners, and be judged on what they took later."""

    by: Literal["moment"] = "moment"
    train_share: float = Field(default=0.8, gt=0, lt=1)
    """The share of all events, the earliest ones, that is learned from."""


class ByOrder(Lists):
    """Of each learner the last part is held out. Others' later choices are learned from, as their order in time is not
    known."""

    by: Literal["order"] = "order"
    held_out: float = Field(default=0.2, gt=0, lt=1)
    """The share of each learner's events, the last ones, that is held out (at least one)."""


class LastOut(Lists):
    """Of each learner the very last event is held out: what most papers do, and what leaks most."""

    by: Literal["last"] = "last"


class ByPairs(Lists):
    """Of each learner some events are held out at random: for sets whose order means nothing."""

    by: Literal["pairs"] = "pairs"
    held_out: float = Field(default=0.2, gt=0, lt=1)
    """The share of each learner's events that is held out (at least one)."""


ChoiceSplit = ByMoment | ByOrder | LastOut | ByPairs


@dataclass(frozen=True, eq=False)
class RankingFold(Fold[Choices]):
    """One held-out part, and how lists are made for it.

    `test` holds the learners with held-out events: their history, and (`scored`) what they took later.
    """

    lists: Lists


def make(split: ChoiceSplit, log: Choices) -> RankingFold:
    """The one fold of a split.

    Raises:
        UserError: the set does not have what the split goes by, or a part would be empty.
    """
    later = _later(split, log)
    history = ~later & _known(split, log)
    held_out = later & ~log.repeated if split.repeats == "hide" else later
    judged = np.zeros(len(log.learners), dtype=bool)
    judged[log.learner[held_out]] = True
    train = log.take(history)
    if not len(train) or not judged.any():
        lacking = "to hold out" if len(train) else "to learn from"
        raise UserError(f"The split by {split.by} leaves no events {lacking}. Hold out another share of the events.")
    rows = judged[log.learner] & (history | held_out)
    return RankingFold(0, train, log.take(rows), held_out[rows], split)


def _later(split: ChoiceSplit, log: Choices) -> NDArray[np.bool_]:
    """The events that are not learned from; shape (n,)."""
    if isinstance(split, ByMoment):
        if log.time_s is None or np.isnan(log.time_s).all():
            raise UserError(
                "A split by moment needs times, and this data set has none. Use 'by: order' or 'by: pairs'."
            )
        return np.asarray(log.time_s > np.nanquantile(log.time_s, split.train_share))
    count = np.diff(log.learner_start)
    place: NDArray[np.integer]
    if isinstance(split, ByPairs):
        place = _shuffled_places(log, split.seed)
    elif log.ordered:
        place = log.step
    else:
        raise UserError(f"A split by {split.by} needs an order, which this data set does not have. Use 'by: pairs'.")
    held_out = np.ones_like(count) if isinstance(split, LastOut) else np.maximum(1, np.rint(split.held_out * count))
    return np.asarray(place >= np.repeat(count - np.where(count > 1, held_out, 0), count))


def _known(split: ChoiceSplit, log: Choices) -> NDArray[np.bool_]:
    """The events of which it is known when they were; shape (n,)."""
    if isinstance(split, ByMoment) and log.time_s is not None:
        return ~np.isnan(log.time_s)
    return np.ones(len(log), dtype=bool)


def _shuffled_places(log: Choices, seed: int) -> NDArray[np.int64]:
    """A place among its learner's events for each, drawn; shape (n,)."""
    order = np.lexsort((rng(seed, "pairs held out").random(len(log)), log.learner))
    place = np.empty(len(log), dtype=np.int64)
    place[order] = log.step
    return place
