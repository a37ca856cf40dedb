from collections import Counter

import numpy as np

from attain.data.interactions import skill_rows
from attain.models.knowledge_tracing._prefix_tree import PrefixTree
from attain.testing.small import small_log


def test_a_learner_who_returns_to_a_skill_goes_on_with_it() -> None:
    skill, learner = np.array([0, 1, 0, 1], dtype=np.int32), np.zeros(4, dtype=np.int32)
    tree = PrefixTree.grow(skill, learner, np.array([0, 1, 1, 0], dtype=np.int8), 2)
    assert tree.start.tolist() == [0, 2, 4]
    assert tree.parent.tolist() == [-1, 0, -1, 2]
    assert tree.right.tolist() == [0, 1, 1, 0]


def test_each_distinct_history_is_counted_once_with_its_learners() -> None:
    log = small_log(0)
    rows = skill_rows(log, "mean")
    learner, correct = log.learner[rows.answer], log.correct[rows.answer]
    histories: dict[tuple[int, int], tuple[int, ...]] = {}
    expected: Counter[tuple[int, tuple[int, ...]]] = Counter()
    for skill, who, right in zip(rows.skill.tolist(), learner.tolist(), correct.tolist(), strict=True):
        histories[skill, who] = (*histories.get((skill, who), ()), right)
        expected[skill, histories[skill, who]] += 1
    tree = PrefixTree.grow(rows.skill, learner, correct, len(rows.names))
    found: dict[tuple[int, tuple[int, ...]], float] = {}
    path: list[tuple[int, ...]] = []
    for node, (parent, right) in enumerate(zip(tree.parent, tree.right.tolist(), strict=True)):
        assert parent < node
        path.append((*(path[parent] if parent >= 0 else ()), right))
        skill = int(np.searchsorted(tree.start, node, side="right")) - 1
        found[skill, path[node]] = tree.count[node]
    assert found == expected
    ends = Counter((skill, history) for (skill, _), history in histories.items())
    assert [tree.ends[i] for i in range(len(path))] == [ends[key] for key in found]
