"""How able a learner was just before an answer, by a tracer that never saw the item: nothing of it may leak.

Items are parted. For each part, a tracer is fitted on the answers to items outside it, and asked what it expects of
each answer in it from the learner's earlier answers outside it, as if the item were one that nobody has seen. What it
expects is then that of a usual item of the same skills. Where enough answers are to items that people wrote, generated
items never count as history: they would seem as hard as usual ones, and they are what is in question.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.core.ragged import pick
from attain.core.rng import rng
from attain.data.interactions import Interactions
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer

PARTS = 5
HISTORY = 100
"""Earlier answers that are told, at most: the last ones."""
ENOUGH = 0.2
"""Share of answers that must be to items that people wrote, for these alone to be the history."""
BLOCK = 1_000_000
"""Rows that a tracer is asked at once."""
NEW = "(an item that nobody has seen)"
CLIP = 1e-3
"""Probabilities are kept so far from 0 and 1 before they become logits."""


@dataclass(frozen=True, eq=False)
class Part:
    """Items whose answers are judged together.

    Attributes:
        judged: shape (n_items,).
        left_out: shape (n_items,), items whose answers the tracer sees neither in fitting nor as history; `judged` and
            maybe more.
    """

    judged: NDArray[np.bool_]
    left_out: NDArray[np.bool_]


def parts_of(log: Interactions, generated: NDArray[np.bool_], *, seed: int = 0) -> list[Part]:
    """The parts of items, at random.

    Args:
        log: all answers.
        generated: shape (n_items,).
        seed: of the draw.
    """
    drawn = rng(seed, "items").permutation(len(generated)) % min(PARTS, max(len(generated), 1))
    if generated.any() and (~generated[log.item]).mean() >= ENOUGH:
        human = [
            Part(~generated & (drawn == k), generated | (drawn == k)) for k in range(int(drawn.max(initial=0)) + 1)
        ]
        return [Part(generated, generated), *(part for part in human if part.judged.any())]
    return [Part(drawn == k, drawn == k) for k in range(int(drawn.max(initial=-1)) + 1)]


def abilities(
    log: Interactions,
    wanted: NDArray[np.bool_],
    parts: list[Part],
    tracer: Callable[[], KnowledgeTracer],
    *,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Logit of P(right) expected just before each wanted answer; NaN for the others; shape (n,).

    Args:
        log: all answers.
        wanted: shape (n,), which to judge.
        parts: of items.
        tracer: makes a model that is not fitted.
        seed: of the fits.

    Raises:
        UserError: a part leaves no answer to learn from.
    """
    out = np.full(len(log), np.nan)
    for number, part in enumerate(parts):
        kept = ~part.left_out[log.item]
        if not kept.any():
            raise UserError(
                "Abilities cannot be measured: there are no answers to other items than those that are judged. Add "
                "answers to further items, name a column with abilities (`--ability-column`), or leave them to the "
                "joint model (`--ability joint`)."
            )
        model = tracer()
        model.fit(log.take(kept), FitContext(rng=rng(seed, "ability", number), warn=lambda _: None))
        for rows, asked in _asked(log, kept, np.flatnonzero(part.judged[log.item] & wanted)):
            last = asked.learner_start[1:] - 1
            chance = np.asarray(model.predict(asked), dtype=np.float64)[last].clip(CLIP, 1 - CLIP)
            out[rows] = np.log(chance / (1 - chance))
    return out


def _asked(
    log: Interactions, kept: NDArray[np.bool_], judged: NDArray[np.int64]
) -> Iterator[tuple[NDArray[np.int64], Interactions]]:
    """Logs in which each judged answer is the last one of a learner of its own, after the earlier kept ones; in blocks.

    So the answer to one judged item is no history of the next.
    """
    history = np.flatnonzero(kept)
    before = np.cumsum(kept).astype(np.int64)  # kept answers up to each row; a judged one is not kept
    first = log.learner_start[:-1][np.searchsorted(log.present, log.learner[judged])]
    high = before[judged]
    low = np.maximum(before[first] - kept[first].astype(np.int64), high - HISTORY)
    length = high - low + 1
    block = np.cumsum(length) // BLOCK
    for number in np.unique(block):
        own = np.flatnonzero(block == number)
        yield judged[own], _one_log(log, history, judged[own], low[own], high[own])


def _one_log(
    log: Interactions,
    history: NDArray[np.int64],
    judged: NDArray[np.int64],
    low: NDArray[np.int64],
    high: NDArray[np.int64],
) -> Interactions:
    length = high - low + 1
    start = np.cumsum(length) - length
    who = np.repeat(np.arange(len(judged)), length)
    place = np.arange(len(who)) - start[who]
    is_judged = place == length[who] - 1
    source = history[np.minimum(low[who] + place, max(len(history) - 1, 0))]
    source[is_judged] = judged
    skills, skill_start = pick(log.skill_start, source)
    return replace(
        log,
        learner=who.astype(np.int32),
        item=np.where(is_judged, len(log.items), log.item[source]).astype(np.int32),
        correct=np.where(is_judged, 0, log.correct[source]).astype(np.int8),
        skill=log.skill[skills],
        skill_start=skill_start,
        row=np.arange(len(who)),
        learners=np.arange(len(judged)).astype(str).astype(object),
        items=np.append(log.items, NEW),
        time_s=None if log.time_s is None else log.time_s[source],
        duration_s=None if log.duration_s is None else np.where(is_judged, np.nan, log.duration_s[source]),
    )
