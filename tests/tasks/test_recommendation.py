import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.choice_split import ByMoment, ByOrder, RankingFold, make
from attain.data.choices import Choices
from attain.data.dataset import Dataset
from attain.data.split import ByLearner
from attain.models.recommendation.popularity import Popularity
from attain.tasks import recommendation
from attain.tasks._lists import first_places
from attain.tasks.context import FitContext
from attain.testing.recommender import small_fold
from attain.testing.small import small_log
from attain.testing.small_choices import small_choices


def table(fold: RankingFold) -> pd.DataFrame:
    return recommendation.run(Popularity(), fold, FitContext()).frame


def test_lists_are_the_sorted_scores_of_what_may_be_listed() -> None:
    generator = np.random.default_rng(0)
    scores = generator.integers(0, 6, (50, 30)).astype(np.float32)  # many ties
    allowed = generator.random((50, 30)) < 0.6
    order = generator.permutation(30).astype(np.int32)
    listed = first_places(scores, allowed, order, 12)
    for i in range(50):
        expected = sorted(np.flatnonzero(allowed[i]), key=lambda item: (-scores[i, item], order[item]))[:12]
        assert listed[i, listed[i] >= 0].tolist() == expected


def test_a_list_is_no_longer_than_the_catalogue() -> None:
    listed = first_places(np.ones((1, 3), np.float32), np.ones((1, 3), bool), np.arange(3, dtype=np.int32), 10)
    assert listed.tolist() == [[0, 1, 2]]


def test_every_later_choice_is_in_the_table_once_listed_or_not() -> None:
    fold = make(ByOrder(held_out=0.25, depth=12), small_choices(0))
    frame = table(fold)
    relevant = frame[frame["target"] == 1]
    later = fold.test.take(fold.scored)
    expected = set(zip(later.learners[later.learner], later.items[later.item], strict=True))
    assert set(zip(relevant["unit"].astype(str), relevant["item"].astype(str), strict=True)) == expected
    assert not frame.duplicated(["unit", "item"]).any()
    assert relevant["rank"].isna().any()


def test_nothing_that_a_learner_took_before_is_listed_where_repeats_are_hidden() -> None:
    assert not table(small_fold())["seen"].any()


def test_repeats_may_be_listed_where_they_are_kept() -> None:
    frame = table(make(ByOrder(repeats="keep"), small_choices(0)))
    assert frame.loc[frame["seen"], "rank"].notna().any()


def test_with_startable_candidates_only_items_are_listed_whose_prerequisites_were_taken() -> None:
    fold = make(ByOrder(candidates="startable"), small_choices(0))
    frame = table(fold)
    assert frame.loc[frame["rank"].notna(), "eligible"].all()
    history = fold.test.take(~fold.scored)
    taken = set(zip(history.learners[history.learner], history.item, strict=True))
    for unit, item in frame.loc[frame["rank"].notna(), ["unit", "item"]].itertuples(index=False):
        number = int(item.split()[1])
        assert number < 12 or (unit, number - 12) in taken


def test_popularity_groups_part_the_training_events_at_half_and_at_four_fifths() -> None:
    fold = small_fold()
    frame = table(fold)
    events = np.bincount(fold.train.item, minlength=24)
    names = pd.Series(events, index=fold.train.items).sort_values(ascending=False, kind="stable")
    before = names.cumsum() - names
    expected = np.select([before < 0.5 * len(fold.train), before < 0.8 * len(fold.train)], [0, 1], 2)
    group = dict(zip(names.index, expected, strict=True))
    assert (frame["popularity_group"] == frame["item"].astype(str).map(group)).all()
    shares = frame[["history_head", "history_middle", "history_tail"]].sum(axis=1)
    np.testing.assert_allclose(shares, 1, rtol=1e-6)


def test_the_columns_it_announces_are_those_of_the_table() -> None:
    data = Dataset("small", small_choices(0), "")
    assert recommendation.columns(data, Popularity) == set(table(small_fold()).columns)


def test_answers_are_read_as_choices() -> None:
    data = Dataset("answers", small_log(0), "")
    fold = recommendation.make_fold(ByOrder(), data, 0)
    assert len(table(fold))


def test_a_recommender_that_mixes_learners_is_refused() -> None:
    class Mixing(Popularity):
        def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
            return super().score(history, learners) + np.arange(len(learners))[:, None]

    model = Mixing()
    model.fit(small_fold().train, FitContext())
    with pytest.raises(UserError, match="mixes learners"):
        recommendation.look(model, small_fold())


@pytest.mark.parametrize("bad", ["shape", "number"])
def test_scores_of_the_wrong_shape_or_not_numbers_are_refused(bad: str) -> None:
    class Wrong(Popularity):
        def score(self, history: Choices, learners: NDArray[np.int32]) -> NDArray[np.floating]:
            scores = np.array(super().score(history, learners))
            return scores[:, 1:] if bad == "shape" else np.where(scores > 3, np.nan, scores)

    with pytest.raises(UserError, match="shape" if bad == "shape" else "no numbers"):
        recommendation.run(Wrong(), small_fold(), FitContext())


def test_only_the_split_by_moment_needs_no_sentence_beside_its_figures() -> None:
    data = Dataset("small", small_choices(0), "")
    assert recommendation.said_beside(Popularity, ByMoment(), data, 0) == ""
    assert "later" in recommendation.said_beside(Popularity, ByOrder(), data, 0)


def test_a_split_of_another_task_is_refused() -> None:
    data = Dataset("small", small_choices(0), "")
    with pytest.raises(UserError, match="moment, order, pairs or last"):
        recommendation.make_fold(ByLearner(), data, 0)
