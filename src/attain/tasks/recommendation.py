"""Recommending: which items, of those that a learner could take next, will be taken?

This measures agreement with what learners did, not what they gained by it; for that see `attain policies`.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attain.core.component import Component
from attain.core.errors import UserError
from attain.core.registry import Registry
from attain.core.rng import rng
from attain.core.table import Predictions, predictions
from attain.data import choice_split
from attain.data.choice_split import ByMoment, ByOrder, ByPairs, ChoiceSplit, LastOut, Lists, RankingFold
from attain.data.choices import Choices, choices_of
from attain.data.dataset import Dataset
from attain.data.interactions import Interactions
from attain.tasks._lists import first_places
from attain.tasks.context import FitContext

NAME = "recommendation"
CONTENT = (Choices, Interactions)
"""What a data set of this task holds; answers are read as choices."""
HAS_CANARIES = False
TRAINING = ("all",)
"""What a suite may have models learn from."""
METRICS = ("ndcg@10", "list_recall@10", "hit_rate@10", "mrr@10", "coverage@10", "novelty@10")
"""Metrics of a suite that names none."""
SPLIT = ByOrder()
"""The split of a suite that names none."""
BASELINES = ("random", "popularity")
"""Models that stand in every table, for what they reach takes no look at any learner."""
PROTOCOL = {
    "judged": "learners who took something in the held-out part",
    "relevant": "every item that the learner took in the held-out part",
    "equal scores": "in an order drawn once by the split's seed",
}
"""How lists are judged, for the record that every number carries."""
HEAD, MIDDLE = 0.5, 0.8
"""Items are dealt into popularity groups by their share of the training events, from the most taken on: the head
holds the first half of all events, the middle goes on to four fifths, the tail is the rest."""


class Recommender(Component):
    """Adapter of a recommender: scores for the items of a catalogue, from what learners took so far.

    The framework hides items that may not be listed, ranks the others, breaks ties and makes the blocks.
    """

    @abstractmethod
    def fit(self, log: Choices, context: FitContext) -> None:
        """Learn from the events of the training part."""

    @abstractmethod
    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """How well each item of the catalogue suits each learner now; higher is listed first.

        Args:
            history: what these learners took up to now, and of nobody else; learners that `fit` did not see, and
                learners without history, are allowed.
            learners: shape (m,), codes into `history.learners`, ascending.

        Returns:
            shape (m, len(history.items)), finite.
        """

    @abstractmethod
    def save(self, folder: Path) -> None:
        """Write what `fit` learned into `folder`, as arrays and JSON; never a pickle."""

    @classmethod
    @abstractmethod
    def load(cls, folder: Path) -> Self:
        """The model that `save` wrote; it scores the same."""


MODELS: Registry[Recommender] = Registry(
    NAME,
    Recommender,  # type: ignore[type-abstract]  # the registry only compares with it
    "attain.models.recommendation",
)


def columns(dataset: Dataset[Any], adapter: type[Recommender]) -> frozenset[str]:  # of choices or answers
    """What the predictions table of such a model on such a data set will hold."""
    about = {"skill", "n_skills"} if len(dataset.log.skills) else set()
    return frozenset({*_KEYS, *_COUNTS, *about})


def count(split: object, dataset: Dataset[Any]) -> int:
    """How many folds a split has on a data set: one."""
    _checked(split)
    return 1


def inner(split: object, folds: int, seed: int) -> tuple[object, int]:
    """How a training part is parted again, where params are sought in it: as the whole, its later part held out."""
    return split, 1


def make_fold(split: object, dataset: Dataset[Any], index: int) -> RankingFold:
    """The fold with number `index`."""
    log = dataset.log
    return choice_split.make(_checked(split), choices_of(log) if isinstance(log, Interactions) else log)


def guarded(split: object, fold: RankingFold, allow: Mapping[str, str]) -> list[dict[str, object]]:
    """Nothing: what a recommender may know of a learner, the framework hands to it.

    Raises:
        UserError: the suite allows something.
    """
    if allow:
        raise UserError("Recommendation has no guard to be allowed anything; take `allow` out.")
    return []


def said_beside(model: Callable[[], Recommender], split: object, dataset: Dataset[Any], seed: int) -> str:
    """What stands beside the figures of a split that lets the future in; "" for the split by moment."""
    return _SAID[_checked(split).by]


def run(model: Recommender, fold: RankingFold, context: FitContext) -> Predictions:
    """Fit on the training part and judge on the held-out part: one fold in a notebook or script, without a suite."""
    model.fit(fold.train, context)
    return judge(model, fold)


def look(model: Recommender, fold: RankingFold) -> None:
    """Refuse a recommender whose scores for a learner change with who else is scored.

    Raises:
        UserError: they do.
    """
    history = fold.test.take(~fold.scored)
    learners = np.unique(fold.test.learner)[:_FEW]
    together = _scores(model, history.of_learners(learners), learners)
    for place, learner in enumerate(learners):
        alone = _scores(model, history.of_learners(learners[place : place + 1]), learners[place : place + 1])
        moved = float(np.abs(alone[0] - together[place]).max(initial=0))
        if moved > _TOLERANCE * max(1.0, float(np.abs(together[place]).max(initial=0))):
            raise UserError(
                f"{model.name!r} mixes learners: scores change by up to {moved:.2g} when others are scored beside "
                f"{history.learners[learner]!r}. Fit what learners share in `fit`, on the training part."
            )


def judge(model: Recommender, fold: RankingFold) -> Predictions:
    """The predictions table of a fitted model: one row for each item that is listed or relevant."""
    blocks = list(_blocks(model, fold))
    table = pd.concat(blocks, ignore_index=True) if len(blocks) > 1 else blocks[0]
    log = fold.train
    group = _popularity_group(log)
    item, learner = table.pop("item").to_numpy(), table.pop("learner").to_numpy()
    keys = pd.DataFrame(
        {
            "fold": np.full(len(table), fold.index, dtype=np.int32),
            "example": learner.astype(np.int64) * len(log.items) + item,
            "unit": pd.Categorical.from_codes(learner, categories=pd.Index(log.learners, dtype="str")),
            "target": table["target"].astype(float),
            "item": pd.Categorical.from_codes(item, categories=pd.Index(log.items, dtype="str")),
            "rank": table["rank"],
            "seen": table["seen"],
            "eligible": table["eligible"],
            "taken_share": _taken_share(log)[item],
            "popularity_group": group[item],
            **_habits(fold, group, learner),
            "n_items": np.int32(len(log.items)),
            "depth": np.int32(fold.lists.depth),
        }
    )
    if len(log.skills):
        joint, names = pd.factorize(log.skill_text, sort=True)
        keys["skill"] = pd.Categorical.from_codes(joint[item], categories=pd.Index(names, dtype="str"))
        keys["n_skills"] = np.int32(len(log.skills))
    scored = predictions(keys, table["score"].to_numpy(), low=None, high=None)
    for name in ("unit", "item"):
        scored[name] = scored[name].cat.remove_unused_categories()
    return Predictions(scored)


def counts(dataset: Dataset[Any]) -> dict[str, int]:
    """What a data set holds, for people."""
    log = dataset.log
    return {"events": len(log), "learners": len(log.present), "items": len(log.items), "skills": len(log.skills)}


def sizes(fold: RankingFold) -> dict[str, int]:
    """How much a fold has to learn from and to judge."""
    return {
        "events/train": len(fold.train),
        "events/test": int(fold.scored.sum()),
        "learners/train": len(fold.train.present),
    }


_KEYS = ("fold", "example", "unit", "target", "score", "item", "rank", "seen", "eligible")
_COUNTS = (
    *("taken_share", "popularity_group", "history_head", "history_middle", "history_tail"),
    *("n_items", "depth"),
)
_FEW = 20
_TOLERANCE = 1e-3
_BLOCK_BYTES = 64 << 20
_SAID = {
    "moment": "",
    "order": "Each learner's last events are held out, so models learned from what others did later: "
    "figures are somewhat higher than in use.",
    "last": "Leave-last-out: the models learned from events that came after those they are judged on, and one event a "
    "learner is a noisy target. Read the order of models with care, and prefer `by: moment` or `by: order`.",
    "pairs": "Held out at random, for the order is not known: figures say how well gaps are filled, not what comes "
    "next.",
}


def _checked(split: object) -> ChoiceSplit:
    if not isinstance(split, ByMoment | ByOrder | LastOut | ByPairs):
        raise UserError(
            f"A split by {getattr(split, 'by', split)} is not for recommending; use moment, order, pairs or last."
        )
    return split


def _scores(model: Recommender, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.float32]:
    scores = np.ascontiguousarray(model.score(history, learners), dtype=np.float32)
    if scores.shape != (wanted := (len(learners), len(history.items))):
        raise UserError(f"{model.name!r}: score() gave shape {scores.shape}; it must give {wanted}.")
    if not np.isfinite(scores).all():
        raise UserError(f"{model.name!r}: score() gave {int((~np.isfinite(scores)).sum())} scores that are no numbers.")
    return scores


def _blocks(model: Recommender, fold: RankingFold) -> Iterator[pd.DataFrame]:
    """The rows of the table, for as many learners at a time as fit into the memory for a block."""
    learners = np.unique(fold.test.learner)
    size = max(1, _BLOCK_BYTES // (4 * max(1, len(fold.train.items))))
    order = rng(fold.lists.seed, "equal scores").permutation(len(fold.train.items)).astype(np.int32)
    for begin in range(0, len(learners), size):
        block = learners[begin : begin + size]
        own = np.isin(fold.test.learner, block)
        test, scored = fold.test.take(own), fold.scored[own]
        history = test.take(~scored)
        yield _rows(block, history, test.take(scored), _scores(model, history, block), fold.lists, order)


def _rows(
    learners: NDArray[np.int32],
    history: Choices,
    later: Choices,
    scores: NDArray[np.float32],
    lists: Lists,
    order: NDArray[np.int32],
) -> pd.DataFrame:
    """What is listed and what is relevant: `learner`, `item`, `target`, `score`, `rank`, `seen`, `eligible`."""
    seen = _marked(learners, history)
    eligible = np.ones_like(seen) if lists.repeats == "keep" else ~seen
    eligible &= _startable(seen, history)
    allowed = (
        eligible if lists.candidates == "startable" else (~seen if lists.repeats == "hide" else np.ones_like(seen))
    )
    listed = first_places(scores, allowed, order, lists.depth)
    relevant = _marked(learners, later)
    rank = np.full(scores.shape, np.nan, dtype=np.float32)
    row, place = np.nonzero(listed >= 0)
    rank[row, listed[row, place]] = place + 1
    at, item = np.nonzero(relevant | ~np.isnan(rank))
    return pd.DataFrame(
        {
            "learner": learners[at],
            "item": item.astype(np.int32),
            "target": relevant[at, item],
            "score": scores[at, item],
            "rank": rank[at, item],
            "seen": seen[at, item],
            "eligible": eligible[at, item],
        }
    )


def _marked(learners: NDArray[np.int32], log: Choices) -> NDArray[np.bool_]:
    """Which items each learner took; shape (len(learners), n_items)."""
    out = np.zeros((len(learners), len(log.items)), dtype=bool)
    out[np.searchsorted(learners, log.learner), log.item] = True
    return out


def _startable(seen: NDArray[np.bool_], log: Choices) -> NDArray[np.bool_]:
    """Which items have all their direct prerequisites among those that the learner took; shape as `seen`."""
    lacking = np.zeros(seen.shape, dtype=bool)
    for before, after in zip(log.before, log.after, strict=True):
        lacking[:, after] |= ~seen[:, before]
    return ~lacking


def _taken_share(log: Choices) -> NDArray[np.float32]:
    """The share of the training learners who took each item; shape (n_items,)."""
    takers = np.bincount(log.item[~log.repeated], minlength=len(log.items))
    return np.asarray(takers / len(log.present), dtype=np.float32)


def _popularity_group(log: Choices) -> NDArray[np.int8]:
    """0, 1 or 2 for the head, the middle and the tail; shape (n_items,)."""
    events = np.bincount(log.item, minlength=len(log.items))
    order = np.argsort(-events, kind="stable")
    before = np.cumsum(events[order]) - events[order]  # events of the items that more took
    group = np.empty(len(events), dtype=np.int8)
    group[order] = np.searchsorted([HEAD * len(log), MIDDLE * len(log)], before, side="right")
    return group


def _habits(fold: RankingFold, group: NDArray[np.int8], learner: NDArray[np.int32]) -> dict[str, NDArray[np.float32]]:
    """The shares of each row's learner's own earlier events in the popularity groups; NaN without any."""
    history = fold.test.take(~fold.scored)
    counts = np.zeros((len(history.learners), 3))
    np.add.at(counts, (history.learner, group[history.item]), 1)
    with np.errstate(invalid="ignore"):
        shares = (counts / counts.sum(axis=1, keepdims=True)).astype(np.float32)
    return {f"history_{name}": shares[learner, k] for k, name in enumerate(("head", "middle", "tail"))}
