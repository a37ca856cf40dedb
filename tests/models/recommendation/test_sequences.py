import numpy as np

from attain.models.recommendation._sequences import NONE, batches, latest, windows
from attain.testing.small_choices import small_choices


def test_the_latest_events_stand_at_the_end_of_the_row() -> None:
    log = small_choices(0)
    learners = np.array([0, 3, 5], dtype=np.int32)
    rows = latest(log.of_learners(learners), learners, 8)
    for learner, row in zip(learners, rows, strict=True):
        own = (log.item[log.learner == learner] + 1).tolist()[-8:]
        assert row.tolist() == [NONE] * (8 - len(own)) + own


def test_every_event_but_a_learner_s_first_is_the_next_one_of_some_event_once() -> None:
    log = small_choices(0)
    for length in (2, 3, 50):
        rows = windows(log, length)
        asked = (rows[:, :-1] != NONE) & (rows[:, 1:] != NONE)
        pairs = sorted(zip(rows[:, :-1][asked], rows[:, 1:][asked], strict=True))
        follows = np.flatnonzero(np.diff(log.learner) == 0)
        expected = sorted(zip(log.item[follows] + 1, log.item[follows + 1] + 1, strict=True))
        assert pairs == expected


def test_batches_hold_every_row_once_and_lose_only_empty_columns() -> None:
    rows = windows(small_choices(0), 20)
    seen = [row[row != NONE].tolist() for batch in batches(rows, 7, np.random.default_rng(0)) for row in batch]
    assert sorted(seen) == sorted(row[row != NONE].tolist() for row in rows)


def test_where_order_means_nothing_rows_are_shuffled_and_stay_at_the_end() -> None:
    rows = windows(small_choices(0), 20)
    batch = next(batches(rows, len(rows), np.random.default_rng(0), ordered=False))
    used = batch != NONE
    assert (np.diff(used.astype(int), axis=1) >= 0).all()
    order = np.argsort((rows != NONE).sum(axis=1), kind="stable")
    assert [sorted(row[row != NONE]) for row in batch] == [sorted(row[row != NONE]) for row in rows[order]]
    assert any(
        row[row != NONE].tolist() != old[old != NONE].tolist() for row, old in zip(batch, rows[order], strict=True)
    )
