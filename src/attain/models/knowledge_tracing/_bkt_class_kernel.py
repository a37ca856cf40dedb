"""Expectation-maximisation, skill by skill, over histories whose answers have classes, in machine code.

All compiled functions that call each other stand in one file: what calls another is kept on disk with it, until its own
file changes.
"""

import numpy as np

from attain.core.compiled import compiled
from attain.models.knowledge_tracing._bkt_tables import Codes, Floats, Offsets

TINY = 1e-100
"""Messages are brought back to a sum of 1 when their sum is below this; a product of two stays a normal number."""


@compiled
def climb_skills(
    low: int,
    high: int,
    places: tuple[Offsets, Offsets, Offsets, Offsets],
    columns: tuple[Offsets, Codes, Codes, Codes],
    weight: Floats,
    tables: tuple[Floats, Floats, Floats],
    pseudo: tuple[Floats, Floats, Floats],
    events: tuple[Floats, Floats, Floats],
    value: Floats,
    options: tuple[bool, bool, float, int],
    likelihood: Floats,
    iterations: Offsets,
) -> None:
    """Climb in skills low..high."""
    forgets, below_one, tolerance, max_iterations = options
    skill_start, prior_start, move_start, answer_start = places
    start = columns[0]
    for s in range(low, high):
        first, last = skill_start[s], skill_start[s + 1]
        alpha = np.empty((_longest(start, first, last), 2))
        ranges = ((prior_start[s], prior_start[s + 1]), (move_start[s], move_start[s + 1]))
        classes = (ranges[0], ranges[1], (answer_start[s], answer_start[s + 1]))
        reached = -np.inf
        for step in range(max_iterations + 1):
            imagine(classes, pseudo, events)
            expect(first, last, columns, weight, tables, events, alpha, value)
            likelihood[s], iterations[s] = value[first:last].sum(), step
            before, reached = reached, likelihood[s] + log_density(classes, pseudo, tables)
            if reached - before < tolerance or step == max_iterations:
                break
            improve(classes, events, tables, forgets, below_one)


@compiled
def weigh_skills(
    low: int,
    high: int,
    skill_start: Offsets,
    columns: tuple[Offsets, Codes, Codes, Codes],
    tables: tuple[Floats, Floats, Floats],
    value: Floats,
) -> None:
    """Set `value` to the log-likelihood of each history of skills low..high."""
    start, symbol, move, prior_class = columns
    prior, moves, answers = tables
    first, last = skill_start[low], skill_start[high]
    alpha = np.empty((_longest(start, first, last), 2))
    for q in range(first, last):
        p = prior_class[q]
        value[q] = _forward(start[q], start[q + 1], symbol, move, prior[p, 0], prior[p, 1], moves, answers, alpha)


@compiled
def expect_skills(
    low: int,
    high: int,
    skill_start: Offsets,
    columns: tuple[Offsets, Codes, Codes, Codes],
    weight: Floats,
    tables: tuple[Floats, Floats, Floats],
    events: tuple[Floats, Floats, Floats],
    value: Floats,
) -> None:
    """As `expect`, for all histories of skills low..high."""
    first, last = skill_start[low], skill_start[high]
    alpha = np.empty((_longest(columns[0], first, last), 2))
    expect(first, last, columns, weight, tables, events, alpha, value)


@compiled
def expect(
    first: int,
    last: int,
    columns: tuple[Offsets, Codes, Codes, Codes],
    weight: Floats,
    tables: tuple[Floats, Floats, Floats],
    events: tuple[Floats, Floats, Floats],
    alpha: Floats,
    value: Floats,
) -> None:
    """Add to the events what is expected in histories first..last, and set `value` to their log-likelihoods.

    Args:
        first: the first history.
        last: the one behind the last.
        columns: `start`, `symbol`, `move` and `prior` of `Histories`.
        weight: shape (n_histories,), how often each history counts in the events.
        tables: `prior`, `move` and `answer` of `Tables`: the probabilities.
        events: likewise, to be added to.
        alpha: scratch of shape (longest history, 2).
        value: shape (n_histories,).
    """
    start, symbol, move, prior_class = columns
    prior, moves, answers = tables
    prior_events, move_events, answer_events = events
    for q in range(first, last):
        low, high, p = start[q], start[q + 1], prior_class[q]
        value[q] = _forward(low, high, symbol, move, prior[p, 0], prior[p, 1], moves, answers, alpha)
        g0, g1 = _backward(low, high, symbol, move, moves, answers, alpha, weight[q], move_events, answer_events)
        prior_events[p, 0] += g0
        prior_events[p, 1] += g1


@compiled
def _forward(
    low: int,
    high: int,
    symbol: Codes,
    move: Codes,
    a0: float,
    a1: float,
    moves: Floats,
    answers: Floats,
    alpha: Floats,
) -> float:
    """The log-likelihood of answers low..high; fills `alpha`, P(state, answers so far) up to a factor."""
    b0, b1, total = 0.0, 0.0, 0.0
    for t in range(low, high):
        y, m = symbol[t], move[t]
        b0, b1 = a0 * answers[y, 0], a1 * answers[y, 1]
        if b0 + b1 < TINY:
            if b0 + b1 == 0:  # called impossible: nothing is learned from it
                b0, b1, total = a0, a1, -np.inf
            total += float(np.log(b0 + b1))
            b0, b1 = b0 / (b0 + b1), b1 / (b0 + b1)
        alpha[t - low, 0], alpha[t - low, 1] = b0, b1
        a0 = b0 * moves[m, 0] + b1 * moves[m, 2]
        a1 = b0 * moves[m, 1] + b1 * moves[m, 3]
    return total + float(np.log(b0 + b1))


@compiled
def _backward(
    low: int,
    high: int,
    symbol: Codes,
    move: Codes,
    moves: Floats,
    answers: Floats,
    alpha: Floats,
    weight: float,
    move_events: Floats,
    answer_events: Floats,
) -> tuple[float, float]:
    """Add the expected events of answers low..high; returns those of the states before the first."""
    a0, a1 = alpha[high - 1 - low, 0], alpha[high - 1 - low, 1]
    norm = weight / (a0 + a1)
    g0, g1, beta0, beta1 = a0 * norm, a1 * norm, 1.0, 1.0
    for t in range(high - 1, low, -1):
        y, m = symbol[t], move[t - 1]
        answer_events[y, 0] += g0
        answer_events[y, 1] += g1
        u0, u1 = beta0 * answers[y, 0], beta1 * answers[y, 1]
        stayed, learned = moves[m, 0] * u0, moves[m, 1] * u1
        forgot, kept = moves[m, 2] * u0, moves[m, 3] * u1
        beta0, beta1 = stayed + learned, forgot + kept
        a0, a1 = alpha[t - 1 - low, 0], alpha[t - 1 - low, 1]
        whole = a0 * beta0 + a1 * beta1
        if whole == 0:  # called impossible: start anew
            norm = weight / (a0 + a1)
            g0, g1, beta0, beta1 = a0 * norm, a1 * norm, 1.0, 1.0
            continue
        each0, each1 = a0 * (weight / whole), a1 * (weight / whole)
        g0, g1 = each0 * beta0, each1 * beta1
        move_events[m, 0] += each0 * stayed
        move_events[m, 1] += each0 * learned
        move_events[m, 2] += each1 * forgot
        move_events[m, 3] += each1 * kept
        if beta0 + beta1 < TINY:
            norm = 1 / (beta0 + beta1)
            beta0, beta1 = beta0 * norm, beta1 * norm
    answer_events[symbol[low], 0] += g0
    answer_events[symbol[low], 1] += g1
    return g0, g1


@compiled
def _longest(start: Offsets, first: int, last: int) -> int:
    longest = 0
    for q in range(first, last):
        longest = max(longest, start[q + 1] - start[q])
    return longest


@compiled
def imagine(
    classes: tuple[tuple[int, int], tuple[int, int], tuple[int, int]],
    pseudo: tuple[Floats, Floats, Floats],
    events: tuple[Floats, Floats, Floats],
) -> None:
    """Set the events of these classes to the imagined ones."""
    (a, b), (c, d), (e, f) = classes
    _copy(a, b, pseudo[0], events[0])
    _copy(c, d, pseudo[1], events[1])
    _copy(2 * e, 2 * f, pseudo[2], events[2])


@compiled
def _copy(low: int, high: int, source: Floats, target: Floats) -> None:
    for i in range(low, high):  # an assignment of slices takes seconds to compile
        for j in range(source.shape[1]):
            target[i, j] = source[i, j]


@compiled
def improve(
    classes: tuple[tuple[int, int], tuple[int, int], tuple[int, int]],
    events: tuple[Floats, Floats, Floats],
    tables: tuple[Floats, Floats, Floats],
    forgets: bool,
    below_one: bool,
) -> None:
    """Set the parameters of these classes to the maximum of the expected log-likelihood.

    One without events stays as it is.
    """
    (a, b), (c, d), (e, f) = classes
    for p in range(a, b):
        _share(events[0][p], tables[0][p])
    for m in range(c, d):
        _share(events[1][m, :2], tables[1][m, :2])
        if forgets:
            _share(events[1][m, 2:], tables[1][m, 2:])
    for g in range(e, f):
        seen, chance = events[2][2 * g : 2 * g + 2], tables[2][2 * g : 2 * g + 2]
        _share(seen[:, 0], chance[:, 0])
        _share(seen[:, 1], chance[:, 1])
        if below_one and chance[1, 0] + chance[0, 1] > 1:  # concave: the best lies on the border
            right, wrong = seen[1, 0] + seen[1, 1], seen[0, 0] + seen[0, 1]
            for state in range(2):
                chance[0, state], chance[1, state] = wrong / (right + wrong), right / (right + wrong)


@compiled
def _share(events: Floats, chance: Floats) -> None:
    total = events[0] + events[1]
    if total > 0:
        chance[0], chance[1] = events[0] / total, events[1] / total


@compiled
def log_density(
    classes: tuple[tuple[int, int], tuple[int, int], tuple[int, int]],
    pseudo: tuple[Floats, Floats, Floats],
    tables: tuple[Floats, Floats, Floats],
) -> float:
    """The log of the density that the imagined events give the parameters of these classes."""
    (a, b), (c, d), (e, f) = classes
    total = _weighted_log(pseudo[0][a:b], tables[0][a:b]) + _weighted_log(pseudo[1][c:d], tables[1][c:d])
    return total + _weighted_log(pseudo[2][2 * e : 2 * f], tables[2][2 * e : 2 * f])


@compiled
def _weighted_log(weight: Floats, chance: Floats) -> float:
    total = 0.0
    for i in range(weight.shape[0]):
        for j in range(weight.shape[1]):
            if weight[i, j] > 0:
                total += weight[i, j] * np.log(chance[i, j])
    return total
