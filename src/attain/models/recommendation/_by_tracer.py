"""What a knowledge tracer says of items that a learner might be given next."""

from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.component import Params
from attain.core.errors import UserError
from attain.core.ragged import pick
from attain.data.choices import Choices
from attain.data.interactions import Interactions
from attain.models._saved import Learned, read, write
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import MODELS, KnowledgeTracer
from attain.tasks.recommendation import Recommender

ROWS = 2_000_000
"""Answers that a tracer is shown at once."""
TRACER = "tracer"
"""Folder of the saved tracer."""


class ByTracerParams(Params):
    """Parameters of recommenders that ask a knowledge tracer."""

    tracer: str = "bkt"
    """Name of any knowledge tracer, as `attain list models` shows it."""
    tracer_params: dict[str, Any] = Field(default={})  # the tracer's own class checks them
    """Its params; the others keep their defaults."""
    prerequisites: bool = True
    """Whether items of which a direct prerequisite was not taken yet come last."""


class ByTracer(Recommender):
    """Fits a tracer to the training answers, and asks it of one item for each set of skills: the most practised one.

    Items of the same skills share what it says, and stand in the order of how many learners took them. Any tracer will
    do: it is shown each learner's history with supposed answers after it, once for each set of skills, which for s
    sets costs s times what a prediction of the histories costs.
    """

    params: ByTracerParams
    learned: Learned
    """Arrays `set_of_item`, shape (n_items,), `asked`, shape (n_sets,), the item that stands for each set, and
    `takers`, shape (n_items,)."""
    _tracer: KnowledgeTracer

    def check_data(self, log: Choices | Interactions) -> None:
        """See `Component.check_data`."""
        if log.correct is None or not len(log.skills):
            raise UserError(f"{self.name!r} needs answers, right or wrong, and skills; this data set lacks them.")
        self._new_tracer()

    def fit(self, log: Choices, context: FitContext) -> None:
        """See `Recommender.fit`."""
        tracer = self._new_tracer()
        tracer.fit(log.interactions, context)
        self._tracer = tracer
        takers = np.bincount(log.item[~log.repeated], minlength=len(log.items)).astype(np.float32)
        _, number = np.unique(log.skill_text.astype(str), return_inverse=True)
        order = np.lexsort((np.arange(len(number)), -takers, number))
        first = order[np.flatnonzero(np.diff(number[order], prepend=-1))]
        arrays = {"set_of_item": number.astype(np.int32), "asked": first.astype(np.int32), "takers": takers}
        self.learned = Learned(arrays, {"items": log.items})

    def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
        """See `Recommender.score`."""
        arrays = self.learned.arrays
        log, asked = history.interactions, arrays["asked"].astype(np.int32)
        begins, ends = np.searchsorted(log.learner, learners), np.searchsorted(log.learner, learners, side="right")
        rows = np.cumsum((ends - begins + 2) * len(asked))
        parts = np.split(np.arange(len(learners)), np.flatnonzero(np.diff(rows // ROWS)) + 1)
        worth = np.concatenate([self.worth(log, begins[at], ends[at], history, asked) for at in parts])
        liked = arrays["takers"].astype(np.float32) / max(float(arrays["takers"].max(initial=0)), 1)
        scores = worth[:, arrays["set_of_item"].astype(np.int64)] + 1e-4 * liked
        if self.params.prerequisites:
            scores[self._too_early(history, learners)] -= 10
        return np.asarray(scores, dtype=np.float32)

    def worth(
        self,
        log: Interactions,
        begins: NDArray[np.int64],
        ends: NDArray[np.int64],
        history: Choices,
        asked: NDArray[np.int32],
    ) -> NDArray[np.float64]:
        """How good each item of `asked` would be for some learners, within [-1, 1].

        Args:
            log: the answers of all learners.
            begins: shape (m,), where the answers of these learners begin.
            ends: shape (m,), where they end.
            history: the choices, for what items are about.
            asked: shape (n_sets,), codes of items.

        Returns:
            shape (m, n_sets).
        """
        raise NotImplementedError

    def save(self, folder: Path) -> None:
        """See `Recommender.save`."""
        write(self, self.learned, folder)
        (folder / TRACER).mkdir(exist_ok=True)
        self._tracer.save(folder / TRACER)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """See `Recommender.load`."""
        model, learned = read(cls, folder)
        model.learned = learned
        model._tracer = MODELS.get(model.params.tracer).load(folder / TRACER)
        return model

    def _new_tracer(self) -> KnowledgeTracer:
        return MODELS.get(self.params.tracer).create(**self.params.tracer_params)

    def _too_early(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which items have a direct prerequisite that the learner did not take; shape (n_learners, n_items)."""
        took = np.zeros((len(learners), len(history.items)), dtype=bool)
        took[np.searchsorted(learners, history.learner), history.item] = True
        early = np.zeros_like(took)
        for before, after in zip(history.before, history.after, strict=True):
            early[:, after] |= ~took[:, before]
        return early


def supposed(
    log: Interactions,
    begins: NDArray[np.int64],
    ends: NDArray[np.int64],
    history: Choices,
    asked: NDArray[np.int32],
    *,
    correct: int,
) -> Interactions:
    """Each learner's answers once for every item of `asked`, and then two more: to that item, and to it again.

    Args:
        log: as in `worth`, and so are the others.
        begins: as there.
        ends: as there.
        history: as there.
        asked: as there.
        correct: the first of the two supposed answers.

    Returns:
        A log of m * n_asked learners of its own; the supposed answers are the last two of each.
    """
    n, counts = len(begins) * len(asked), np.repeat(ends - begins, len(asked))
    size = counts + 2
    last = np.cumsum(size) - 1
    old = np.ones(int(size.sum()), dtype=bool)
    old[last] = old[last - 1] = False
    from_row = np.zeros(len(old), dtype=np.int64)
    from_row[old] = np.arange(int(counts.sum())) + np.repeat(
        np.repeat(begins, len(asked)) - (np.cumsum(counts) - counts), counts
    )
    item, right = np.empty(len(old), dtype=np.int32), np.full(len(old), correct, dtype=np.int8)
    item[old], right[old] = log.item[from_row[old]], log.correct[from_row[old]]
    item[~old] = np.repeat(np.tile(asked, len(begins)), 2)
    places, skill_start = pick(history.skill_start, item)
    return Interactions(
        learner=np.repeat(np.arange(n, dtype=np.int32), size),
        item=item,
        correct=right,
        skill=history.skill[places],
        skill_start=skill_start,
        row=np.arange(len(old), dtype=np.int64),
        learners=np.arange(n).astype(str).astype(object),
        items=log.items,
        skills=log.skills,
        time_s=None if log.time_s is None else _held(_of(log.time_s, from_row, old), last, counts),
        duration_s=None if log.duration_s is None else _of(log.duration_s, from_row, old).astype(np.float32),
    )


def _of(values: NDArray[np.floating], from_row: NDArray[np.int64], old: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The values of the answers that were given; NaN for those that are supposed."""
    out = np.full(len(old), np.nan)
    out[old] = values[from_row[old]]
    return out


def _held(time: NDArray[np.float64], last: NDArray[np.int64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Times in which the supposed answers come right after the latest given one, or at 0."""
    time[last - 1] = time[last] = np.where(counts > 0, time[last - 2], 0.0)
    return time
