from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.data.interactions import Interactions, skill_rows
from attain.models.knowledge_tracing._bkt_classes import Classes, histories
from attain.models.knowledge_tracing._bkt_climb import Rules, climb, log_likelihood
from attain.models.knowledge_tracing._bkt_groups import Grouped, group
from attain.models.knowledge_tracing._bkt_tables import Histories, Tables
from attain.testing.small import make_log

RULES = Rules(forgets=False, guess_plus_slip_below_one=False, tolerance=1e-6, max_iterations=500)
SKILLS, ANSWERS = 4, 8


def two_kinds(learners: int, share: float = 0.5) -> tuple[Interactions, NDArray[np.bool_]]:
    """Of each skill, fast learners know much before and learn soon, others neither; guess is .2 and slip .1."""
    rng = np.random.default_rng(0)
    fast = rng.random(learners) < share
    size = (learners, SKILLS)
    known = rng.random(size) < np.where(fast, 0.7, 0.1)[:, None]
    right = np.empty((learners, SKILLS, ANSWERS), dtype=int)
    for t in range(ANSWERS):
        right[:, :, t] = rng.random(size) < np.where(known, 0.9, 0.2)
        known |= rng.random(size) < np.where(fast, 0.4, 0.05)[:, None]
    item = np.tile(np.repeat(np.arange(SKILLS), ANSWERS), learners)
    return make_log(
        np.repeat(np.arange(learners), SKILLS * ANSWERS), item, right.ravel(), [[s] for s in range(SKILLS)]
    ), fast


def grouped(log: Interactions, n_groups: int) -> tuple[Histories, Tables, Grouped]:
    rows = skill_rows(log, "first")
    skill = Classes.of(rows.skill.astype(np.int64), rows.skill, SKILLS)
    flat, ranges = histories(rows, log, skill, skill, by_first_answer=False)
    each = np.full((SKILLS, 2), 0.2)
    start = Tables.of(np.full(SKILLS, 0.3), each * [1, 0], np.vstack([each, [0.5, 0.5]]))
    nothing = Tables(*(np.zeros_like(part) for part in (start.prior, start.move, start.answer)))
    one = climb(flat, ranges, start, nothing, RULES).tables
    return flat, one, group(flat, ranges, one, nothing, RULES, n_groups)


def test_two_kinds_of_learners_are_found_again() -> None:
    log, _ = two_kinds(600, share=0.3)
    flat, one, found = grouped(log, 2)
    np.testing.assert_allclose(found.share, [0.7, 0.3], atol=0.05)
    for tables, prior, learn in zip(found.tables, (0.1, 0.7), (0.05, 0.4), strict=True):
        priors, moves, answers = tables.parameters
        np.testing.assert_allclose(priors, prior, atol=0.12)
        np.testing.assert_allclose(moves[:, 0], learn, atol=0.12)
        assert (moves[:, 1] == 0).all()
        np.testing.assert_allclose(answers[:-1], np.tile([0.2, 0.1], (SKILLS, 1)), atol=0.05)
    assert found.log_likelihood > log_likelihood(flat, one).sum() + 100


def test_the_likelihood_is_that_of_each_learner_in_every_group_by_its_share() -> None:
    log, _ = two_kinds(20)
    flat, _, found = grouped(log, 3)
    total = 0.0
    for code in range(20):
        own = flat.learner == code
        alone = [_of_histories(flat, own, tables) for tables in found.tables]
        total += np.log(found.share @ np.exp(alone))
    assert found.log_likelihood == pytest.approx(total)


def _of_histories(flat: Histories, chosen: NDArray[np.bool_], tables: Tables) -> float:
    total = 0.0
    for q in np.flatnonzero(chosen):
        low, high = flat.start[q], flat.start[q + 1]
        one = replace(
            flat,
            skill_start=np.array([0, 1]),
            start=np.array([0, high - low]),
            symbol=flat.symbol[low:high],
            move=flat.move[low:high],
            prior=flat.prior[q : q + 1],
        )
        total += log_likelihood(one, tables)[0]
    return total


def test_one_group_is_all_learners() -> None:
    log, _ = two_kinds(50)
    flat, one, found = grouped(log, 1)
    assert found.share.tolist() == [1]
    np.testing.assert_allclose(found.log_likelihood, log_likelihood(flat, one).sum(), rtol=1e-5)
