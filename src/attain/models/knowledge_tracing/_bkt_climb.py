"""Expectation-maximisation, skill by skill, over histories whose answers have classes."""

from dataclasses import dataclass

import numpy as np

from attain.models.knowledge_tracing._bkt_class_kernel import climb_skills
from attain.models.knowledge_tracing._bkt_tables import Floats, Histories, Offsets, Tables, flat
from attain.models.knowledge_tracing._bkt_threads import over_skills


@dataclass(frozen=True)
class Ranges:
    """Where each skill's classes begin; each of shape (n_skills + 1,). Classes outside are never fitted."""

    prior: Offsets
    move: Offsets
    answer: Offsets


@dataclass(frozen=True)
class Rules:
    """When a climb stops, and what it may reach; see `_bkt_em.fit`."""

    forgets: bool
    guess_plus_slip_below_one: bool
    tolerance: float
    max_iterations: int


@dataclass(frozen=True)
class Climbed:
    """Where a climb ended in each skill.

    Attributes:
        tables: the parameters.
        log_likelihood: shape (n_skills,), in nats, exactly that of `tables`.
        iterations: shape (n_skills,), EM steps made.
    """

    tables: Tables
    log_likelihood: Floats
    iterations: Offsets


def climb(histories: Histories, ranges: Ranges, start: Tables, pseudo: Tables, rules: Rules) -> Climbed:
    """Climb from `start` in each skill, with `pseudo` imagined events added to the expected ones."""
    h, t = histories, start.copy()
    places = (h.skill_start, ranges.prior, ranges.move, ranges.answer)
    tables, imagined = flat(t), flat(pseudo)
    options = (rules.forgets, rules.guess_plus_slip_below_one, rules.tolerance, rules.max_iterations)
    n_skills = len(h.skill_start) - 1
    likelihood, iterations = np.empty(n_skills), np.empty(n_skills, dtype=np.int64)
    events, value = flat(Tables(*map(np.zeros_like, (t.prior, t.move, t.answer)))), np.empty(len(h.prior))
    weight = np.ones(len(h.prior))

    def part(low: int, high: int) -> None:
        climb_skills(
            low, high, places, h.columns, weight, tables, imagined, events, value, options, likelihood, iterations
        )

    over_skills(h.start[h.skill_start], part)
    return Climbed(t, likelihood, iterations)


def log_likelihood(histories: Histories, tables: Tables) -> Floats:
    """The exact log-likelihood of each skill, shape (n_skills,)."""
    whole = Ranges(*(np.zeros(len(histories.skill_start), dtype=np.int64),) * 3)
    nothing = Tables(*map(np.zeros_like, (tables.prior, tables.move, tables.answer)))
    rules = Rules(forgets=False, guess_plus_slip_below_one=False, tolerance=0, max_iterations=0)
    return climb(histories, whole, tables, nothing, rules).log_likelihood
