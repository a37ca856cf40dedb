"""A cheap look, after every fit, at whether a tracer's predictions use answers that they must not know."""

import numpy as np

from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.tasks.knowledge_tracing import KnowledgeTracer

LEARNERS = 20
"""How many learners are looked at; those with most answers, for there is most to see."""
MOST_ROWS = 200
"""How many of each learner's first answers are looked at."""
TOLERANCE = 1e-4
"""Predictions of the same past may differ by so much: networks compute in 32 bits, in batches of other sizes."""


def refuse_peeking(model: KnowledgeTracer, log: Interactions) -> None:
    """Turn the answers of some learners from the middle of their history on, and compare the predictions up to there.

    Args:
        model: fitted.
        log: what it is judged on.

    Raises:
        UserError: a prediction moved that cannot have known of any of those answers.
    """
    few = _first_rows(log)
    if not len(few):
        return
    lengths = np.diff(few.learner_start)
    middle = np.repeat(lengths // 2, lengths)
    turned = few.with_correct(np.where(few.step >= middle, 1 - few.correct, few.correct))
    moved = np.abs(np.asarray(model.predict(few), float) - np.asarray(model.predict(turned), float))
    early = few.step <= middle
    if (bad := int((moved[early] > TOLERANCE).sum())) > 0:
        raise UserError(
            f"{model.name!r} looks ahead: after answers were turned, {bad} of {int(early.sum())} predictions moved "
            f"that stand at or before the first turned answer (by up to {moved[early].max():.2g}). A prediction may "
            "use that learner's earlier answers only. The tests that `attain new-model` writes find where."
        )


def _first_rows(log: Interactions) -> Interactions:
    lengths = np.diff(log.learner_start)
    chosen = log.present[np.argsort(-lengths, kind="stable")[:LEARNERS]]
    few = log.of_learners(chosen)
    return few.take(few.step < MOST_ROWS)
