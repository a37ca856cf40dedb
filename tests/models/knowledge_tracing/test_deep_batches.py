import itertools

import numpy as np
import pytest

from attain.data.interactions import Interactions
from attain.models.knowledge_tracing._deep_batches import Window, Windows, one_more_row, skill_numbers, vocabulary
from attain.testing.small import small_log


def batches(log: Interactions, learners: int, max_steps: int) -> list[list[Window]]:
    windows = Windows(log, vocabulary(log), learners=learners, max_steps=max_steps)
    return [list(windows.batch(number)) for number in range(len(windows))]


def skills_of(log: Interactions, row: int) -> list[str]:
    return [str(log.skills[s]) for s in log.skill[log.skill_start[row] : log.skill_start[row + 1]]] or [""]


@pytest.mark.parametrize(("learners", "max_steps"), [(1, 1), (4, 7), (100, 1000)])
def test_every_row_stands_once_in_the_order_of_time(learners: int, max_steps: int) -> None:
    log = small_log(0)
    names = vocabulary(log)
    seen = []
    for batch in batches(log, learners, max_steps):
        first = 0
        for window in batch:
            seen += window.rows.tolist()
            np.testing.assert_array_equal(window.cell % window.shape[1], log.step[window.rows] - first)
            np.testing.assert_array_equal(window.correct, log.correct[window.rows])
            own = np.split(window.skill, window.skill_start[1:-1])
            for row, skills, item in zip(window.rows, own, window.item, strict=True):
                assert [names.skills[s] for s in skills] == skills_of(log, row)
                assert names.items[item] == log.items[log.item[row]]
            first += window.shape[1]
    assert sorted(seen) == list(range(len(log)))


def test_a_learner_keeps_its_line_from_window_to_window_and_has_filled_it() -> None:
    log = small_log(0)

    def lines(window: Window) -> dict[int, int]:
        pairs = zip(window.cell // window.shape[1], log.learner[window.rows], strict=True)
        found = {(int(line), int(who)) for line, who in pairs}
        assert len({line for line, _ in found}) == len(found)
        return dict(found)

    for batch in batches(log, 6, 5):
        for earlier, later in itertools.pairwise(batch):
            assert lines(later).items() <= lines(earlier).items()
            filled = np.bincount(earlier.cell // earlier.shape[1])
            assert (filled[: later.shape[0]] == earlier.shape[1]).all()


def test_little_of_a_table_is_empty() -> None:
    log = small_log(0, learners=400)
    every = [window for batch in batches(log, 16, 50) for window in batch]
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
