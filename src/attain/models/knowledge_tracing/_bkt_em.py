"""Bayesian knowledge tracing: exact expectation-maximisation, in machine code.

Parameters of a skill are five probabilities in the order of `PARAMETERS`. EM runs over a tree of prefixes: two
learners whose answers to a skill begin alike have the same forward messages there, and expected counts are linear in
the backward messages, so that each distinct history is visited once, however many learners went through it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled
from attain.models.knowledge_tracing._prefix_tree import PrefixTree

PARAMETERS = ("prior", "learn", "guess", "slip", "forget")
TOLERANCE = 1e-5
MAX_ITERATIONS = 2000
SCREENING = 100
"""Several starts are first climbed from with this many times the tolerance; only the best is followed to the end."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Fit:
    """The best of several starts, for each skill.

    Attributes:
        parameters: shape (n_skills, 5).
        log_likelihood: shape (n_skills,), in nats, exactly that of `parameters`.
        iterations: shape (n_skills,), EM steps made, all starts together.
    """

    parameters: Floats
    log_likelihood: Floats
    iterations: NDArray[np.int64]


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
    return Fit(*_fit(tree.start, tree.parent, tree.right, tree.count, tree.ends, each, pseudo, *options))


def log_likelihood(tree: PrefixTree, parameters: Floats) -> Floats:
    """The exact log-likelihood of each skill, shape (n_skills,), for parameters of shape (n_skills, 5)."""
    known, scale = np.empty(len(tree.parent)), np.empty(len(tree.parent))
    bounds = zip(parameters, tree.start[:-1], tree.start[1:], strict=True)
    return np.array(
        [_forward(p, tree.parent, tree.right, tree.count, low, high, known, scale) for p, low, high in bounds]
    )


@compiled
def _forward(
    parameters: Floats,
    parent: Ints,
    right: NDArray[np.int8],
    count: Floats,
    low: int,
    high: int,
    known: Floats,
    scale: Floats,
) -> float:
    """The log-likelihood of the skill with nodes low..high.

    Fills, for each node, `known` (probability of knowing the skill, given the history) and `scale` (probability of
    the last answer, given those before).
    """
    prior, learn, guess, slip, forget = parameters
    total = 0.0
    for node in range(low, high):
        before = prior if parent[node] < 0 else known[parent[node]] * (1 - forget - learn) + learn
        if_known = before * ((1 - slip) if right[node] else slip)
        p = if_known + (1 - before) * (guess if right[node] else (1 - guess))
        scale[node] = p
        known[node] = if_known / p if p > 0 else before
        total += count[node] * np.log(p)
    return total


@compiled
def _expected(
    parameters: Floats,
    parent: Ints,
    right: NDArray[np.int8],
    ends: Floats,
    low: int,
    high: int,
    known: Floats,
    scale: Floats,
    beta: Floats,
    events: Floats,
) -> None:
    """Fill `events`, shape (5, 2): the expected number of (yes, no) events of each parameter.

    `beta`, shape (n_nodes, 2), is scratch: the scaled backward message of (not known, known), summed over the
    sequences that go through the node.
    """
    _, learn, guess, slip, forget = parameters
    prior_yes = prior_no = learn_yes = learn_no = guess_yes = guess_no = 0.0
    slip_yes = slip_no = forget_yes = forget_no = 0.0
    for node in range(low, high):
        beta[node, 0] = beta[node, 1] = ends[node]
    for node in range(high - 1, low - 1, -1):
        not_known = (1 - known[node]) * beta[node, 0]
        is_known = known[node] * beta[node, 1]
        if right[node]:
            guess_yes += not_known
            slip_no += is_known
            to_not, to_known = guess * beta[node, 0] / scale[node], (1 - slip) * beta[node, 1] / scale[node]
        else:
            guess_no += not_known
            slip_yes += is_known
            to_not, to_known = (1 - guess) * beta[node, 0] / scale[node], slip * beta[node, 1] / scale[node]
        up = parent[node]
        if up < 0:
            prior_yes += is_known
            prior_no += not_known
            continue
        learned, stayed = learn * to_known, (1 - learn) * to_not
        forgot, kept = forget * to_not, (1 - forget) * to_known
        beta[up, 0] += learned + stayed
        beta[up, 1] += forgot + kept
        learn_yes += (1 - known[up]) * learned
        learn_no += (1 - known[up]) * stayed
        forget_yes += known[up] * forgot
        forget_no += known[up] * kept
    events[0, 0], events[0, 1] = prior_yes, prior_no
    events[1, 0], events[1, 1] = learn_yes, learn_no
    events[2, 0], events[2, 1] = guess_yes, guess_no
    events[3, 0], events[3, 1] = slip_yes, slip_no
    events[4, 0], events[4, 1] = forget_yes, forget_no


@compiled
def _improve(parameters: Floats, events: Floats, forgets: bool, guess_plus_slip_below_one: bool) -> None:
    """Set `parameters` to the maximum of the expected log-likelihood; one without events stays as it is."""
    for k in range(5 if forgets else 4):
        if events[k, 0] + events[k, 1] > 0:
            parameters[k] = events[k, 0] / (events[k, 0] + events[k, 1])
    if guess_plus_slip_below_one and parameters[2] + parameters[3] > 1:
        right, wrong = events[2, 0] + events[3, 1], events[2, 1] + events[3, 0]
        parameters[2] = right / (right + wrong)  # the expected log-likelihood is concave: its best lies on the border
        parameters[3] = 1 - parameters[2]


@compiled
def _log_prior(parameters: Floats, pseudo: Floats) -> float:
    total = 0.0
    for k in range(5):
        for side in range(2):
            if pseudo[k, side] > 0:
                total += pseudo[k, side] * np.log(parameters[k] if side == 0 else 1 - parameters[k])
    return total


@compiled
def _climb(
    parameters: Floats,
    parent: Ints,
    right: NDArray[np.int8],
    count: Floats,
    ends: Floats,
    low: int,
    high: int,
    known: Floats,
    scale: Floats,
    beta: Floats,
    pseudo: Floats,
    forgets: bool,
    guess_plus_slip_below_one: bool,
    tolerance: float,
    max_iterations: int,
) -> tuple[float, float, int]:
    """Improve `parameters` until a step adds less than `tolerance`; the log-likelihood, log-posterior and steps."""
    events = np.empty((5, 2))
    value = -np.inf
    for step in range(max_iterations + 1):
        likelihood = _forward(parameters, parent, right, count, low, high, known, scale)
        before, value = value, likelihood + _log_prior(parameters, pseudo)
        if value - before < tolerance or step == max_iterations:
            break
        _expected(parameters, parent, right, ends, low, high, known, scale, beta, events)
        _improve(parameters, events + pseudo, forgets, guess_plus_slip_below_one)
    return likelihood, value, step


@compiled
def _fit(
    start: NDArray[np.int64],
    parent: Ints,
    right: NDArray[np.int8],
    count: Floats,
    ends: Floats,
    starts: Floats,
    pseudo: Floats,
    forgets: bool,
    guess_plus_slip_below_one: bool,
    tolerance: float,
    max_iterations: int,
) -> tuple[Floats, Floats, NDArray[np.int64]]:
    n_skills, n_starts = starts.shape[:2]
    best, likelihood = np.empty((n_skills, 5)), np.empty(n_skills)
    iterations = np.zeros(n_skills, dtype=np.int64)
    known, scale, beta = np.empty(len(parent)), np.empty(len(parent)), np.empty((len(parent), 2))
    for s in range(n_skills):
        tree = (parent, right, count, ends, start[s], start[s + 1], known, scale, beta)
        rules = (pseudo, forgets, guess_plus_slip_below_one)
        highest = -np.inf
        for begin in range(n_starts):
            rough = SCREENING * tolerance if n_starts > 1 else tolerance
            _, value, steps = _climb(starts[s, begin], *tree, *rules, rough, max_iterations)
            iterations[s] += steps
            if begin == 0 or value > highest:
                best[s], highest = starts[s, begin], value
        left = max_iterations if n_starts > 1 else 0
        likelihood[s], _, steps = _climb(best[s], *tree, *rules, tolerance, left)
        iterations[s] += steps
    return best, likelihood, iterations
