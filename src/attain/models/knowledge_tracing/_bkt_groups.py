"""Groups of learners who know and learn otherwise than others, and how likely each learner is of which."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, logsumexp

from attain.models.knowledge_tracing._bkt_class_kernel import expect_skills, improve, weigh_skills
from attain.models.knowledge_tracing._bkt_climb import Ranges, Rules
from attain.models.knowledge_tracing._bkt_tables import Floats, Histories, Offsets, Tables, flat
from attain.models.knowledge_tracing._bkt_threads import over_skills

APART = 1.0
"""By how many log-odds the priors and learning rates of neighbouring groups differ where the climb begins."""
STEPS = 200
"""EM steps, at most."""
ENOUGH = 1e-6
"""The climb stops when a step adds less than this share of the log-likelihood."""


@dataclass(frozen=True)
class Grouped:
    """What was found.

    Attributes:
        tables: of each group; they differ in prior and move.
        share: shape (n_groups,), of learners.
        log_likelihood: in nats.
    """

    tables: tuple[Tables, ...]
    share: Floats
    log_likelihood: float


def group(h: Histories, ranges: Ranges, one: Tables, pseudo: Tables, rules: Rules, n_groups: int) -> Grouped:
    """Part learners into groups by EM, from the parameters that fit all of them together.

    A learner is of one group in all skills; which one is never known, but by the answers. Groups share guess and slip.

    Args:
        h: the histories.
        ranges: where each skill's classes begin.
        one: fitted to all learners as one group.
        pseudo: imagined events, those at the rates of `one` that a group leans on included.
        rules: of the climb; `tolerance` and `max_iterations` are of whole skills and not used.
        n_groups: how many.
    """
    places = np.arange(n_groups) - (n_groups - 1) / 2
    groups = [_shifted(one, APART * place) for place in places]
    learner = np.unique(h.learner, return_inverse=True)[1]
    share, reached = np.full(n_groups, 1 / n_groups), -np.inf
    for _ in range(STEPS):
        member, value = _members(h, learner, groups, share)
        if value - reached < ENOUGH * abs(value):
            break
        reached, share = value, member.mean(axis=0)
        groups = _improved(h, ranges, groups, pseudo, member[learner], rules)
    return Grouped(tuple(groups), share, _members(h, learner, groups, share)[1])


def _shifted(tables: Tables, shift: float) -> Tables:
    """Prior and learning rate at odds that are `exp(shift)` times as high."""
    out = tables.copy()
    for row in (out.prior, out.move[:, 0]):
        row[:, 1] = expit(logit(row[:, 1]) + shift)
        row[:, 0] = 1 - row[:, 1]
    return out


def _members(h: Histories, learner: Offsets, groups: list[Tables], share: Floats) -> tuple[Floats, float]:
    """How likely each learner is of each group, shape (n_learners, n_groups); and the log-likelihood of all answers."""
    value = [_values(h, tables) for tables in groups]
    each = np.stack([np.bincount(learner, weights=own) for own in value], axis=1) + np.log(share)
    whole = logsumexp(each, axis=1, keepdims=True)
    return np.exp(each - whole), float(whole.sum())


def _values(h: Histories, tables: Tables) -> Floats:
    """The log-likelihood of each history."""
    value = np.empty(len(h.learner))
    over_skills(
        h.start[h.skill_start],
        lambda low, high: weigh_skills(low, high, h.skill_start, h.columns, flat(tables), value),
    )
    return value


def _add_expected(h: Histories, tables: Tables, weight: Floats, events: Tables) -> None:
    value = np.empty(len(weight))
    over_skills(
        h.start[h.skill_start],
        lambda low, high: expect_skills(low, high, h.skill_start, h.columns, weight, flat(tables), flat(events), value),
    )


def _improved(
    h: Histories, ranges: Ranges, groups: list[Tables], pseudo: Tables, weight: Floats, rules: Rules
) -> list[Tables]:
    """One EM step; `weight` of shape (n_histories, n_groups)."""
    n_prior, n_move, n_answer = (int(r[-1]) for r in (ranges.prior, ranges.move, ranges.answer))
    options = (rules.forgets, rules.guess_plus_slip_below_one)
    answer, out = pseudo.answer.copy(), []
    for tables, own in zip(groups, np.ascontiguousarray(weight.T), strict=True):
        events, new = Tables(pseudo.prior.copy(), pseudo.move.copy(), answer), tables.copy()
        _add_expected(h, tables, own, events)
        improve(((0, n_prior), (0, n_move), (0, 0)), flat(events), flat(new), *options)
        out.append(new)
    of_all = flat(Tables(pseudo.prior, pseudo.move, answer))
    for new in out:
        improve(((0, 0), (0, 0), (0, n_answer)), of_all, flat(new), *options)
    return out
