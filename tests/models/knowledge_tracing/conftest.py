from collections import defaultdict
from collections.abc import Callable

import pytest

from attain.data.interactions import Interactions


@pytest.fixture
def counts_by_hand() -> Callable[[Interactions], list[tuple[int, int]]]:
    """For each answer and skill, the learner's earlier right and wrong answers to the skill, by a plain loop."""

    def count(log: Interactions) -> list[tuple[int, int]]:
        right: dict[tuple[int, str], int] = defaultdict(int)
        wrong: dict[tuple[int, str], int] = defaultdict(int)
        out = []
        for i in range(len(log)):
            codes = log.skill[log.skill_start[i] : log.skill_start[i + 1]]
            keys = [(int(log.learner[i]), str(log.skills[c])) for c in codes] or [(int(log.learner[i]), "")]
            out += [(right[k], wrong[k]) for k in keys]
            for k in keys:
                (right if log.correct[i] else wrong)[k] += 1
        return out

    return count
