from typing import Literal

import numpy as np
import pytest

from attain.data.interactions import Interactions, skill_rows
from attain.models.knowledge_tracing import _bkt_em as em
from attain.models.knowledge_tracing._bkt_climb import Rules
from attain.models.knowledge_tracing._bkt_parameters import Learners, Parameters
from attain.models.knowledge_tracing._bkt_refine import Refinement, refine
from attain.models.knowledge_tracing._prefix_tree import PrefixTree
from attain.testing.small import make_log, small_log

Kind = Literal["skill", "item", "pair"]
RULES = Rules(forgets=True, guess_plus_slip_below_one=False, tolerance=1e-6, max_iterations=2000)
NOTHING = np.zeros((5, 2))


def whole(log: Interactions) -> em.Fit:
    rows = skill_rows(log, "first")
    learner, correct = log.learner[rows.answer], log.correct[rows.answer]
    tree = PrefixTree.grow(rows.skill, learner, correct, len(rows.names))
    return em.fit(tree, np.array([[0.3, 0.1, 0.2, 0.2, 0.05]]), forgets=True, tolerance=1e-6)


def refined(
    log: Interactions,
    learn: Kind = "skill",
    guess: Kind = "skill",
    first: bool = False,
    groups: int = 1,
    lean: float = 0,
) -> tuple[Learners, float]:
    values = np.vstack([whole(log).parameters, np.full(5, 0.5)])
    return refine(skill_rows(log, "first"), log, values, Refinement(learn, guess, first, groups, lean, NOTHING, RULES))


def one_group(learners: Learners) -> Parameters:
    (group,) = learners.groups
    return group


@pytest.mark.parametrize(
    ("learn", "guess", "first", "groups"),
    [
        ("item", "skill", False, 1),
        ("pair", "skill", False, 1),
        ("skill", "item", False, 1),
        ("skill", "skill", True, 1),
        ("skill", "skill", False, 2),
        ("skill", "skill", True, 2),
    ],
)
def test_more_freedom_never_fits_worse(learn: Kind, guess: Kind, first: bool, groups: int) -> None:
    log = small_log(0)
    plain = refined(log)[1] if groups == 1 else refined(log, first=first)[1]
    assert refined(log, learn, guess, first, groups)[1] > plain + 1


def test_without_classes_nothing_changes() -> None:
    log = small_log(0)
    found, value = refined(log)
    np.testing.assert_allclose(found.values[:-1], whole(log).parameters, atol=0.01)
    assert value == pytest.approx(whole(log).log_likelihood.sum(), abs=1e-3)


def test_classes_that_lean_hard_are_those_of_the_skill() -> None:
    log = small_log(0)
    learners, value = refined(log, "item", "item", lean=1e9)
    found, rows = one_group(learners), skill_rows(log, "first")
    np.testing.assert_allclose(found.of_rows(rows, log).values, found.values[:-1][rows.skill], atol=1e-5)
    assert value == pytest.approx(whole(log).log_likelihood.sum(), abs=1e-3)


def test_an_item_that_is_easier_to_guess_is_found_and_one_that_is_rare_leans_on_the_skill() -> None:
    rng = np.random.default_rng(0)
    n, length = 400, 10
    known = np.cumsum(rng.random((n, length)) < 0.15, axis=1) > 0
    item = rng.integers(0, 2, (n, length))
    right = rng.random((n, length)) < np.where(known, 0.9, np.where(item == 0, 0.1, 0.5))
    item[0, 0], right[0, 0] = 2, True
    log = make_log(np.repeat(np.arange(n), length), item.ravel(), right.ravel().astype(int), [[0], [0], [0]])
    found = one_group(refined(log, guess="item", lean=5)[0])
    assert found.guess is not None
    np.testing.assert_allclose(found.guess.values[:2], [[0.1, 0.1], [0.5, 0.1]], atol=0.05)
    np.testing.assert_allclose(found.guess.values[2], found.values[0, 2:4], atol=0.15)


def test_first_answers_decide_what_they_are_told_to_and_their_share_is_that_of_the_learners() -> None:
    sequences = [[0, 0, 0, 0], [0, 0, 0, 1], [1, 1, 1, 1], [1, 1, 1, 0], [1, 1, 1, 1]] * 20
    correct = np.array(sequences).ravel()
    log = make_log(np.repeat(np.arange(100), 4), np.zeros(400, dtype=int), correct, [[0]])
    learners, value = refined(log, first=True)
    found = one_group(learners)
    assert found.first is not None
    right, if_wrong, if_right = found.first[0]
    assert right == pytest.approx(0.6)
    assert if_wrong < 0.2 < 0.8 < if_right
    assert value > whole(log).log_likelihood.sum()
