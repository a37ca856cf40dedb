import itertools
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from attain.models.knowledge_tracing import _bkt_em as em
from attain.models.knowledge_tracing._bkt_tree_kernel import SCREENING
from attain.models.knowledge_tracing._prefix_tree import PrefixTree

Floats = NDArray[np.float64]
PROBABILITY = st.floats(0.02, 0.98)
PARAMETERS = st.lists(PROBABILITY, min_size=5, max_size=5).map(np.array)
PSEUDO = st.lists(st.just(0.0) | st.floats(0.01, 5), min_size=10, max_size=10)
SEQUENCES = st.lists(st.lists(st.integers(0, 1), min_size=1, max_size=6), min_size=1, max_size=8)


def tree_of(sequences: list[list[int]], skills: list[int] | None = None) -> PrefixTree:
    """One learner a sequence, all of skill 0 unless told."""
    lengths = [len(s) for s in sequences]
    skill = np.repeat(skills or [0] * len(sequences), lengths).astype(np.int32)
    learner = np.repeat(np.arange(len(sequences)), lengths).astype(np.int32)
    correct = np.array([a for s in sequences for a in s], dtype=np.int8)
    return PrefixTree.grow(skill, learner, correct, int(skill.max()) + 1)


def paths(parameters: Floats, answers: list[int]) -> list[tuple[tuple[int, ...], float]]:
    """Every path of hidden states (1 is known), and its probability together with the answers."""
    prior, learn, guess, slip, forget = parameters
    start, move = [1 - prior, prior], [[1 - learn, learn], [forget, 1 - forget]]
    right = [guess, 1 - slip]
    out = []
    for path in itertools.product((0, 1), repeat=len(answers)):
        p = start[path[0]]
        for a, b in itertools.pairwise(path):
            p *= move[a][b]
        for state, answer in zip(path, answers, strict=True):
            p *= right[state] if answer else 1 - right[state]
        out.append((path, p))
    return out


def brute_force_step(parameters: Floats, sequences: list[list[int]]) -> Floats:
    """One EM step by enumeration of all hidden paths."""
    events = np.zeros((5, 2))
    for answers in sequences:
        every = paths(parameters, answers)
        total = sum(p for _, p in every)
        for path, p in every:
            w = p / total
            events[0, 1 - path[0]] += w
            for a, b in itertools.pairwise(path):
                events[1 if a == 0 else 4, 0 if a != b else 1] += w
            for state, answer in zip(path, answers, strict=True):
                events[2 if state == 0 else 3, 0 if answer != state else 1] += w
    sums = events.sum(axis=1)
    return np.where(sums > 0, events[:, 0] / np.where(sums > 0, sums, 1), parameters)


@given(PARAMETERS, SEQUENCES)
@settings(max_examples=50, deadline=None)  # the first call may compile
def test_the_likelihood_is_the_sum_over_all_hidden_paths(parameters: Floats, sequences: list[list[int]]) -> None:
    expected = sum(np.log(sum(p for _, p in paths(parameters, s))) for s in sequences)
    assert em.log_likelihood(tree_of(sequences), parameters[None])[0] == pytest.approx(expected, abs=1e-9)


@given(PARAMETERS, SEQUENCES)
@settings(max_examples=50, deadline=None)  # the first call may compile
def test_a_step_is_the_one_of_an_enumeration_of_all_hidden_paths(
    parameters: Floats, sequences: list[list[int]]
) -> None:
    found = em.fit(tree_of(sequences), parameters[None], forgets=True, max_iterations=1, tolerance=0).parameters[0]
    np.testing.assert_allclose(found, brute_force_step(parameters, sequences), atol=1e-9)


@given(PARAMETERS, SEQUENCES, st.booleans(), st.booleans(), PSEUDO)
@settings(max_examples=50, deadline=None)
def test_more_steps_never_lower_what_is_maximised(
    parameters: Floats, sequences: list[list[int]], forgets: bool, below_one: bool, pseudo: list[float]
) -> None:
    counts = np.array(pseudo).reshape(5, 2)
    if below_one:
        parameters[2:4] /= 2
    counts[4] *= forgets
    values = []
    for steps in range(8):
        fit = em.fit(
            tree_of(sequences),
            parameters[None],
            forgets=forgets,
            max_iterations=steps,
            tolerance=0,
            pseudo_counts=counts,
            guess_plus_slip_below_one=below_one,
        )
        chosen = np.stack([fit.parameters[0], 1 - fit.parameters[0]], axis=1)
        with np.errstate(divide="ignore", invalid="ignore"):
            prior = np.where(counts > 0, counts * np.log(chosen), 0).sum()
        values.append(fit.log_likelihood[0] + prior)
        if below_one:
            assert fit.parameters[0, 2] + fit.parameters[0, 3] <= 1 + 1e-12
    assert (np.diff(values) >= -1e-9).all()


def test_the_reported_likelihood_is_that_of_the_parameters() -> None:
    tree = tree_of([[0, 1, 1], [1, 1], [0], [0, 0, 1], [1]], [0, 0, 1, 1, 1])
    fit = em.fit(tree, np.array([[0.3, 0.2, 0.2, 0.1, 0], [0.6, 0.1, 0.3, 0.2, 0]]))
    np.testing.assert_allclose(em.log_likelihood(tree, fit.parameters), fit.log_likelihood, atol=1e-12)


def test_the_best_start_wins_in_each_skill() -> None:
    tree = tree_of([[0, 1, 1], [1, 0], [0, 0, 1, 1], [1, 0, 0]], [0, 0, 1, 1])
    starts = np.array([[0.3, 0.2, 0.2, 0.1, 0], [0.6, 0.1, 0.3, 0.2, 0], [0.1, 0.4, 0.5, 0.3, 0]])
    alone = np.array([em.fit(tree, start[None]).log_likelihood for start in starts])
    np.testing.assert_allclose(em.fit(tree, starts).log_likelihood, alone.max(axis=0), atol=SCREENING * em.TOLERANCE)


def test_skills_are_fitted_as_if_each_were_alone() -> None:
    first, second = [[0, 1, 1], [1, 1]], [[0], [0, 0, 1], [1, 0]]
    start = np.array([[0.3, 0.2, 0.2, 0.1, 0]])
    both = em.fit(tree_of(first + second, [0, 0, 1, 1, 1]), start).parameters
    alone = [em.fit(tree_of(part), start).parameters[0] for part in (first, second)]
    np.testing.assert_array_equal(both, alone)


def test_true_parameters_are_found_again() -> None:
    rng = np.random.default_rng(5)
    truth = np.array([0.3, 0.15, 0.2, 0.1, 0])
    n, length = 4000, 12
    known = rng.random(n) < truth[0]
    answers = np.empty((n, length), dtype=int)
    for t in range(length):
        answers[:, t] = rng.random(n) < np.where(known, 1 - truth[3], truth[2])
        known |= rng.random(n) < truth[1]
    fit = em.fit(tree_of(answers.tolist()), np.array([[0.5, 0.3, 0.3, 0.2, 0]]))
    np.testing.assert_allclose(fit.parameters[0], truth, atol=0.02)


def test_the_parameters_of_a_peer_are_reached_from_the_same_start() -> None:
    """PyBKT is exact where no sequence has length 1."""
    em_fit = pytest.importorskip("pyBKT.fit.EM_fit", reason="pyBKT is not installed")
    rng = np.random.default_rng(2)
    sequences = [rng.integers(0, 2, n).tolist() for n in rng.integers(2, 9, 25)]
    start = np.array([0.4, 0.2, 0.3, 0.15, 0.05])
    lengths = np.array([len(s) for s in sequences])
    model = {"prior": start[0], "learns": start[[1]], "guesses": start[[2]], "slips": start[[3]]}
    model |= {"forgets": start[[4]], "As": np.zeros((1, 2, 2))}
    data = {
        "data": np.concatenate(sequences)[None].astype(np.int32) + 1,
        "resources": np.ones(lengths.sum(), dtype=np.int64),
        "starts": np.concatenate([[1], 1 + np.cumsum(lengths)[:-1]]),
        "lengths": lengths,
    }
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Conversion of an array with ndim > 0 to a scalar", DeprecationWarning)
        peer, likelihoods = em_fit.EM_fit(model, data, tol=0, maxiter=15, parallel=False)
    expected = [peer["prior"], peer["learns"][0], peer["guesses"][0], peer["slips"][0], peer["forgets"][0]]
    fit = em.fit(tree_of(sequences), start[None], forgets=True, max_iterations=15, tolerance=0)
    np.testing.assert_allclose(fit.parameters[0], expected, atol=1e-9)
    before = em.fit(tree_of(sequences), start[None], forgets=True, max_iterations=14, tolerance=0)
    assert before.log_likelihood[0] == pytest.approx(likelihoods[-1][0], abs=1e-8)


def test_the_histories_of_all_skills_can_be_read_as_of_one() -> None:
    skill, learner = np.array([0, 1, 0, 1], dtype=np.int32), np.zeros(4, dtype=np.int32)
    together = PrefixTree.grow(skill, learner, np.array([0, 1, 1, 0], dtype=np.int8), 2, together=True)
    expected = tree_of([[0, 1], [1, 0]])
    parameters = np.array([[0.3, 0.2, 0.25, 0.1, 0.05]])
    np.testing.assert_allclose(em.log_likelihood(together, parameters), em.log_likelihood(expected, parameters))
