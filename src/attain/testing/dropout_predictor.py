"""What every dropout-prediction adapter promises, as tests that its own test class inherits."""

# ruff: noqa: D102  # the name of a test is its sentence

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from attain.core.reasons import Reasons
from attain.data.enrolments import Enrolments, Fact
from attain.tasks.context import FitContext
from attain.tasks.dropout_prediction import DropoutPredictor, Explains
from attain.testing.adapter import AdapterTests
from attain.testing.small_enrolments import small_enrolments

Floats = NDArray[np.floating]


class DropoutPredictorTests(AdapterTests):
    """Inherit it, say which model, and pytest runs every promise against it.

    ```python
    class TestMine(DropoutPredictorTests):
        model = Mine
        params: ClassVar = {"trees": 5}
    ```
    """

    model: ClassVar[type[DropoutPredictor]]
    """The adapter."""

    _fitted: ClassVar[DropoutPredictor]

    def fit(self, enrolments: Enrolments, seed: int = 0) -> DropoutPredictor:
        """A new model, fitted to `enrolments`."""
        model = self.model.create(**self.params)
        model.fit(enrolments, FitContext(rng=np.random.default_rng(seed)))
        return model

    def fitted(self) -> DropoutPredictor:
        """A model fitted to `small_enrolments(0)`, made once for the class; tests may not change it."""
        if "_fitted" not in vars(type(self)):
            type(self)._fitted = self.fit(small_enrolments(0))
        return self._fitted

    def test_one_probability_an_enrolment(self) -> None:
        log = small_enrolments(1).without_outcome()
        scores = np.asarray(self.fitted().predict(log))
        assert scores.shape == (len(log),)
        assert np.isfinite(scores).all()
        assert (scores >= 0).all()
        assert (scores <= 1).all()

    def test_predictions_do_not_read_the_outcome(self) -> None:
        log = small_enrolments(1)
        scores = self.fitted().predict(log.without_outcome())
        self.same(self.fitted().predict(log), scores)
        self.same(self.fitted().predict(log.with_outcome(1 - log.outcome)), scores)

    def test_an_enrolment_alone_gets_the_same_score(self) -> None:
        log = small_enrolments(1).without_outcome()
        together = self.fitted().predict(log)
        for row in (0, 5, len(log) - 1):
            self.same(self.fitted().predict(log.take(np.array([row]))), together[[row]])

    def test_the_order_of_enrolments_does_not_matter(self) -> None:
        log = small_enrolments(1).without_outcome()
        order = np.random.default_rng(0).permutation(len(log))
        self.same(self.fitted().predict(log.take(order)), self.fitted().predict(log)[order])

    def test_nothing_is_changed_in_what_it_is_given(self) -> None:
        log = small_enrolments(2)
        before = {name: array.copy() for name, array in log.arrays().items()}
        self.fit(log).predict(log.without_outcome())
        for name, array in log.arrays().items():
            np.testing.assert_array_equal(array, before[name], err_msg=name)

    def test_the_same_seed_gives_the_same_scores(self) -> None:
        log = small_enrolments(1).without_outcome()
        self.same(self.fit(small_enrolments(0)).predict(log), self.fitted().predict(log))

    def test_levels_courses_and_learners_that_were_not_seen_are_allowed(self) -> None:
        log = small_enrolments(1, courses=3).without_outcome()
        other = Fact("demographics", np.zeros(len(log), dtype=np.int32), np.array(["elsewhere"], dtype=object))
        log = replace(log, facts={**log.facts, "region": other})
        assert np.isfinite(self.fitted().predict(log)).all()

    def test_facts_that_are_all_unknown_are_allowed(self) -> None:
        log = small_enrolments(1).without_outcome()
        unknown = Fact("registration", np.full(len(log), np.nan))
        log = replace(log, facts={**log.facts, "credits": unknown})
        assert np.isfinite(self.fitted().predict(log)).all()

    def test_it_can_learn_from_facts_that_are_all_unknown(self) -> None:
        log = small_enrolments(0)
        log = replace(log, facts={**log.facts, "credits": Fact("registration", np.full(len(log), np.nan))})
        assert np.isfinite(self.fit(log).predict(log.without_outcome())).all()

    def test_no_enrolments_give_no_scores(self) -> None:
        log = small_enrolments(1).without_outcome()
        assert len(self.fitted().predict(log.take(np.zeros(len(log), dtype=bool)))) == 0

    def test_saved_and_loaded_it_scores_the_same(self, tmp_path: Path) -> None:
        log = small_enrolments(1).without_outcome()
        self.fitted().save(tmp_path)
        again = self.model.load(tmp_path)
        assert again.params == self.fitted().params
        self.same(again.predict(log), self.fitted().predict(log))

    def test_it_does_better_than_chance_on_who_does_little(self) -> None:
        log = small_enrolments(1, learners=400)
        score = np.asarray(self.fit(small_enrolments(0, learners=400)).predict(log.without_outcome()))
        bad, good = score[log.outcome == 1], score[log.outcome == 0]
        above = (bad[:, None] > good).mean() + 0.5 * (bad[:, None] == good).mean()
        assert above > self.at_least_auc

    at_least_auc: ClassVar[float] = 0.6
    """The AUC that `fit` on one small set reaches on another; 0.5 and less for a model that looks at no individual."""


class ExplainsTests(DropoutPredictorTests):
    """For predictors that give reasons: inherit it in place of `DropoutPredictorTests`."""

    adds_up_to: ClassVar[float] = 1e-6
    """How far, in log-odds, reasons may be from adding up to the score."""

    def explained(self, enrolments: Enrolments) -> Reasons:
        """The reasons that a fitted model gives."""
        model = self.fitted()
        assert isinstance(model, Explains)
        return model.reasons(enrolments)

    def test_reasons_add_up_to_the_score(self) -> None:
        log = small_enrolments(1).without_outcome().take(np.arange(30))
        reasons = self.explained(log)
        odds = reasons.base + reasons.contribution.sum(axis=1)
        score = np.clip(np.asarray(self.fitted().predict(log)), 1e-4, 1 - 1e-4)
        np.testing.assert_allclose(odds, np.log(score / (1 - score)), rtol=0, atol=self.adds_up_to)

    def test_reasons_of_an_enrolment_alone_are_the_same(self) -> None:
        log = small_enrolments(1).without_outcome().take(np.arange(10))
        together, alone = self.explained(log), self.explained(log.take(np.array([7])))
        assert alone.features.tolist() == together.features.tolist()
        np.testing.assert_allclose(alone.contribution[0], together.contribution[7], rtol=0, atol=self.adds_up_to)

    def test_who_a_learner_is_is_no_reason_that_is_shown(self) -> None:
        reasons = self.explained(small_enrolments(1).without_outcome().take(np.arange(30)))
        named = dict(zip(reasons.features.tolist(), reasons.actionable.tolist(), strict=True))
        assert not named["gender"]
        assert not named["region"]
        shown = reasons.top()
        assert reasons.actionable[shown[shown >= 0]].all()
        assert (shown >= 0).any()

    def test_a_loaded_model_gives_the_same_reasons(self, tmp_path: Path) -> None:
        log = small_enrolments(1).without_outcome().take(np.arange(10))
        self.fitted().save(tmp_path)
        again = self.model.load(tmp_path)
        assert isinstance(again, Explains)
        np.testing.assert_allclose(
            again.reasons(log).contribution, self.explained(log).contribution, rtol=0, atol=self.adds_up_to
        )
