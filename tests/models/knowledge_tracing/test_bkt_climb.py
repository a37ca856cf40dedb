import itertools
import warnings
from collections.abc import Iterator

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from attain.models.knowledge_tracing import _bkt_em as em
from attain.models.knowledge_tracing._bkt_climb import Climbed, Ranges, Rules, climb, log_likelihood
from attain.models.knowledge_tracing._bkt_tables import Histories, Tables
from attain.models.knowledge_tracing._prefix_tree import PrefixTree

Floats = NDArray[np.float64]
Answer = tuple[int, int, int]
"""Right or wrong, class of learn and forget, class of guess and slip."""
ANSWERS = st.tuples(st.integers(0, 1), st.integers(0, 2), st.integers(0, 2))
SEQUENCES = st.lists(st.lists(ANSWERS, min_size=1, max_size=5), min_size=1, max_size=6)
CLASSES = st.lists(st.floats(0.02, 0.98), min_size=14, max_size=14).map(np.array)


def flat(sequences: list[list[Answer]]) -> tuple[Histories, Ranges]:
    """One skill with two priors (by turns), three classes of learn and three of guess."""
    rows = np.array([a for s in sequences for a in s])
    start = np.concatenate([[0], np.cumsum([len(s) for s in sequences])]).astype(np.int64)
    code = (2 * rows[:, 2] + rows[:, 0]).astype(np.uint32)
    prior = (np.arange(len(sequences)) % 2).astype(np.uint32)
    histories = Histories(
        np.array([0, len(sequences)]),
        start,
        code,
        rows[:, 1].astype(np.uint32),
        prior,
        np.zeros(len(sequences), np.int32),
    )
    return histories, Ranges(*(np.array([0, n]) for n in (2, 3, 3)))


def tables(values: Floats) -> Tables:
    return Tables.of(values[:2], values[2:8].reshape(3, 2), values[8:].reshape(3, 2))


def like(t: Tables, value: float = 0.0) -> Tables:
    return Tables(*(np.full_like(part, value) for part in (t.prior, t.move, t.answer)))


def paths(t: Tables, prior: int, answers: list[Answer]) -> Iterator[tuple[tuple[int, ...], float]]:
    """Every path of hidden states, and its probability together with the answers."""
    for path in itertools.product((0, 1), repeat=len(answers)):
        p = t.prior[prior, path[0]]
        for (_, move, _), a, b in zip(answers, path, path[1:], strict=False):
            p *= t.move[move, a, b]
        for (right, _, given_by), state in zip(answers, path, strict=True):
            p *= t.answer[given_by, right, state]
        yield path, p


def brute_force_step(t: Tables, sequences: list[list[Answer]]) -> Tables:
    events = like(t)
    for q, answers in enumerate(sequences):
        every = list(paths(t, q % 2, answers))
        total = sum(p for _, p in every)
        for path, p in every:
            events.prior[q % 2, path[0]] += p / total
            for (_, move, _), a, b in zip(answers, path, path[1:], strict=False):
                events.move[move, a, b] += p / total
            for (right, _, given_by), state in zip(answers, path, strict=True):
                events.answer[given_by, right, state] += p / total
    parts = []
    for old, new, axis in ((t.prior, events.prior, 1), (t.move, events.move, 2), (t.answer, events.answer, 1)):
        sums = new.sum(axis=axis, keepdims=True)
        parts.append(np.where(sums > 0, new / np.where(sums > 0, sums, 1), old))
    return Tables(*parts)


def steps(sequences: list[list[Answer]], start: Tables, count: int, **rules: bool) -> Climbed:
    how = {"forgets": True, "guess_plus_slip_below_one": False} | rules
    return climb(*flat(sequences), start, like(start), Rules(**how, tolerance=-np.inf, max_iterations=count))


@given(CLASSES, SEQUENCES)
@settings(max_examples=40, deadline=None)  # the first call may compile
def test_the_likelihood_is_the_sum_over_all_hidden_paths(values: Floats, sequences: list[list[Answer]]) -> None:
    t = tables(values)
    expected = sum(np.log(sum(p for _, p in paths(t, q % 2, s))) for q, s in enumerate(sequences))
    assert log_likelihood(flat(sequences)[0], t)[0] == pytest.approx(expected, abs=1e-9)


@given(CLASSES, SEQUENCES)
@settings(max_examples=40, deadline=None)
def test_a_step_is_the_one_of_an_enumeration_of_all_hidden_paths(values: Floats, sequences: list[list[Answer]]) -> None:
    found, expected = steps(sequences, tables(values), 1).tables, brute_force_step(tables(values), sequences)
    for name in ("prior", "move", "answer"):
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), atol=1e-9)


@given(CLASSES, SEQUENCES, st.booleans(), st.booleans(), st.floats(0, 3))
@settings(max_examples=40, deadline=None)
def test_more_steps_never_lower_what_is_maximised(
    values: Floats, sequences: list[list[Answer]], forgets: bool, below_one: bool, imagined: float
) -> None:
    values[8:] /= 2 if below_one else 1
    values[[3, 5, 7]] *= forgets
    pseudo = like(tables(values), imagined)
    pseudo.move[:, 1] *= forgets
    reached = []
    for count in range(6):
        rules = Rules(forgets, below_one, tolerance=-np.inf, max_iterations=count)
        found = climb(*flat(sequences), tables(values), pseudo, rules)
        density = 0.0
        for weight, chance in ((getattr(pseudo, n), getattr(found.tables, n)) for n in ("prior", "move", "answer")):
            density += (weight[weight > 0] * np.log(chance[weight > 0])).sum()
        reached.append(found.log_likelihood[0] + density)
        guess_slip = found.tables.parameters[2]
        assert not below_one or (guess_slip.sum(axis=1) <= 1 + 1e-12).all()
    assert (np.diff(reached) >= -1e-9).all()


def test_the_parameters_of_a_peer_are_reached_from_the_same_start() -> None:
    """PyBKT is exact where no sequence has length 1; items have guess and slip, and learn and forget, of their own."""
    em_fit = pytest.importorskip("pyBKT.fit.EM_fit", reason="pyBKT is not installed")
    rng = np.random.default_rng(2)
    draws = [rng.integers(0, [2, 3, 3], (n, 3)).tolist() for n in rng.integers(2, 9, 25)]
    sequences = [[(right, move, given_by) for right, move, given_by in answers] for answers in draws]
    values = rng.uniform(0.05, 0.4, 14)
    values[1] = values[0]
    lengths, rows = np.array([len(s) for s in sequences]), np.array([a for s in sequences for a in s])
    dense = np.where(np.arange(3)[:, None] == rows[:, 2], rows[:, 0] + 1, 0).astype(np.int32)
    learn, guess = values[2:8].reshape(3, 2), values[8:].reshape(3, 2)
    model = {"prior": values[0], "learns": learn[:, 0], "forgets": learn[:, 1], "As": np.zeros((3, 2, 2))}
    model |= {"guesses": guess[:, 0], "slips": guess[:, 1]}
    starts = np.concatenate([[1], 1 + np.cumsum(lengths)[:-1]])
    data = {"data": dense, "resources": rows[:, 1] + 1, "starts": starts, "lengths": lengths}
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Conversion of an array with ndim > 0 to a scalar", DeprecationWarning)
        peer, likelihoods = em_fit.EM_fit(model, data, tol=0, maxiter=15, parallel=False)
    histories, ranges = flat(sequences)
    histories.prior[:] = 0
    start = tables(values)
    rules = Rules(forgets=True, guess_plus_slip_below_one=False, tolerance=-np.inf, max_iterations=15)
    prior, move, answer = climb(histories, ranges, start, like(start), rules).tables.parameters
    np.testing.assert_allclose(prior[0], peer["prior"], atol=1e-9)
    np.testing.assert_allclose(move, np.column_stack([peer["learns"], peer["forgets"]]), atol=1e-9)
    np.testing.assert_allclose(answer, np.column_stack([peer["guesses"], peer["slips"]]), atol=1e-9)
    rules = Rules(forgets=True, guess_plus_slip_below_one=False, tolerance=-np.inf, max_iterations=14)
    reached = climb(histories, ranges, start, like(start), rules).log_likelihood[0]
    assert reached == pytest.approx(likelihoods[-1][0], abs=1e-8)


def test_a_history_of_100_000_answers_is_as_likely_as_on_the_tree() -> None:
    rng = np.random.default_rng(0)
    right = (rng.random(100_000) < 0.7).astype(np.int8)
    zero = np.zeros(len(right), dtype=np.int32)
    parameters = np.array([[0.3, 0.01, 0.2, 0.25, 0.01]])
    t = Tables.of(parameters[0, :1], parameters[:, [1, 4]], parameters[:, [2, 3]])
    bounds = np.array([0, 1]), np.array([0, len(right)])
    one = Histories(*bounds, right.astype(np.uint32), zero.astype(np.uint32), zero[:1].astype(np.uint32), zero[:1])
    expected = em.log_likelihood(PrefixTree.grow(zero, zero, right, 1), parameters)
    np.testing.assert_allclose(log_likelihood(one, t), expected, rtol=1e-12)
    ranges = Ranges(*(np.array([0, 1]),) * 3)
    rules = Rules(forgets=True, guess_plus_slip_below_one=False, tolerance=1e-5, max_iterations=3)
    climbed = climb(one, ranges, t, like(t), rules)
    assert climbed.log_likelihood[0] > expected[0]
    stepped = em.fit(PrefixTree.grow(zero, zero, right, 1), parameters, forgets=True, max_iterations=3)
    np.testing.assert_allclose(climbed.tables.parameters[2][0], stepped.parameters[0, 2:4], rtol=1e-9)


def test_an_answer_that_the_start_calls_impossible_is_survived() -> None:
    sure = Tables.of(np.ones(2), np.zeros((3, 2)), np.tile([0.2, 0.0], (3, 1)))
    sequences: list[list[Answer]] = [[(0, 0, 0), (1, 0, 1)], [(1, 1, 1)]]
    assert log_likelihood(flat(sequences)[0], sure)[0] == -np.inf
    for part in steps(sequences, sure, 1).tables.parameters:
        assert np.isfinite(part).all()


def test_the_number_of_threads_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(3)
    skill, learner = np.sort(rng.integers(0, 40, 2000)).astype(np.int32), np.arange(2000, dtype=np.int32) // 5
    tree = PrefixTree.grow(skill, learner, rng.integers(0, 2, 2000).astype(np.int8), 40)
    start = np.array([[0.3, 0.2, 0.2, 0.1, 0], [0.6, 0.1, 0.3, 0.2, 0]])
    found = []
    for threads in (1, 3):
        monkeypatch.setattr(numba.config, "NUMBA_NUM_THREADS", threads)
        found.append(em.fit(tree, start).parameters)
    np.testing.assert_array_equal(found[0], found[1])
