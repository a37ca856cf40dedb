from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data.choice_split import ByMoment, ByOrder, ByPairs, ChoiceSplit, LastOut, make
from attain.data.choices import Choices
from attain.testing.small_choices import small_choices

SPLITS = [ByMoment(), ByOrder(), LastOut(), ByPairs(), ByOrder(repeats="keep"), ByMoment(repeats="keep")]


@pytest.mark.parametrize("split", SPLITS, ids=str)
def test_what_is_learned_from_and_what_is_judged_share_no_event(split: ChoiceSplit) -> None:
    fold = make(split, small_choices(0))
    assert not set(fold.train.row) & set(fold.test.row[fold.scored])
    assert set(fold.test.row[~fold.scored]) <= set(fold.train.row)


@pytest.mark.parametrize("split", SPLITS, ids=str)
def test_every_learner_who_is_judged_has_something_to_be_judged_on(split: ChoiceSplit) -> None:
    fold = make(split, small_choices(0))
    assert set(fold.test.present) == set(fold.test.learner[fold.scored])


def test_by_moment_nothing_is_learned_from_that_came_after_what_is_judged() -> None:
    fold = make(ByMoment(train_share=0.7), small_choices(0))
    assert fold.train.time_s is not None
    assert fold.test.time_s is not None
    assert fold.train.time_s.max() < fold.test.time_s[fold.scored].min()


def test_by_order_each_learner_keeps_the_first_events() -> None:
    log = small_choices(0)
    fold = make(ByOrder(held_out=0.25, repeats="keep"), log)
    for learner in fold.test.present:
        n = int((log.learner == learner).sum())
        own = fold.scored[fold.test.learner == learner]
        assert own.sum() == max(1, round(0.25 * n))
        assert (np.diff(own.astype(int)) >= 0).all()


def test_last_out_holds_out_one_event_a_learner() -> None:
    fold = make(LastOut(repeats="keep"), small_choices(0))
    assert fold.scored.sum() == len(fold.test.present)


def test_an_item_taken_before_is_not_judged_where_repeats_are_hidden() -> None:
    fold = make(ByOrder(), small_choices(0))
    pair = pd.Series(fold.test.learner.astype(np.int64) * 1000 + fold.test.item)
    assert not set(pair[fold.scored]) & set(pair[~fold.scored])


def test_a_learner_with_one_event_is_learned_from_and_not_judged() -> None:
    log = small_choices(0)
    one = log.take((log.learner > 0) | (log.step == 0))
    fold = make(ByOrder(), one)
    assert 0 in fold.train.present
    assert 0 not in fold.test.present


def test_pairs_are_held_out_by_the_seed() -> None:
    held = [set(make(ByPairs(seed=seed), small_choices(0)).test.row) for seed in (0, 0, 1)]
    assert held[0] == held[1] != held[2]


@pytest.mark.parametrize("split", [ByOrder(), LastOut()], ids=str)
def test_a_set_without_an_order_is_split_by_pairs_only(split: ChoiceSplit) -> None:
    with pytest.raises(UserError, match=r"needs an order.*by: pairs"):
        make(split, _unordered())
    assert len(make(ByPairs(), _unordered()).test)


def test_a_set_without_times_is_not_split_by_moment() -> None:
    with pytest.raises(UserError, match="needs times"):
        make(ByMoment(), _unordered())


def _unordered() -> Choices:
    return replace(small_choices(0), ordered=False, time_s=None)
