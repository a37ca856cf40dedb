import numpy as np

from attain.models.knowledge_tracing import _bkt_em as em
from attain.models.knowledge_tracing._bkt_optima import EVIDENCE, agreement, evidence
from attain.models.knowledge_tracing._bkt_tree_kernel import mastered_share
from attain.models.knowledge_tracing._prefix_tree import PrefixTree

STARTS = np.array([[0.1, 0.3, 0.5, 0.15, 0], [0.8, 0.1, 0.1, 0.15, 0], [0.1, 0.02, 0.5, 0.05, 0]])


def tree_of(sequences: list[list[int]], skills: list[int]) -> PrefixTree:
    lengths = [len(s) for s in sequences]
    skill, learner = (np.repeat(v, lengths).astype(np.int32) for v in (skills, np.arange(len(sequences))))
    return PrefixTree.grow(skill, learner, np.array([a for s in sequences for a in s], dtype=np.int8), max(skills) + 1)


def learned_suddenly(n: int) -> list[list[int]]:
    """Some never know and are right one time in ten; most know from a moment on and are nearly always right."""
    rng = np.random.default_rng(1)
    known = np.arange(20) >= np.where(rng.random(n) < 0.8, rng.integers(2, 10, n), 99)[:, None]
    right = rng.random((n, 20)) < np.where(known, 0.95, 0.1)
    return [answers.astype(int).tolist() for answers in right]


def test_many_long_histories_tell_which_parameters_a_skill_has_and_single_answers_do_not() -> None:
    sequences = [*learned_suddenly(300), [1], [0], [1]]
    tree = tree_of(sequences, [0] * 300 + [1] * 3)
    found = agreement(tree, em.fit(tree, STARTS))
    assert found.mastery_gap[0] < 0.1
    assert found.likelihood_gap[0] > 2
    assert found.mastery_gap[1] > 0.5
    assert found.likelihood_gap[1] < 0.01
    assert found.unidentified == 0.5


def test_states_that_may_swap_names_are_an_optimum_of_the_same_likelihood() -> None:
    """With forgetting, knowing and not knowing can change places: the answers cannot tell."""
    tree = tree_of(learned_suddenly(100), [0] * 100)
    first = np.array([0.2, 0.2, 0.2, 0.1, 0.05])
    prior, learn, guess, slip, forget = first
    swapped = np.array([1 - prior, forget, 1 - slip, 1 - guess, learn])
    fit = em.fit(tree, np.stack([first, swapped]), forgets=True)
    found = agreement(tree, fit)
    np.testing.assert_allclose(fit.reached[0, 0], fit.reached[0, 1], atol=1e-6)
    assert found.unidentified == 1


def test_mastery_is_judged_after_the_last_answer_and_its_chance_to_learn() -> None:
    tree = tree_of([[1], [0, 0], [0, 1]], [0, 0, 0])
    sure, learns, learns_less = ([0.5, learn, guess, guess, 0] for learn, guess in ((0, 0), (0.96, 0.1), (0.5, 0.1)))
    found = mastered_share(tree.start, tree.columns, np.array([[sure, learns, learns_less]]), 0.95)
    np.testing.assert_allclose(found, [[1 / 3, 1, 2 / 3]])


def test_the_evidence_counts_answers_and_histories() -> None:
    tree = tree_of([[1, 0, 1], [0], [1, 1]], [0, 1, 1])
    several, one = em.fit(tree, STARTS), em.fit(tree, STARTS[:1])
    rests = dict(zip(EVIDENCE, evidence(tree, several, agreement(tree, several)).T, strict=True))
    assert rests["answers"].tolist() == [3, 3]
    assert rests["histories"].tolist() == [1, 2]
    np.testing.assert_array_equal(rests["log_likelihood"], several.log_likelihood)
    assert np.isfinite(rests["mastery_gap"]).all()
    alone = evidence(tree, one, agreement(tree, one))
    assert np.isnan(alone[:, -2:]).all()
