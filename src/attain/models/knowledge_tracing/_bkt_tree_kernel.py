"""Expectation-maximisation over a tree of prefixes, in machine code."""

import numpy as np
from numpy.typing import NDArray

from attain.core.compiled import compiled

SCREENING = 100
"""Several starts are first climbed from with this many times the tolerance; only the best is followed to the end."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]


@compiled
def forward(
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
        likelihood = forward(parameters, parent, right, count, low, high, known, scale)
        before, value = value, likelihood + _log_prior(parameters, pseudo)
        if value - before < tolerance or step == max_iterations:
            break
        _expected(parameters, parent, right, ends, low, high, known, scale, beta, events)
        _improve(parameters, events + pseudo, forgets, guess_plus_slip_below_one)
    return likelihood, value, step


@compiled
def fit_skills(
    low: int,
    high: int,
    start: NDArray[np.int64],
    columns: tuple[Ints, NDArray[np.int8], Floats, Floats],
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
        columns: its `parent`, `right`, `count` and `ends`.
        pseudo: shape (5, 2).
        options: `forgets`, `guess_plus_slip_below_one`, `tolerance` and `max_iterations` of `_bkt_em.fit`.
        ends: shape (n_skills, n_starts, 5), where to begin; is left where each climb ended.
        reached: shape (n_skills, n_starts), is set to the log-likelihood there.
        best: shape (n_skills, 5), is set to the best, followed to the end.
        likelihood: shape (n_skills,), is set to its log-likelihood.
        iterations: shape (n_skills,), is set to the EM steps made.
    """
    forgets, below_one, tolerance, max_iterations = options
    parent, right, count, leaves = columns
    n_starts, n = ends.shape[1], start[high]
    known, scale, beta = np.empty(n), np.empty(n), np.empty((n, 2))
    for s in range(low, high):
        tree = (parent, right, count, leaves, start[s], start[s + 1], known, scale, beta)
        rules = (pseudo, forgets, below_one)
        highest, iterations[s] = -np.inf, 0
        for begin in range(n_starts):
            rough = SCREENING * tolerance if n_starts > 1 else tolerance
            reached[s, begin], value, steps = _climb(ends[s, begin], *tree, *rules, rough, max_iterations)
            iterations[s] += steps
            if begin == 0 or value > highest:
                best[s], highest = ends[s, begin], value
        left = max_iterations if n_starts > 1 else 0
        likelihood[s], _, steps = _climb(best[s], *tree, *rules, tolerance, left)
        iterations[s] += steps


@compiled
def mastered_share(
    start: NDArray[np.int64],
    columns: tuple[Ints, NDArray[np.int8], Floats, Floats],
    parameters: Floats,
    threshold: float,
) -> Floats:
    """The share of histories after which knowing is at least as probable as `threshold`; shape (n_skills, n_sets).

    Args:
        start: of `PrefixTree`.
        columns: its `parent`, `right`, `count` and `ends`.
        parameters: shape (n_skills, n_sets, 5).
        threshold: a probability.
    """
    parent, right, count, leaves = columns
    n_skills, n_sets = parameters.shape[:2]
    out = np.zeros((n_skills, n_sets))
    known, scale = np.empty(len(parent)), np.empty(len(parent))
    for s in range(n_skills):
        low, high = start[s], start[s + 1]
        for i in range(n_sets):
            forward(parameters[s, i], parent, right, count, low, high, known, scale)
            learn, forget = parameters[s, i, 1], parameters[s, i, 4]
            for node in range(low, high):
                if known[node] * (1 - forget - learn) + learn >= threshold:
                    out[s, i] += leaves[node]
            out[s, i] /= leaves[low:high].sum()
    return out
