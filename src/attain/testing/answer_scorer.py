"""What every scorer of short answers promises, as tests that its own test class inherits."""

# ruff: noqa: D102  # the name of a test is its sentence

from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from attain.data.answer_split import AnswerFold, ByPart, make
from attain.data.scored_answers import ScoredAnswers
from attain.tasks.answer_scoring import AnswerScorer
from attain.tasks.context import FitContext
from attain.testing.adapter import AdapterTests
from attain.testing.small_answers import small_answers

Floats = NDArray[np.floating]


class AnswerScorerTests(AdapterTests):
    """Inherit it, say which model, and pytest runs every promise against it.

    ```python
    class TestMine(AnswerScorerTests):
        model = Mine
        params: ClassVar = {"trees": 5}
    ```
    """

    model: ClassVar[type[AnswerScorer]]
    """The adapter."""

    at_least_correlation: ClassVar[float] = 0.5
    """The correlation with human scores on unseen answers to known questions that have a model answer; about 0 for a
    model that reads no answer."""

    _fitted: ClassVar[AnswerScorer]

    def fit(self, answers: ScoredAnswers, seed: int = 0) -> AnswerScorer:
        """A new model, fitted to `answers`."""
        model = self.model.create(**self.params)
        model.fit(answers, FitContext(rng=np.random.default_rng(seed)))
        return model

    def fitted(self) -> AnswerScorer:
        """A model fitted to the training part of `small_fold()`, made once for the class; tests may not change it."""
        if "_fitted" not in vars(type(self)):
            type(self)._fitted = self.fit(small_fold().train)
        return self._fitted

    def scores(self, answers: ScoredAnswers) -> Floats:
        """Points of the fitted model, those of people hidden from it."""
        return np.asarray(self.fitted().predict(answers.without_points()), dtype=float)

    def test_points_between_none_and_the_maximum(self) -> None:
        test = small_fold().test
        points = self.scores(test)
        assert points.shape == (len(test),)
        assert np.isfinite(points).all()
        assert (points >= 0).all()
        assert (points <= test.maximum_of_answer + 1e-9).all()

    def test_points_that_people_gave_are_not_read(self) -> None:
        test = small_fold().test
        hidden = self.scores(test)
        self.same(np.asarray(self.fitted().predict(test)), hidden)
        self.same(np.asarray(self.fitted().predict(replace(test, points=test.maximum_of_answer - test.points))), hidden)

    def test_an_answer_alone_gets_the_same_points(self) -> None:
        test = small_fold().test
        together = self.scores(test)
        for row in (0, 7, len(test) - 1):
            self.same(self.scores(test.take(np.array([row]))), together[[row]])

    def test_the_order_of_answers_does_not_matter(self) -> None:
        test = small_fold().test
        order = np.random.default_rng(0).permutation(len(test))
        self.same(self.scores(test.take(order)), self.scores(test)[order])

    def test_a_maximum_twice_as_high_gives_twice_the_points(self) -> None:
        test = small_fold().test
        self.same(self.scores(test.with_maximum(2 * test.maximum)), 2 * self.scores(test))

    def test_questions_that_were_not_seen_are_allowed(self) -> None:
        test = small_fold().test
        other = np.array([f"other {name}" for name in test.questions], dtype=object)
        assert np.isfinite(self.scores(replace(test, questions=other, wording=other))).all()

    def test_it_is_the_name_of_a_question_that_counts_and_not_its_number(self) -> None:
        test = small_fold().test
        n = len(test.questions)
        start = np.append(0, np.cumsum(np.diff(test.reference_start)[::-1]))
        turned = replace(
            test,
            question=(n - 1 - test.question).astype(np.int32),
            maximum=test.maximum[::-1],
            questions=test.questions[::-1],
            wording=test.wording[::-1],
            reference=np.array([t for q in range(n)[::-1] for t in test.references_of(q)], dtype=object),
            reference_start=start.astype(np.int64),
        )
        self.same(self.scores(turned), self.scores(test))

    def test_answers_that_are_empty_or_without_a_word_are_allowed(self) -> None:
        test = small_fold().test
        for text in ("", " \n", "?!", "答案", "x" * 20_000):
            assert np.isfinite(self.scores(replace(test, response=np.full(len(test), text, dtype=object)))).all()

    def test_it_can_learn_from_empty_answers_and_without_model_answers(self) -> None:
        train = small_fold().train
        bare = replace(
            train,
            response=np.full(len(train), "", dtype=object),
            reference=train.reference[:0],
            reference_start=np.zeros_like(train.reference_start),
        )
        assert np.isfinite(self.fit(bare).predict(bare.without_points())).all()

    def test_it_can_learn_from_one_question_with_equal_points(self) -> None:
        train = small_fold().train
        one = train.take(train.question == 0)
        one = replace(one, points=np.full(len(one), 1.0))
        assert np.isfinite(self.fit(one).predict(small_fold().test.without_points())).all()

    def test_nothing_is_changed_in_what_it_is_given(self) -> None:
        fold = small_fold(2)
        before = [{**part.arrays(), **part.texts()} for part in (fold.train, fold.test)]
        kept = [{name: np.array(values) for name, values in one.items()} for one in before]
        self.fit(fold.train).predict(fold.test)
        for part, one in zip((fold.train, fold.test), kept, strict=True):
            for name, values in {**part.arrays(), **part.texts()}.items():
                np.testing.assert_array_equal(np.array(values), one[name], err_msg=name)

    def test_the_same_seed_gives_the_same_points(self) -> None:
        fold = small_fold()
        self.same(np.asarray(self.fit(fold.train).predict(fold.test.without_points())), self.scores(fold.test))

    def test_no_answers_give_no_points(self) -> None:
        test = small_fold().test
        assert len(self.scores(test.take(np.zeros(len(test), dtype=bool)))) == 0

    def test_saved_and_loaded_it_scores_the_same(self, tmp_path: Path) -> None:
        test = small_fold().test
        self.fitted().save(tmp_path)
        again = self.model.load(tmp_path)
        assert again.params == self.fitted().params
        self.same(np.asarray(again.predict(test.without_points())), self.scores(test))

    def test_scores_rise_with_those_of_people(self) -> None:
        fold = small_fold(answers=90)
        test = fold.test.take((fold.test.part == 1) & (fold.test.question != 3))
        share = np.asarray(self.fit(fold.train).predict(test.without_points())) / test.maximum_of_answer
        assert _correlation(share, test.share) >= self.at_least_correlation


def small_fold(seed: int = 0, *, answers: int = 30) -> AnswerFold:
    """The unseen answers and the unseen questions of `small_answers` held out."""
    return make(ByPart(), small_answers(seed, answers=answers), 0)


def _correlation(a: Floats, b: Floats) -> float:
    return 0.0 if np.ptp(a) < 1e-9 else float(np.corrcoef(a, b)[0, 1])
