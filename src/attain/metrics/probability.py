"""How good are predicted probabilities of a right answer: ranking, error, likelihood.

All read `target` (1 right, 0 wrong) and `score` (the predicted probability); rows whose target is unknown are left out.
"""

from dataclasses import replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from attain.core.metric import Computed, Statistic, Sums, metric
from attain.core.table import Rows
from attain.metrics._answers import ONE_CLASS, counted_note, judged, mean_of_rows, ratio, rows_of_units
from attain.metrics._auc import SortedAnswers

CLIP = 1e-15
"""Probabilities are kept this far from 0 and 1 in `log_loss`."""

Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


@metric(direction="max", unit="probability", needs="target score", source="Hanley & McNeil 1982")
def auc(rows: Rows) -> Statistic:
    """Probability that a right answer was scored above a wrong one, over all pairs of answers; ties count half."""
    rows = judged(rows)
    return Computed(SortedAnswers.of(rows).mean, rows_of_units(rows), ONE_CLASS)


@metric(direction="max", unit="probability", needs="target score step", written="at", source="Das et al., CEUR 3051")
def cold_start_auc(rows: Rows, k: Count = 5) -> Statistic:
    """AUC over the first k answers of each learner, whatever their skills, taken together.

    These are the answers with step 0 to k - 1 in the data set: not the k-th answer alone, and not the first k on each
    skill. Under a split by time only those of them that come after the cut count, that is, newcomers' first answers.
    """
    rows = judged(rows.where(rows.numbers("step") < k))
    return Computed(SortedAnswers.of(rows).mean, rows_of_units(rows), ONE_CLASS)


@metric(direction="max", unit="probability", needs="target score", source="Pelanek 2018, UMUAI 28")
def auc_learner_mean(rows: Rows) -> Statistic:
    """Mean over learners of the AUC among one learner's answers; learners with one class are left out."""
    rows = judged(rows)
    count = rows_of_units(rows)
    here = count > 0
    area = np.full(rows.n_units, np.nan)
    area[here] = SortedAnswers.of(rows, rows.unit).by_group(np.ones(rows.n_units))
    both = ~np.isnan(area)
    said = counted_note(
        (here & ~both).astype(float), here.astype(float), "learners left out", "only right or only wrong answers"
    )
    by_unit = np.column_stack([np.where(both, area, 0), both])
    return Sums(by_unit, ratio, "no learner has both right and wrong answers", said, np.where(both, count, 0))


@metric(direction="max", unit="probability", needs="target score skill step", grain="pair", source="Pelanek 2018")
def auc_skill_mean(rows: Rows) -> Statistic:
    """Mean over skills of the AUC among the answers that practise the skill; skills with one class are left out.

    An answer with several skills counts for each of them; each skill counts once, however often it is practised.
    """
    rows = judged(rows)
    ranked = SortedAnswers.of(rows, rows["skill"])

    def said(weights: NDArray[np.float64]) -> str:
        here = len(np.unique(rows["skill"][weights[rows.unit] > 0]))
        left_out = here - int((~np.isnan(ranked.by_group(weights))).sum())
        return f"{left_out:,} of {here:,} skills left out: only right or only wrong answers" if left_out else ""

    return Computed(ranked.mean, rows_of_units(rows), "no skill has both right and wrong answers", said)


@metric(direction="max", unit="share", needs="target score", written="at")
def accuracy(rows: Rows, threshold: Share = 0.5) -> Statistic:
    """Share of answers predicted rightly, when a score of the threshold or more is read as right."""
    rows = judged(rows)
    return mean_of_rows(rows, (rows.numbers("score") >= threshold) == (rows.numbers("target") > 0.5))


@metric(direction="min", unit="probability", needs="target score")
def rmse(rows: Rows) -> Statistic:
    """Root of the mean squared distance between score and answer."""
    squared = mean_of_rows(rows := judged(rows), (rows.numbers("score") - rows.numbers("target")) ** 2)
    return replace(squared, value=lambda sums: np.sqrt(ratio(sums)))


@metric(direction="min", unit="score", needs="target score", source="Brier 1950")
def brier(rows: Rows) -> Statistic:
    """Mean squared distance between score and answer."""
    rows = judged(rows)
    return mean_of_rows(rows, (rows.numbers("score") - rows.numbers("target")) ** 2)


@metric(direction="min", unit="nats", needs="target score")
def log_loss(rows: Rows) -> Statistic:
    """Mean negative log-likelihood of the answers in nats; scores are clipped at 1e-15."""
    rows = judged(rows)
    score, right = rows.numbers("score"), rows.numbers("target") > 0.5
    of_answer = np.where(right, score, 1 - score)
    mean = mean_of_rows(rows, -np.log(of_answer.clip(CLIP)))
    clipped = rows.sum_by_unit(of_answer < CLIP)
    said = counted_note(clipped, mean.by_unit[:, 1], "answers clipped", "the model held them to be impossible")
    return replace(mean, said=said)


@metric(direction="none", unit="share", needs="target")
def share_correct(rows: Rows) -> Statistic:
    """Share of right answers: what a model that knows nothing should predict."""
    rows = judged(rows)
    return mean_of_rows(rows, rows.numbers("target"))
