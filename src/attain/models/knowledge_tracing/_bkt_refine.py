"""From parameters of skills to parameters of classes within them, each class leaning on its skill."""

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from attain.data.interactions import Interactions, Names, SkillRows
from attain.models.knowledge_tracing._bkt_classes import By, Classes, histories, keys_of_rows
from attain.models.knowledge_tracing._bkt_climb import Rules, climb
from attain.models.knowledge_tracing._bkt_groups import Grouped, group
from attain.models.knowledge_tracing._bkt_parameters import PLACES, Learners, Of, Parameters
from attain.models.knowledge_tracing._bkt_tables import Floats, Tables


@dataclass(frozen=True)
class Refinement:
    """What has classes, and how they are fitted.

    Attributes:
        learn_by: whose learn and forget are.
        guess_by: whose guess and slip are.
        by_first_answer: whether the prior depends on a learner's first answer to the skill.
        learner_groups: how many groups of learners have a prior and a learn of their own.
        lean: imagined events at the skill's own rates, added to those of each class.
        pseudo_counts: shape (5, 2), imagined (yes, no) events beside them.
        rules: of the climb.
    """

    learn_by: By
    guess_by: By
    by_first_answer: bool
    learner_groups: int
    lean: float
    pseudo_counts: Floats
    rules: Rules

    @property
    def changes_nothing(self) -> bool:
        """Whether every class is a whole skill, and all learners are alike."""
        alike = self.learner_groups == 1 and not self.by_first_answer
        return alike and self.learn_by == "skill" and self.guess_by == "skill"


def refine(rows: SkillRows, log: Interactions, whole: Floats, how: Refinement) -> tuple[Learners, float]:
    """Climb from the parameters of whole skills to those of their classes, and of groups of learners.

    Args:
        rows: rows of `log`; their names are the skills.
        log: the training answers.
        whole: shape (n_skills + 1, 5), fitted to whole skills; the last row is for other skills.
        how: what has classes.

    Returns:
        The parameters, and their log-likelihood.
    """
    items = log.items[np.unique(log.item)]
    move, answer = (
        Classes.of(keys_of_rows(by, rows, log, rows.names, items), rows.skill, len(rows.names))
        for by in (how.learn_by, how.guess_by)
    )
    flat, ranges = histories(rows, log, move, answer, by_first_answer=how.by_first_answer)
    first = _by_first_answer(whole)
    start = _tables(first[:-1, 1:].ravel() if how.by_first_answer else whole[:-1, 0], whole, move, answer)
    climbed = climb(flat, ranges, start, _imagined(start, how), how.rules)
    found = Grouped((climbed.tables,), np.ones(1), float(climbed.log_likelihood.sum()))
    if how.learner_groups > 1:
        found = group(flat, ranges, climbed.tables, _imagined(climbed.tables, how), how.rules, how.learner_groups)
    total = found.log_likelihood
    if how.by_first_answer:
        seen = np.bincount(flat.prior, minlength=2 * len(rows.names)).reshape(-1, 2)
        right = (seen[:, 1] + how.pseudo_counts[0].mean()) / (seen.sum(axis=1) + how.pseudo_counts[0].sum())
        first[:-1, 0] = right
        of_first = xlogy(seen, np.column_stack([1 - right, right])).sum()
        total += float(of_first - seen.sum() * np.log(0.5))  # the climb took every first answer for a toss of a coin
    named = (_named(rows.names, items, whole, first, move, answer, own, how) for own in found.tables)
    return Learners(tuple(named), found.share), total


def _named(
    skills: Names,
    items: Names,
    whole: Floats,
    first: Floats,
    move: Classes,
    answer: Classes,
    tables: Tables,
    how: Refinement,
) -> Parameters:
    """The parameters in `tables`, and for what they do not have, those of whole skills."""
    prior, learn, guess = tables.parameters
    values, classes, told = whole.copy(), {}, None
    if how.by_first_answer:
        told = first.copy()
        told[:-1, 1:] = prior.reshape(-1, 2)
    else:
        values[:-1, 0] = prior
    for name, by, which, found in (("learn", how.learn_by, move, learn), ("guess", how.guess_by, answer, guess)):
        if by == "skill":
            values[:-1, PLACES[name]] = found[: len(skills)]
        else:
            classes[name] = Of(by, which.key, found[: len(which.key)])
    return Parameters(skills, values, items, **classes, first=told)


def _by_first_answer(whole: Floats) -> Floats:
    """What the parameters of each skill say of a first answer: see `RowParameters.first`."""
    prior, _, guess, slip, _ = whole.T
    right = prior * (1 - slip) + (1 - prior) * guess
    with np.errstate(invalid="ignore", divide="ignore"):
        known = np.column_stack([prior * slip / (1 - right), prior * (1 - slip) / right])
    return np.column_stack([right, np.where(np.isfinite(known), known, prior[:, None])])


def _tables(prior: Floats, whole: Floats, move: Classes, answer: Classes) -> Tables:
    """Each class begins as its skill; behind the last class of answers stands a coin."""
    skills = np.arange(len(whole) - 1)
    learn = whole[np.repeat(skills, np.diff(move.start))][:, PLACES["learn"]]
    guess = whole[np.repeat(skills, np.diff(answer.start))][:, PLACES["guess"]]
    return Tables.of(prior, learn, np.vstack([guess, [0.5, 0.5]]))


def _imagined(start: Tables, how: Refinement) -> Tables:
    (known, not_known), learn, guess, slip, forget = how.pseudo_counts
    out = Tables(
        np.tile([not_known, known], (len(start.prior), 1)),
        np.tile([learn[::-1], forget], (len(start.move), 1, 1)),
        np.tile([[guess[1], slip[0]], [guess[0], slip[1]]], (len(start.answer), 1, 1)),
    )
    grouped = how.learner_groups > 1
    out.prior[:] += how.lean * start.prior * (how.by_first_answer or grouped)
    out.move[:] += how.lean * start.move * (how.learn_by != "skill" or grouped)
    out.answer[:] += how.lean * start.answer * (how.guess_by != "skill")
    out.move[:, 1] *= how.rules.forgets
    return out
