from collections.abc import Callable

import numpy as np
import pytest

from attain.data.interactions import Interactions, skill_rows
from attain.models.knowledge_tracing._history import earlier_answers, earlier_in_windows, known_time
from attain.testing.small import make_log, small_log

HOUR, DAY = 3600.0, 86_400.0

Counts = Callable[[Interactions], list[tuple[int, int]]]


def windowed(log: Interactions, clock: np.ndarray, windows: np.ndarray) -> np.ndarray:
    rows = skill_rows(log, "mean")
    learner, correct = log.learner[rows.answer], log.correct[rows.answer]
    return earlier_in_windows(rows.answer, rows.skill, len(rows.names), learner, correct, clock[rows.answer], windows)


def test_earlier_answers_are_counted_as_by_hand(counts_by_hand: Counts) -> None:
    log = small_log(3)
    rows = skill_rows(log, "mean")
    learner, correct = log.learner[rows.answer], log.correct[rows.answer]
    counted = earlier_answers(rows.answer, rows.skill, len(rows.names), learner, correct)
    assert [tuple(row) for row in counted.tolist()] == counts_by_hand(log)


def test_an_answer_leaves_a_window_when_it_is_as_old_as_the_window_is_long() -> None:
    log = make_log(np.zeros(6, dtype=int), np.zeros(6, dtype=int), np.array([1, 0, 1, 1, 0, 1]), [[0]])
    clock = np.array([0, 0.5 * HOUR, HOUR, 2 * HOUR, 25.5 * HOUR, 40 * DAY])
    found = windowed(log, clock, np.array([HOUR, DAY, 7 * DAY, np.inf]))
    hour = [(0, 0), (1, 1), (0, 1), (0, 0), (0, 0), (0, 0)]  # right ones, and all
    day = [(0, 0), (1, 1), (1, 2), (2, 3), (1, 1), (0, 0)]
    week = [(0, 0), (1, 1), (1, 2), (2, 3), (3, 4), (0, 0)]
    ever = [(0, 0), (1, 1), (1, 2), (2, 3), (3, 4), (3, 5)]
    np.testing.assert_array_equal(found, np.array([hour, day, week, ever]).transpose(1, 0, 2))


@pytest.mark.parametrize("seed", range(3))
def test_windows_are_counted_as_by_looking_back_from_each_answer(seed: int) -> None:
    log = small_log(seed)
    assert log.time_s is not None
    clock = known_time(log.learner_start, log.time_s)
    windows = np.array([200.0, HOUR, 2 * DAY, np.inf])
    rows = skill_rows(log, "mean")
    by_hand = np.zeros((len(rows.answer), len(windows), 2))
    for r, (answer, skill) in enumerate(zip(rows.answer, rows.skill, strict=True)):
        for q in range(r):
            before = rows.answer[q]
            if log.learner[before] == log.learner[answer] and rows.skill[q] == skill and before < answer:
                within = clock[answer] - clock[before] < windows
                within[-1] = True
                by_hand[r] += within[:, None] * np.array([log.correct[before], 1])
    np.testing.assert_array_equal(windowed(log, clock, windows), by_hand)


def test_answers_at_unknown_times_count_only_for_ever() -> None:
    log = make_log(np.zeros(3, dtype=int), np.zeros(3, dtype=int), np.ones(3, dtype=int), [[0]])
    found = windowed(log, np.array([np.nan, np.nan, 5]), np.array([HOUR, np.inf]))
    np.testing.assert_array_equal(found[:, :, 1], [[0, 0], [0, 1], [0, 2]])


def test_an_unknown_time_is_the_last_known_one_of_the_same_learner() -> None:
    time = np.array([1, np.nan, 0.5, 3, np.nan, 2, np.nan])
    np.testing.assert_array_equal(known_time(np.array([0, 4, 7]), time), [1, 1, 1, 3, np.nan, 2, 2])


def test_a_history_of_100_000_answers_is_counted_in_one_pass() -> None:
    n = 100_000
    log = make_log(np.zeros(n, dtype=int), np.zeros(n, dtype=int), np.ones(n, dtype=int), [[0]])
    found = windowed(log, np.arange(n, dtype=float), np.array([10.0, np.inf]))
    np.testing.assert_array_equal(found[-1, :, 0], [9, n - 1])
