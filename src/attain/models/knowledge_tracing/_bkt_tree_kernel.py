"""Expectation-maximisation over a tree of prefixes, in machine code."""

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled

SCREENING = 100
"""Several starts are first climbed from with this many times the tolerance; only the best is followed to the end."""
TINY = 1e-100
"""Messages are brought back to a sum of 1 when their sum is below this; a product of two stays a normal number."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@compiled
def forward(
    parameters: Floats,
    parent: Ints,
    right: NDArray[np.int8],
    ends: Floats,
    low: int,
    high: int,
    alpha: Floats,
    shift: Floats,
) -> float:
    """The log-likelihood of the skill with nodes low..high.

    Fills, for each node, `alpha` (n_nodes, 2), P(not known or known, answers so far) but for a factor whose log is
    `shift`. There is a division only where messages become tiny, and a log only where a history ends.
    """
    prior, learn, guess, slip, forget = parameters
    total = 0.0
    for node in range(low, high):
        a0, a1, gone = 1 - prior, prior, 0.0
        if parent[node] >= 0:
            up = np.uint32(parent[node])
            b0, b1, gone = alpha[up, 0], alpha[up, 1], shift[up]
            a0 = b0 * (1 - learn) + b1 * forget
            a1 = b0 * learn + b1 * (1 - forget)
        c0 = a0 * (guess if right[node] else 1 - guess)
        c1 = a1 * (1 - slip if right[node] else slip)
        if c0 + c1 < TINY:
            if c0 + c1 == 0:  # called impossible: nothing is learned from it
                c0, c1, total = a0, a1, -np.inf
            gone += np.log(c0 + c1)
            c0, c1 = c0 / (c0 + c1), c1 / (c0 + c1)
        alpha[node, 0], alpha[node, 1], shift[node] = c0, c1, gone
        if ends[node] > 0:
            total += ends[node] * (np.log(c0 + c1) + gone)
    return total


@compiled
def _expected(
    parameters: Floats,
    parent: Ints,
    right: NDArray[np.int8],
    ends: Floats,
    low: int,
    high: int,
    alpha: Floats,
    shift: Floats,
    beta: Floats,
    events: Floats,
) -> None:
    """Fill `events`, shape (5, 2): the expected number of (yes, no) events of each parameter.

    `beta`, shape (n_nodes, 2), is scratch: P(answers to come | not known or known) over the likelihood of the history,
    summed over the histories that go through the node, so that `alpha * beta` is an expected number of learners.
    """
    _, learn, guess, slip, forget = parameters
    prior_yes = prior_no = learn_yes = learn_no = forget_yes = forget_no = 0.0
    without = known = right_without = right_known = 0.0
    for node in range(low, high):
        beta[node, 0] = beta[node, 1] = ends[node] / (alpha[node, 0] + alpha[node, 1]) if ends[node] > 0 else 0.0
    for node in range(high - 1, low - 1, -1):
        b0, b1 = beta[node, 0], beta[node, 1]
        g0, g1 = alpha[node, 0] * b0, alpha[node, 1] * b1
        without += g0
        known += g1
        right_without += g0 if right[node] else 0.0
        right_known += g1 if right[node] else 0.0
        if parent[node] < 0:
            prior_yes += g1
            prior_no += g0
            continue
        up = np.uint32(parent[node])
        to_not = b0 * (guess if right[node] else 1 - guess)
        to_known = b1 * (1 - slip if right[node] else slip)
        if shift[node] != shift[up]:
            factor = np.exp(shift[up] - shift[node])
            to_not, to_known = to_not * factor, to_known * factor
        learned, stayed = learn * to_known, (1 - learn) * to_not
        forgot, kept = forget * to_not, (1 - forget) * to_known
        beta[up, 0] += learned + stayed
        beta[up, 1] += forgot + kept
        learn_yes += alpha[up, 0] * learned
        learn_no += alpha[up, 0] * stayed
        forget_yes += alpha[up, 1] * forgot
        forget_no += alpha[up, 1] * kept
    events[0, 0], events[0, 1] = prior_yes, prior_no
    events[1, 0], events[1, 1] = learn_yes, learn_no
    events[2, 0], events[2, 1] = right_without, without - right_without
    events[3, 0], events[3, 1] = known - right_known, right_known
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
    ends: Floats,
    low: int,
    high: int,
    alpha: Floats,
    shift: Floats,
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
        likelihood = forward(parameters, parent, right, ends, low, high, alpha, shift)
        before, value = value, likelihood + _log_prior(parameters, pseudo)
        if value - before < tolerance or step == max_iterations:
            break
        _expected(parameters, parent, right, ends, low, high, alpha, shift, beta, events)
        _improve(parameters, events + pseudo, forgets, guess_plus_slip_below_one)
    return likelihood, value, step


@compiled
def fit_skills(
    low: int,
    high: int,
    start: NDArray[np.int64],
    columns: tuple[Ints, NDArray[np.int8], Floats],
    pseudo: Floats,
    options: tuple[bool, bool, float, int],
    ends: Floats,
    reached: Floats,
    best: Floats,
    likelihood: Floats,
    iterations: NDArray[np.int64],
) -> None:
    """Fit skills low..high.

    Args:
        low: the first skill.
        high: the one behind the last.
        start: of `PrefixTree`.
        columns: its `parent`, `right` and `ends`.
        pseudo: shape (5, 2).
        options: `forgets`, `guess_plus_slip_below_one`, `tolerance` and `max_iterations` of `_bkt_em.fit`.
        ends: shape (n_skills, n_starts, 5), where to begin; is left where each climb ended.
        reached: shape (n_skills, n_starts), is set to the log-likelihood there.
        best: shape (n_skills, 5), is set to the best, followed to the end.
        likelihood: shape (n_skills,), is set to its log-likelihood.
        iterations: shape (n_skills,), is set to the EM steps made.
    """
    forgets, below_one, tolerance, max_iterations = options
    parent, right, leaves = columns
    n_starts, n = ends.shape[1], start[high]
    alpha, shift, beta = np.empty((n, 2)), np.empty(n), np.empty((n, 2))
    for s in range(low, high):
        tree = (parent, right, leaves, start[s], start[s + 1], alpha, shift, beta)
        rules = (pseudo, forgets, below_one)
        highest, iterations[s] = -np.inf, 0
        for begin in range(n_starts):
            rough = SCREENING * tolerance if n_starts > 1 else tolerance
            reached[s, begin], value, steps = _climb(ends[s, begin], *tree, *rules, rough, max_iterations)
            iterations[s] += steps
            if begin == 0 or value > highest:
                highest = value
                for k in range(5):  # an assignment of slices takes seconds to compile
                    best[s, k] = ends[s, begin, k]
        left = max_iterations if n_starts > 1 else 0
        likelihood[s], _, steps = _climb(best[s], *tree, *rules, tolerance, left)
        iterations[s] += steps


@compiled
def mastered_share(
    start: NDArray[np.int64],
    columns: tuple[Ints, NDArray[np.int8], Floats],
    parameters: Floats,
    threshold: float,
) -> Floats:
    """The share of histories after which knowing is at least as probable as `threshold`; shape (n_skills, n_sets).

    Args:
        start: of `PrefixTree`.
        columns: its `parent`, `right` and `ends`.
        parameters: shape (n_skills, n_sets, 5).
        threshold: a probability.
    """
    parent, right, leaves = columns
    n_skills, n_sets = parameters.shape[:2]
    out = np.zeros((n_skills, n_sets))
    alpha, shift = np.empty((len(parent), 2)), np.empty(len(parent))
    for s in range(n_skills):
        low, high = start[s], start[s + 1]
        for i in range(n_sets):
            forward(parameters[s, i], parent, right, leaves, low, high, alpha, shift)
            learn, forget, histories = parameters[s, i, 1], parameters[s, i, 4], 0.0
            for node in range(low, high):
                known = alpha[node, 1] / (alpha[node, 0] + alpha[node, 1])
                histories += leaves[node]
                if known * (1 - forget - learn) + learn >= threshold:
                    out[s, i] += leaves[node]
            out[s, i] /= histories
    return out
