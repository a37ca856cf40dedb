import itertools

import numpy as np
import pytest

from attain.data.interactions import Interactions
from attain.models.knowledge_tracing._dkt_windows import Window, one_more_row, skill_numbers, vocabulary, windows
from attain.testing.small import small_log


def skills_of(log: Interactions, row: int) -> list[str]:
    return [str(log.skills[s]) for s in log.skill[log.skill_start[row] : log.skill_start[row + 1]]] or [""]


def spans(values: np.ndarray, start: np.ndarray) -> list[list[int]]:
    return [part.tolist() for part in np.split(values, start[1:])]


@pytest.mark.parametrize(("learners", "max_steps"), [(1, 1), (4, 7), (100, 1000)])
def test_every_row_stands_once_with_the_answer_before_it(learners: int, max_steps: int) -> None:
    log = small_log(0)
    names = vocabulary(log)
    number = {name: i for i, name in enumerate(names.skills)}
    seen = []
    for batch in windows(log, names, learners=learners, max_steps=max_steps):
        for window in batch:
            seen += window.rows.tolist()
            before = spans(window.before, window.before_start)
            skills = spans(window.skill, window.skill_start)
            for row, cell, own, item in zip(window.rows, window.cell, skills, window.item, strict=True):
                assert own == [number[s] for s in skills_of(log, row)]
                assert names.items[item] == log.items[log.item[row]]
                expected = [2 * (len(number) + 1)]
                if log.step[row] > 0:
                    expected = [2 * number[s] + log.correct[row - 1] for s in skills_of(log, row - 1)]
                assert before[cell] == expected
            empty = set(range(window.shape[0] * window.shape[1])) - set(window.cell.tolist())
            assert all(before[cell] == [] for cell in empty)
    assert sorted(seen) == list(range(len(log)))


def test_a_learner_keeps_its_column_from_window_to_window() -> None:
    log = small_log(0)

    def columns(window: Window) -> dict[int, int]:
        pairs = zip(window.cell % window.shape[1], log.learner[window.rows], strict=True)
        found = {(int(c), int(who)) for c, who in pairs}
        assert len({c for c, _ in found}) == len(found)
        return dict(found)

    for batch in windows(log, vocabulary(log), learners=6, max_steps=5):
        for earlier, later in itertools.pairwise(batch):
            assert columns(later).items() <= columns(earlier).items()


def test_little_of_a_table_is_empty() -> None:
    log = small_log(0, learners=400)
    every = [w for batch in windows(log, vocabulary(log), learners=16, max_steps=50) for w in batch]
    assert sum(w.shape[0] * w.shape[1] for w in every) < 1.1 * len(log)


def test_names_not_in_the_vocabulary_share_one_number() -> None:
    known, log = vocabulary(small_log(0, skills=3, items=7)), small_log(1)
    numbers = skill_numbers(log, known)
    for code, number in zip(log.skill, numbers, strict=True):
        name = log.skills[code]
        assert number == (list(known.skills).index(name) if name in known.skills else len(known.skills))


def test_one_more_row_follows_each_learner() -> None:
    log = small_log(0)
    longer, after = one_more_row(log)
    assert len(longer) == len(log) + len(log.present)
    np.testing.assert_array_equal(longer.learner[after], log.learner)
    np.testing.assert_array_equal(longer.row[after - 1], log.row)
