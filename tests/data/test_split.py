import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.data.split import ByLearner, ByTime, Fold, Published, Split, count, hold_out, make


def log_of(lengths: list[int], times: list[float] | None = None) -> Interactions:
    """A log in which learner i has lengths[i] rows."""
    n = sum(lengths)
    return Interactions(
        learner=np.repeat(np.arange(len(lengths)), lengths).astype(np.int32),
        item=np.zeros(n, dtype=np.int32),
        correct=np.zeros(n, dtype=np.int8),
        skill=np.zeros(0, dtype=np.int32),
        skill_start=np.zeros(n + 1, dtype=np.int64),
        row=np.arange(n, dtype=np.int64),
        learners=np.array([f"l{i}" for i in range(len(lengths))], dtype=object),
        items=np.array(["i"], dtype=object),
        skills=np.array([], dtype=object),
        time_s=None if times is None else np.array(times, dtype=float),
    )


def folds(split: Split, log: Interactions, published: np.ndarray | None = None) -> list[Fold]:
    return [make(split, log, published, index) for index in range(count(split, published))]


lengths = st.lists(st.integers(0, 4), min_size=6, max_size=30).filter(lambda many: sum(n > 0 for n in many) >= 6)


@given(lengths=lengths, n_folds=st.integers(2, 5), seed=st.integers(0, 3))
def test_each_row_is_held_out_once_and_no_learner_is_on_both_sides(lengths: list[int], n_folds: int, seed: int) -> None:
    log = log_of(lengths)
    split = ByLearner(folds=n_folds, seed=seed)
    held_out = []
    for fold in folds(split, log):
        assert not set(fold.train.learner) & set(fold.test.learner)
        assert len(fold.train) + len(fold.test) == len(log)
        assert fold.scored.all()
        held_out += fold.test.row.tolist()
    assert sorted(held_out) == list(range(len(log)))


@given(lengths=lengths)
def test_folds_hold_equally_many_learners(lengths: list[int]) -> None:
    sizes = [len(fold.test.present) for fold in folds(ByLearner(folds=4), log_of(lengths))]
    assert max(sizes) - min(sizes) <= 1


def test_the_seed_decides_the_deal() -> None:
    log = log_of([1] * 40)
    first, again, other = (make(ByLearner(seed=seed), log, None, 0).test.row.tolist() for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_only_runs_the_first_folds_and_trains_on_all_others() -> None:
    log = log_of([1] * 10)
    split = ByLearner(folds=5, only=2)
    assert count(split, None) == 2
    assert [len(fold.train) for fold in folds(split, log)] == [8, 8]


def test_a_published_split_holds_out_its_learners_and_keeps_the_others_in_training() -> None:
    log = log_of([2, 1, 3, 1])
    made = folds(Published(), log, np.array([-1, 3, 7, 3]))
    assert [fold.test.present.tolist() for fold in made] == [[1, 3], [2]]
    assert [fold.train.present.tolist() for fold in made] == [[0, 2], [0, 1, 3]]


def test_a_split_by_time_trains_on_the_past_and_judges_the_future() -> None:
    log = log_of([3, 2, 1], times=[1, 5, 9, 2, 3, 8])
    fold = make(ByTime(train_share=0.6), log, None, 0)
    assert fold.train.row.tolist() == [0, 1, 3, 4]
    assert fold.test.row.tolist() == [0, 1, 2, 5]  # the second learner has no later answer
    assert fold.scored.tolist() == [False, False, True, True]


def test_an_answer_without_a_time_is_neither_learned_from_nor_judged() -> None:
    fold = make(ByTime(train_share=0.5), log_of([4], times=[1, np.nan, 2, 3]), None, 0)
    assert fold.train.row.tolist() == [0, 2]
    assert fold.scored.tolist() == [False, False, False, True]


@pytest.mark.parametrize(
    ("split", "lengths", "times", "message"),
    [
        (ByTime(), [2], None, "needs a time for each answer.*by: learner"),
        (ByTime(), [2], [4, 4], "leaves no answers to test on"),
        (Published(), [2], None, "not published with a split"),
        (ByLearner(), [1, 1, 0, 0, 0, 0], None, "2 learners cannot be dealt into 5 folds"),
    ],
)
def test_an_impossible_split_is_explained(
    split: ByTime | Published | ByLearner, lengths: list[int], times: list[float] | None, message: str
) -> None:
    with pytest.raises(UserError, match=message):
        folds(split, log_of(lengths, times))


def test_a_published_split_without_training_learners_is_refused() -> None:
    with pytest.raises(UserError, match="no rows to train on"):
        make(Published(), log_of([1, 1]), np.array([0, 0]), 0)


@given(lengths=lengths, share=st.floats(0, 1), seed=st.integers(0, 5))
def test_holding_out_parts_the_learners(lengths: list[int], share: float, seed: int) -> None:
    log = log_of(lengths)
    kept, apart = hold_out(log, share, np.random.default_rng(seed))
    assert len(kept) > 0
    assert len(apart) > 0
    assert sorted([*kept.row, *apart.row]) == list(range(len(log)))
    assert not set(kept.learner) & set(apart.learner)


def test_a_single_learner_cannot_be_parted() -> None:
    with pytest.raises(UserError, match="2 are needed"):
        hold_out(log_of([3]), 0.1, np.random.default_rng(0))
