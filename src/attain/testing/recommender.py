"""What every recommender promises, as tests that its own test class inherits."""

# ruff: noqa: D102  # the name of a test is its sentence

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.core.errors import UserError
from attain.data.choice_split import ByOrder, RankingFold, make
from attain.data.choices import Choices
from attain.tasks.context import FitContext
from attain.tasks.recommendation import Recommender, judge
from attain.testing.adapter import AdapterTests
from attain.testing.small_choices import small_choices

Floats = NDArray[np.floating]


class RecommenderTests(AdapterTests):
    """Inherit it, say which model, and pytest runs every promise against it.

    ```python
    class TestMine(RecommenderTests):
        model = Mine
        params: ClassVar = {"neighbours": 5}
    ```
    """

    model: ClassVar[type[Recommender]]
    """The adapter."""

    at_least_hits: ClassVar[float] = 0.6
    """The share of learners with a later item among the first five of their list; about 0.43 for random
    lists, and 0.23 for the most popular items, of which a learner has seen most."""

    needs_answers: ClassVar[bool] = False
    """Whether it refuses sets without right and wrong answers, or without skills."""

    _fitted: ClassVar[Recommender]

    def fit(self, log: Choices, seed: int = 0) -> Recommender:
        """A new model, fitted to `log`."""
        model = self.model.create(**self.params)
        model.fit(log, FitContext(rng=np.random.default_rng(seed)))
        return model

    def fitted(self) -> Recommender:
        """A model fitted to `small_choices(0)`, made once for the class; tests may not change it."""
        if "_fitted" not in vars(type(self)):
            type(self)._fitted = self.fit(small_choices(0))
        return self._fitted

    def scores(self, model: Recommender, history: Choices, learners: NDArray[np.int32] | None = None) -> Floats:
        """The scores of some learners, or of all with a history."""
        asked = history.present if learners is None else learners
        return np.asarray(model.score(history, asked), dtype=float)

    def test_one_finite_score_a_learner_and_item(self) -> None:
        log = small_choices(1)
        scores = self.scores(self.fitted(), log)
        assert scores.shape == (len(log.present), len(log.items))
        assert np.isfinite(scores).all()

    def test_a_learner_alone_gets_the_same_scores(self) -> None:
        log = small_choices(1)
        together = self.scores(self.fitted(), log)
        for place in (0, 5, len(log.present) - 1):
            alone = log.of_learners(log.present[[place]])
            self.same(self.scores(self.fitted(), alone)[0], together[place])

    def test_learners_without_a_history_are_allowed(self) -> None:
        log = small_choices(1)
        nobody = log.take(np.zeros(len(log), dtype=bool))
        scores = self.scores(self.fitted(), nobody, np.array([0, 3], dtype=np.int32))
        assert scores.shape == (2, len(log.items))
        assert np.isfinite(scores).all()

    def test_items_that_nobody_took_are_allowed(self) -> None:
        log = small_choices(0)
        part = log.take(log.item < 12)
        scores = self.scores(self.fit(part), part)
        assert scores.shape == (len(part.present), len(log.items))
        assert np.isfinite(scores).all()

    def test_a_catalogue_of_one_item_is_allowed(self) -> None:
        log = small_choices(0)
        one = replace(
            log.take(log.item == 0),
            items=log.items[:1],
            skill=log.skill[:1],
            skill_start=log.skill_start[:2],
            before=log.before[:0],
            after=log.after[:0],
        )
        assert self.scores(self.fit(one), one).shape == (len(one.present), 1)

    def test_it_can_learn_without_answers_times_skills_or_prerequisites(self) -> None:
        log = small_choices(0)
        bare = replace(log, time_s=None, duration_s=None, before=log.before[:0], after=log.after[:0])
        if self.needs_answers:
            with pytest.raises(UserError, match="needs answers"):
                self.model.create(**self.params).check_data(replace(bare, correct=None))
        else:
            start = np.zeros_like(log.skill_start)
            bare = replace(bare, correct=None, skill=log.skill[:0], skill_start=start, skills=log.skills[:0])
        assert np.isfinite(self.scores(self.fit(bare), bare)).all()

    def test_nothing_is_changed_in_what_it_is_given(self) -> None:
        log = small_choices(2)
        before = {name: array.copy() for name, array in log.arrays().items()}
        self.scores(self.fit(log), log)
        for name, array in log.arrays().items():
            np.testing.assert_array_equal(array, before[name], err_msg=name)

    def test_the_same_seed_gives_the_same_scores(self) -> None:
        log = small_choices(1)
        self.same(self.scores(self.fit(small_choices(0)), log), self.scores(self.fitted(), log))

    def test_saved_and_loaded_it_scores_the_same(self, tmp_path: Path) -> None:
        log = small_choices(1)
        self.fitted().save(tmp_path)
        again = self.model.load(tmp_path)
        assert again.params == self.fitted().params
        self.same(self.scores(again, log), self.scores(self.fitted(), log))

    def test_lists_hold_what_learners_take_later(self) -> None:
        fold = small_fold(learners=300)
        table = judge(self.fit(fold.train), fold).frame
        hits = table[(table["rank"] <= 5) & (table["target"] == 1)]
        assert hits["unit"].nunique() / table["unit"].nunique() > self.at_least_hits


def small_fold(learners: int = 80) -> RankingFold:
    """The last quarter of each learner's choices held out."""
    return make(ByOrder(held_out=0.25), small_choices(0, learners=learners))
