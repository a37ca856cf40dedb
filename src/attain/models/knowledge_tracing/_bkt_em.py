"""Bayesian knowledge tracing: exact expectation-maximisation from several starts.

Parameters of a skill are five probabilities in the order of `PARAMETERS`. EM runs over a tree of prefixes: two
learners whose answers to a skill begin alike have the same forward messages there, and expected counts are linear in
the backward messages, so that each distinct history is visited once, however many learners went through it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.models.knowledge_tracing._bkt_threads import over_skills
from attain.models.knowledge_tracing._bkt_tree_kernel import Floats, fit_skills, forward
from attain.models.knowledge_tracing._prefix_tree import PrefixTree

PARAMETERS = ("prior", "learn", "guess", "slip", "forget")
TOLERANCE = 1e-5
MAX_ITERATIONS = 2000


@dataclass(frozen=True)
class Fit:
    """The best of several starts, for each skill.

    Attributes:
        parameters: shape (n_skills, 5).
        log_likelihood: shape (n_skills,), in nats, exactly that of `parameters`.
        iterations: shape (n_skills,), EM steps made, all starts together.
        ends: shape (n_skills, n_starts, 5), where the climb from each start ended (with several starts, where a step
            added less than `_bkt_tree_kernel.SCREENING` tolerances).
        reached: shape (n_skills, n_starts), the log-likelihood there.
    """

    parameters: Floats
    log_likelihood: Floats
    iterations: NDArray[np.int64]
    ends: Floats
    reached: Floats


def fit(
    tree: PrefixTree,
    starts: Floats,
    *,
    forgets: bool = False,
    tolerance: float = TOLERANCE,
    max_iterations: int = MAX_ITERATIONS,
    pseudo_counts: Floats | None = None,
    guess_plus_slip_below_one: bool = False,
) -> Fit:
    """Fit every skill from every start by EM, and keep the best.

    Args:
        tree: the sequences.
        starts: shape (n_starts, 5), or (n_skills, n_starts, 5) for other starts in each skill.
        forgets: whether `forget` is learned; else it stays 0 whatever the starts say.
        tolerance: EM stops when a step adds less than this to the log-likelihood (with pseudo-counts, to the
            log-posterior), in nats.
        max_iterations: EM steps a start, at most.
        pseudo_counts: shape (5, 2), for each parameter the number of imagined (yes, no) events added to the expected
            ones; the mode of a posterior under Beta priors. None for the maximum of the likelihood.
        guess_plus_slip_below_one: keep `guess + slip` at most 1, so that a right answer never speaks against knowing.
    """
    n_skills = len(tree.start) - 1
    each = np.ascontiguousarray(np.broadcast_to(starts, (n_skills, *starts.shape[-2:])), dtype=float).copy()
    pseudo = np.zeros((5, 2)) if pseudo_counts is None else pseudo_counts.astype(float)
    if not forgets:
        each[:, :, 4], pseudo[4] = 0, 0
    options = (forgets, guess_plus_slip_below_one, tolerance, max_iterations)
    best, likelihood, reached = np.empty((n_skills, 5)), np.empty(n_skills), np.empty(each.shape[:2])
    iterations = np.empty(n_skills, dtype=np.int64)
    out = (each, reached, best, likelihood, iterations)
    over_skills(tree.start, lambda low, high: fit_skills(low, high, tree.start, tree.columns, pseudo, options, *out))
    return Fit(best, likelihood, iterations, each, reached)


def log_likelihood(tree: PrefixTree, parameters: Floats) -> Floats:
    """The exact log-likelihood of each skill, shape (n_skills,), for parameters of shape (n_skills, 5)."""
    alpha, shift = np.empty((len(tree.parent), 2)), np.empty(len(tree.parent))
    bounds = zip(parameters, tree.start[:-1], tree.start[1:], strict=True)
    return np.array([forward(p, *tree.columns, low, high, alpha, shift) for p, low, high in bounds])
