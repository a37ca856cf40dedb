"""A cheap look, after every fit, at whether a tracer's predictions use answers that they must not know."""

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.data.merge import answers_of

LEARNERS = 20
"""How many learners are looked at; those with most answers, for there is most to see."""
MOST_ROWS = 200
"""How many of each learner's first answers are looked at."""
TOLERANCE = 1e-4
"""Predictions of the same past may differ by so much: networks compute in 32 bits, in batches of other sizes."""


class Predicts(Protocol):
    """A fitted tracer, as far as it is looked at here."""

    name: ClassVar[str]

    def predict(self, log: Interactions) -> NDArray[np.floating]:
        """See `KnowledgeTracer.predict`."""
        ...


@dataclass(frozen=True)
class Peek:
    """What moved after answers were turned.

    Attributes:
        moved: predictions that moved although they stand at or before the first turned answer.
        looked_at: predictions that stand there.
        most: by how much one of them moved at most.
    """

    moved: int
    looked_at: int
    most: float


def peek(model: Predicts, log: Interactions, *, place: float = 0.5) -> Peek:
    """Turn the answers of some learners from a place in their history on, and compare the predictions up to there.

    Rows that repeat one answer under several skills are turned together: none of them may know of the others.

    Args:
        model: fitted.
        log: what it is judged on.
        place: where in each history the first turned answer stands, from 0 (its beginning) to 1.
    """
    few = _first_rows(log)
    if not len(few):
        return Peek(0, 0, 0.0)
    lengths = np.diff(few.learner_start)
    middle = few.learner_start[:-1] + np.minimum(lengths - 1, (place * lengths).astype(np.int64))
    answer = answers_of(few)
    first = np.repeat(answer[middle], lengths)
    turned = few.with_correct(np.where(answer >= first, 1 - few.correct, few.correct))
    moved = np.abs(np.asarray(model.predict(few), float) - np.asarray(model.predict(turned), float))
    early = answer <= first
    return Peek(int((moved[early] > TOLERANCE).sum()), int(early.sum()), float(moved[early].max()))


def refuse_peeking(model: Predicts, log: Interactions) -> None:
    """Refuse a model of which a prediction moves when answers are turned that it cannot have known.

    Args:
        model: fitted.
        log: what it is judged on.

    Raises:
        UserError: there is such a prediction.
    """
    found = peek(model, log)
    if found.moved:
        raise UserError(
            f"{model.name!r} looks ahead: after answers were turned, {found.moved} of {found.looked_at} predictions "
            f"moved that stand at or before the first turned answer (by up to {found.most:.2g}). A prediction may "
            "use that learner's earlier answers only. The tests that `attain new-model` writes find where."
        )


def _first_rows(log: Interactions) -> Interactions:
    lengths = np.diff(log.learner_start)
    chosen = log.present[np.argsort(-lengths, kind="stable")[:LEARNERS]]
    few = log.of_learners(chosen)
    return few.take(few.step < MOST_ROWS)
