"""What every knowledge-tracing adapter promises, as tests that its own test class inherits."""

# ruff: noqa: D102  # the name of a test is its sentence

from dataclasses import fields, replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.core.ragged import pick
from attain.data.interactions import Interactions
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import HasMastery, KnowledgeTracer
from attain.tasks.online import Asked, Online, step
from attain.testing.adapter import AdapterTests
from attain.testing.small import small_log

Floats = NDArray[np.floating]


class KnowledgeTracerTests(AdapterTests):
    """Inherit it, say which model, and pytest runs every promise against it.

    ```python
    class TestMine(KnowledgeTracerTests):
        model = Mine
        params: ClassVar = {"epochs": 2}
    ```
    """

    model: ClassVar[type[KnowledgeTracer]]
    """The adapter."""

    _fitted: ClassVar[KnowledgeTracer]

    def fit(self, log: Interactions, seed: int = 0) -> KnowledgeTracer:
        """A new model, fitted to `log`."""
        model = self.model.create(**self.params)
        model.fit(log, FitContext(rng=np.random.default_rng(seed)))
        return model

    def fitted(self) -> KnowledgeTracer:
        """A model fitted to `small_log(0)`, made once for the class; tests may not change it."""
        if "_fitted" not in vars(type(self)):
            type(self)._fitted = self.fit(small_log(0))
        return self._fitted

    def test_one_probability_a_row(self) -> None:
        log = small_log(1)
        self._are_probabilities(self.fitted().predict(log), log)

    @pytest.mark.parametrize("place", [0.0, 0.3, 0.7, 1.0])
    def test_a_flipped_answer_moves_no_prediction_at_or_before_it(self, place: float) -> None:
        log = small_log(1)
        before = self.fitted().predict(log)
        at = _row_of_each_learner(log, place)
        correct = log.correct.copy()
        correct[at] = 1 - correct[at]
        after = self.fitted().predict(log.with_correct(correct))
        earlier = log.step <= _of_learners(log, log.step[at])
        self.same(after[earlier], before[earlier])

    def test_flipping_every_answer_moves_no_first_prediction(self) -> None:
        log = small_log(1)
        first = log.step == 0
        flipped = self.fitted().predict(log.with_correct(1 - log.correct))
        self.same(flipped[first], self.fitted().predict(log)[first])

    def test_cutting_off_the_future_moves_no_prediction(self) -> None:
        log = small_log(1)
        kept = log.step <= _of_learners(log, np.diff(log.learner_start) // 2)
        self.same(self.fitted().predict(log.take(kept)), self.fitted().predict(log)[kept])

    def test_other_items_in_the_future_move_no_prediction(self) -> None:
        log = small_log(1)
        kept = log.step <= _of_learners(log, np.diff(log.learner_start) // 2)
        changed = _with_items(log, np.where(kept, log.item, (log.item + 7) % len(log.items)))
        self.same(self.fitted().predict(changed)[kept], self.fitted().predict(log)[kept])

    @pytest.mark.parametrize("place", [0.0, 0.5, 1.0])
    def test_another_duration_moves_no_prediction_at_or_before_its_answer(self, place: float) -> None:
        log = small_log(1)
        at = _row_of_each_learner(log, place)
        duration = _known(log.duration_s).copy()
        duration[at] = np.where(np.isnan(duration[at]), 10, 7 * duration[at])
        after = self.fitted().predict(replace(log, duration_s=duration))
        earlier = log.step <= _of_learners(log, log.step[at])
        self.same(after[earlier], self.fitted().predict(log)[earlier])

    def test_other_times_in_the_future_move_no_prediction(self) -> None:
        log = small_log(1)
        kept = log.step <= _of_learners(log, np.diff(log.learner_start) // 2)
        time, duration = _known(log.time_s), _known(log.duration_s)
        changed = replace(
            log, time_s=np.where(kept, time, 2 * time + 1000), duration_s=np.where(kept, duration, 3 * duration)
        )
        self.same(self.fitted().predict(changed)[kept], self.fitted().predict(log)[kept])

    def test_a_learner_alone_gets_the_same_scores(self) -> None:
        log = small_log(1)
        together = self.fitted().predict(log)
        for code in log.present[:4]:
            self.same(self.fitted().predict(log.of_learners(np.array([code]))), together[log.learner == code])

    def test_answers_of_others_do_not_matter(self) -> None:
        log = small_log(1)
        half = log.learner % 2 == 0
        changed = log.with_correct(np.where(half, log.correct, 1 - log.correct))
        self.same(self.fitted().predict(changed)[half], self.fitted().predict(log)[half])

    def test_the_order_of_learners_does_not_matter(self) -> None:
        log = small_log(1)
        backwards, rows = _learners_backwards(log)
        self.same(self.fitted().predict(backwards), self.fitted().predict(log)[rows])

    def test_codes_are_only_names(self) -> None:
        log = small_log(1)
        self.same(self.fitted().predict(_other_codes(log)), self.fitted().predict(log))

    def test_names_that_no_training_answer_has_are_unseen_all_the_same(self) -> None:
        train, log = small_log(0), _half_renamed(small_log(1))
        items, skills = _and_others(train.items, log.items), _and_others(train.skills, log.skills)
        listed = replace(train, items=items, skills=skills)
        self.same(self.fit(listed).predict(log), self.fitted().predict(log))

    def test_inputs_stay_unchanged(self) -> None:
        log = small_log(2)
        columns = [column.name for column in fields(log)]
        copies = {name: getattr(log, name).copy() for name in columns}
        self.fit(log).predict(log)
        for name, copy in copies.items():
            np.testing.assert_array_equal(getattr(log, name), copy, err_msg=f"`{name}` of the log was changed")

    def test_the_same_seed_gives_the_same_scores(self) -> None:
        log = small_log(1)
        again = self.fit(small_log(0)).predict(log)
        self.same(again, self.fitted().predict(log))
        self.same(self.fitted().predict(log), again)

    def test_skills_items_and_learners_not_seen_in_fit_are_allowed(self) -> None:
        log = small_log(1)
        others = replace(log, learners=_renamed(log.learners), items=_renamed(log.items), skills=_renamed(log.skills))
        self._are_probabilities(self.fitted().predict(others), others)

    def test_an_answer_without_a_skill_is_allowed(self) -> None:
        log = small_log(1)
        bare = replace(log, skill=log.skill[:0], skill_start=np.zeros(len(log) + 1, dtype=np.int64))
        self._are_probabilities(self.fitted().predict(bare), bare)
        self._are_probabilities(self.fit(bare).predict(log), log)

    def test_a_learner_with_one_answer_and_a_cohort_of_one_are_allowed(self) -> None:
        log = small_log(1)
        single = log.take(np.arange(len(log)) == 0)
        self._are_probabilities(self.fitted().predict(single), single)

    def test_no_rows_give_no_scores(self) -> None:
        log = small_log(1)
        assert len(self.fitted().predict(log.take(np.zeros(len(log), dtype=bool)))) == 0

    @pytest.mark.parametrize("answer", [0, 1])
    def test_training_answers_that_are_all_alike_are_allowed(self, answer: int) -> None:
        log = small_log(0)
        model = self.fit(log.with_correct(np.full(len(log), answer)))
        self._are_probabilities(model.predict(log), log)

    def test_a_saved_model_predicts_the_same(self, tmp_path: Path) -> None:
        log = small_log(1)
        self.fitted().save(tmp_path)
        loaded = type(self.fitted()).load(tmp_path)
        assert loaded.params == self.fitted().params
        self.same(loaded.predict(log), self.fitted().predict(log))

    def test_mastery_is_a_probability_for_each_answer_and_skill(self) -> None:
        model, log = self._with_mastery(), small_log(1)
        known = np.asarray(model.mastery(log), dtype=float)
        assert known.shape == log.skill.shape, "mastery must be aligned with log.skill"
        said = known[~np.isnan(known)]
        assert ((said >= 0) & (said <= 1)).all(), "a mastery is outside [0, 1]"

    def test_mastery_never_looks_at_later_answers(self) -> None:
        model, log = self._with_mastery(), small_log(1)
        middle = _of_learners(log, np.diff(log.learner_start) // 2)
        changed = log.with_correct(np.where(log.step <= middle, log.correct, 1 - log.correct))
        earlier = np.repeat(log.step <= middle, np.diff(log.skill_start))
        self.same(model.mastery(changed)[earlier], model.mastery(log)[earlier])

    def test_step_by_step_it_says_what_it_says_of_the_whole_log(self) -> None:
        model, log = self._online(), small_log(1)
        whole, known = self.fitted().predict(log), self._masteries(log)
        for begin, end in zip(log.learner_start[:5], log.learner_start[1:6], strict=True):
            state = model.start()
            for row in range(begin, end):
                asked = _asked(log, row)
                assert model.expect(state, [asked])[0] == pytest.approx(whole[row], abs=1e-5)
                expected, after = step(model, state, asked, int(log.correct[row]))
                assert expected == pytest.approx(whole[row], abs=1e-5)
                state = model.update(state, asked, int(log.correct[row]))
                assert after == state
                said = model.masteries(state)
                for skill, value in model.masteries(state, asked).items():
                    assert said[skill] == pytest.approx(value, abs=1e-6)  # numbers of a batch of another size
                for skill, value in known[row].items():
                    assert said[skill] == pytest.approx(value, abs=1e-5)

    def test_asked_of_many_items_at_once_it_answers_as_to_each(self) -> None:
        model, log = self._online(), small_log(1)
        state = model.update(model.start(), _asked(log, 0), 1)
        questions = [*(_asked(log, row) for row in range(9)), Asked("unseen", ("unseen",)), Asked("unseen")]
        together = model.expect(state, questions)
        assert together == pytest.approx([model.expect(state, [one])[0] for one in questions], abs=1e-6)
        assert model.expect(state, []).shape == (0,)

    def test_a_saved_model_reads_on_from_what_was_known(self, tmp_path: Path) -> None:
        model, log = self._online(), small_log(1)
        state = model.update(model.start(), _asked(log, 0), 1)
        self.fitted().save(tmp_path)
        loaded = type(self.fitted()).load(tmp_path)
        assert isinstance(loaded, Online)
        assert loaded.expect(state, [_asked(log, 1)]) == pytest.approx(model.expect(state, [_asked(log, 1)]), abs=1e-6)

    def _online(self) -> Online:
        model = self.fitted()
        if not isinstance(model, Online):
            pytest.skip(f"{self.model.__name__} does not take answers one by one")
        return model

    def _masteries(self, log: Interactions) -> list[dict[str, float]]:
        """For each row the masteries of its skills that an answer with one skill leaves no doubt about."""
        if not isinstance(model := self.fitted(), HasMastery):
            return [{}] * len(log)
        said = np.asarray(model.mastery(log), dtype=float)
        single = np.diff(log.skill_start) == 1
        first = log.skill_start[:-1]
        return [
            {str(log.skills[log.skill[first[row]]]): float(said[first[row]])} if single[row] else {}
            for row in range(len(log))
        ]

    def _with_mastery(self) -> HasMastery:
        model = self.fitted()
        if not isinstance(model, HasMastery):
            pytest.skip(f"{self.model.__name__} does not say mastery")
        return model

    def _are_probabilities(self, scores: Floats, log: Interactions) -> None:
        assert np.shape(scores) == (len(log),), "predict must give one score a row"
        assert np.isfinite(scores).all(), "a score is not a number"
        assert ((scores >= 0) & (scores <= 1)).all(), "a score is outside [0, 1]"


def _asked(log: Interactions, row: int) -> Asked:
    """What the answer of a row was to."""
    skills = log.skill[log.skill_start[row] : log.skill_start[row + 1]]
    time_s = float(_known(log.time_s)[row])
    names = tuple(str(log.skills[code]) for code in skills)
    return Asked(str(log.items[log.item[row]]), names, None if np.isnan(time_s) else time_s)


def _of_learners(log: Interactions, values: NDArray[np.integer]) -> NDArray[np.integer]:
    """One value a learner, repeated for the learner's rows."""
    return np.repeat(values, np.diff(log.learner_start))


def _row_of_each_learner(log: Interactions, place: float) -> NDArray[np.integer]:
    """One row of each learner: 0.0 is the first, 1.0 the last."""
    lengths = np.diff(log.learner_start)
    return log.learner_start[:-1] + np.floor(place * (lengths - 1)).astype(np.int64)


def _known(values: NDArray[np.floating] | None) -> NDArray[np.floating]:
    assert values is not None, "the small log has times and durations"
    return values


def _with_items(log: Interactions, item: NDArray[np.integer]) -> Interactions:
    """The log with other items and their skills, where every item occurs in `log`."""
    example = np.zeros(len(log.items), dtype=np.int64)
    example[log.item] = np.arange(len(log))
    donor = example[item]
    places, start = pick(log.skill_start, donor)
    return replace(log, item=log.item[donor], skill=log.skill[places], skill_start=start)


def _rows_in(log: Interactions, rows: NDArray[np.integer], learner: NDArray[np.integer]) -> Interactions:
    """Rows of a log in any order, with new learner codes."""
    places, start = pick(log.skill_start, rows)
    return replace(
        log,
        learner=learner.astype(np.int32),
        item=log.item[rows],
        correct=log.correct[rows],
        skill=log.skill[places],
        skill_start=start,
        row=log.row[rows],
        time_s=_known(log.time_s)[rows],
        duration_s=_known(log.duration_s)[rows],
    )


def _learners_backwards(log: Interactions) -> tuple[Interactions, NDArray[np.integer]]:
    """The log with the last learner first, and the row of `log` that each of its rows was."""
    rows = np.lexsort((log.step, -log.learner))
    last = len(log.learners) - 1
    turned = _rows_in(log, rows, last - log.learner[rows])
    return replace(turned, learners=log.learners[::-1].copy()), rows


def _other_codes(log: Interactions) -> Interactions:
    """The same log with items and skills numbered the other way round."""
    return replace(
        log,
        item=(len(log.items) - 1 - log.item).astype(np.int32),
        items=log.items[::-1].copy(),
        skill=(len(log.skills) - 1 - log.skill).astype(np.int32),
        skills=log.skills[::-1].copy(),
    )


def _half_renamed(log: Interactions) -> Interactions:
    """The log with every second item and skill under a name that no other log has."""
    items, skills = log.items.copy(), log.skills.copy()
    items[::2], skills[::2] = _renamed(items[::2]), _renamed(skills[::2])
    return replace(log, items=items, skills=skills)


def _and_others(names: NDArray[np.object_], more: NDArray[np.object_]) -> NDArray[np.object_]:
    """The names, and behind them those that only `more` has."""
    return np.append(names, [name for name in more if name not in set(names)])


def _renamed(names: NDArray[np.object_]) -> NDArray[np.object_]:
    return np.array([f"unseen-{name}" for name in names], dtype=object)
