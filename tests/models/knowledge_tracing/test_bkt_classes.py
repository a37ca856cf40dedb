from itertools import groupby

import numpy as np

from attain.data.interactions import skill_rows
from attain.models.knowledge_tracing._bkt_classes import By, Classes, histories, keys_of_rows
from attain.testing.small import make_log, small_log

LOG = make_log(
    np.array([0, 0, 0, 0, 1, 1, 1]), np.array([0, 1, 2, 0, 0, 0, 1]), np.array([1, 0, 1, 1, 0, 1, 1]), [[0], [0], [1]]
)


def classes(by: By) -> list[int]:
    rows = skill_rows(LOG, "first")
    return list(map(int, keys_of_rows(by, rows, LOG, rows.names, LOG.items)))


def test_classes_are_of_skills_of_items_or_of_pairs_of_items() -> None:
    n, none = 3, 3
    assert classes("skill") == [0, 0, 1, 0, 0, 0, 0]
    assert classes("item") == [0, 1, n + 2, 0, 0, 0, 1]
    first, first_of_other = (0, none), (n, none)
    pairs = [first, (1, 0), first_of_other, (0, 1), first, (0, 0), (1, 0)]
    assert classes("pair") == [key * (n + 1) + before for key, before in pairs]


def test_a_name_that_is_not_known_has_no_class_nor_has_a_pair_with_it() -> None:
    rows = skill_rows(LOG, "first")
    items = LOG.items[[0, 2]]
    assert np.flatnonzero(keys_of_rows("item", rows, LOG, rows.names, items) < 0).tolist() == [1, 6]
    assert np.flatnonzero(keys_of_rows("pair", rows, LOG, rows.names, items) < 0).tolist() == [1, 3, 6]
    assert np.flatnonzero(keys_of_rows("skill", rows, LOG, rows.names[:1], items) < 0).tolist() == [2]


def test_histories_are_the_answers_of_each_learner_to_each_skill() -> None:
    log = small_log(0)
    rows = skill_rows(log, "mean")
    n = len(rows.names)
    key = keys_of_rows("item", rows, log, rows.names, log.items)
    item, skill = Classes.of(key, rows.skill, n), Classes.of(rows.skill.astype(np.int64), rows.skill, n)
    flat, ranges = histories(rows, log, skill, item, by_first_answer=False)
    triples = sorted(zip(rows.skill.tolist(), log.learner[rows.answer].tolist(), range(len(key)), strict=True))
    expected = [[row for _, _, row in group] for _, group in groupby(triples, key=lambda t: t[:2])]
    assert np.diff(flat.start).tolist() == [len(h) for h in expected]
    in_order = np.concatenate(expected)
    right = log.correct[rows.answer][in_order]
    assert (flat.symbol % 2).tolist() == right.tolist()
    assert item.key[flat.symbol // 2].tolist() == key[in_order].tolist()
    assert flat.move.tolist() == rows.skill[in_order].tolist()
    assert flat.prior.tolist() == [rows.skill[h[0]] for h in expected]
    assert flat.skill_start.tolist() == np.searchsorted(flat.prior, np.arange(n + 1)).tolist()
    assert ranges.answer.tolist() == np.searchsorted(item.key // len(log.items), np.arange(n + 1)).tolist()


def test_a_first_answer_that_chooses_the_prior_is_told_apart_and_says_nothing_else() -> None:
    rows = skill_rows(LOG, "first")
    skill = Classes.of(rows.skill.astype(np.int64), rows.skill, 2)
    flat, ranges = histories(rows, LOG, skill, skill, by_first_answer=True)
    assert flat.prior.tolist() == [1, 0, 3]
    assert flat.symbol.tolist() == [4, 0, 1, 4, 1, 1, 4]
    assert ranges.prior.tolist() == [0, 2, 4]
