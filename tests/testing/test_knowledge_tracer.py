"""The conformance class is only worth something if bad models fail it: each planted fault must be caught."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
import pytest
from numpy.typing import NDArray

from attain.core.component import Params
from attain.data.interactions import Interactions
from attain.tasks.context import FitContext
from attain.tasks.knowledge_tracing import KnowledgeTracer
from attain.tasks.online import Asked
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import small_log

Floats = NDArray[np.float64]


class RunningMean(KnowledgeTracer):
    """A sound little model: the share right of the learner's earlier answers, leaning on that in training."""

    name = "running_mean"
    params: Params
    rate: float

    def fit(self, log: Interactions, context: FitContext) -> None:
        self.rate = float(log.correct.mean())

    def predict(self, log: Interactions) -> Floats:
        right = np.cumsum(log.correct) - log.correct
        right = right - np.repeat(right[log.learner_start[:-1]], np.diff(log.learner_start))
        return (right + self.rate) / (log.step + 1)

    def mastery(self, log: Interactions) -> Floats:
        return np.repeat(self.predict(log), np.diff(log.skill_start))

    def save(self, folder: Path) -> None:
        np.save(folder / "rate.npy", self.rate)

    @classmethod
    def load(cls, folder: Path) -> Self:
        model = cls()
        model.rate = float(np.load(folder / "rate.npy"))
        return model


class TestRunningMean(KnowledgeTracerTests):
    model = RunningMean


class PeeksAtItsAnswer(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        return 0.9 * super().predict(log) + 0.1 * log.correct


class PeeksAtTheNextAnswer(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        scores = super().predict(log)
        last = np.diff(log.learner, append=-1) != 0
        return np.where(last, scores, 0.9 * scores + 0.1 * np.roll(log.correct, -1))


class CountsAllAnswersOfTheLearner(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        lengths = np.diff(log.learner_start)
        return np.clip(super().predict(log) + np.repeat(lengths, lengths) / 1000, 0, 1)


class PeeksAtTheNextItem(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        last = np.diff(log.learner, append=-1) != 0
        return np.clip(super().predict(log) + np.where(last, 0, np.roll(log.item, -1)) / 1000, 0, 1)


class PeeksAtItsDuration(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        assert log.duration_s is not None
        return np.clip(super().predict(log) - np.nan_to_num(log.duration_s) / 1000, 0, 1)


class PeeksAtTheNextTime(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        assert log.time_s is not None
        last = np.diff(log.learner, append=-1) != 0
        gap = np.where(last, 0, np.nan_to_num(np.diff(log.time_s, append=0)))
        return np.clip(super().predict(log) - gap / 1e6, 0, 1)


class ReadsTheTimeSinceTheAnswerBefore(RunningMean):
    """Sound: the time of a row, and the duration of the row before it, are known when it is predicted."""

    def predict(self, log: Interactions) -> Floats:
        assert log.time_s is not None
        assert log.duration_s is not None
        pause = np.nan_to_num(np.diff(log.time_s, prepend=0) - np.roll(log.duration_s, 1))
        return np.clip(super().predict(log) - np.where(log.step == 0, 0, pause) / 1e6, 0, 1)


class ChangesItsTimes(RunningMean):
    def fit(self, log: Interactions, context: FitContext) -> None:
        super().fit(log, context)
        assert log.time_s is not None
        log.time_s[:] -= 1


class MixesLearners(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        return (np.cumsum(log.correct) - log.correct + self.rate) / (np.arange(len(log)) + 1)


class ComparesWithTheCohort(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        scores = super().predict(log)
        return 0.5 * scores + 0.5 * scores.mean() if len(log) else scores


class RemembersCodes(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        return np.clip(super().predict(log) + log.item / 1000, 0, 1)


class LeavesTheRange(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        return 1.2 * super().predict(log)


class IgnoresItsSeed(RunningMean):
    def fit(self, log: Interactions, context: FitContext) -> None:
        self.rate = float(np.random.default_rng().random())


class PredictsAtRandom(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        return np.random.default_rng().random(len(log))


class KnowsOnlyItsSkills(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        if not set(log.skills) <= set(small_log().skills):
            raise KeyError("unseen skill")
        return super().predict(log)


class CountsNames(RunningMean):
    def fit(self, log: Interactions, context: FitContext) -> None:
        self.rate = 1 / len(log.items)


class NeedsASkill(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        log.skill[log.skill_start[:-1]]
        return super().predict(log)


class ChangesItsInput(RunningMean):
    def fit(self, log: Interactions, context: FitContext) -> None:
        super().fit(log, context)
        log.correct[0] = 1 - log.correct[0]


class ForgetsWhenSaved(RunningMean):
    @classmethod
    def load(cls, folder: Path) -> Self:
        model = super().load(folder)
        model.rate = 0.5
        return model


class AcceptsAnyParam(RunningMean):
    @classmethod
    def create(cls, **values: object) -> Self:
        return cls()


class NeedsBothClasses(RunningMean):
    def fit(self, log: Interactions, context: FitContext) -> None:
        super().fit(log, context)
        if self.rate in (0, 1):
            raise ValueError("needs samples of at least 2 classes")


class GivesOneScoreALearner(RunningMean):
    def predict(self, log: Interactions) -> Floats:
        return super().predict(log)[log.learner_start[:-1]]


class MasteryPeeks(RunningMean):
    def mastery(self, log: Interactions) -> Floats:
        lengths = np.diff(log.learner_start)
        mean = np.add.reduceat(log.correct, log.learner_start[:-1]) / lengths
        return np.repeat(np.repeat(mean, lengths), np.diff(log.skill_start))


class MasteryIsOneAnAnswer(RunningMean):
    def mastery(self, log: Interactions) -> Floats:
        return self.predict(log)


class OneByOne(RunningMean):
    """The little model in use: it remembers how many answers were right, how many there were, and its last word."""

    def start(self) -> bytes:
        return json.dumps([0, 0, None, []]).encode()

    def update(self, state: bytes, asked: Asked, correct: int) -> bytes:
        right, count, _, _ = json.loads(state)
        said = float(self.expect(state, [asked])[0])
        return json.dumps([right + correct, count + 1, said, list(asked.skills)]).encode()

    def expect(self, state: bytes, asked: Sequence[Asked]) -> Floats:
        right, count, _, _ = json.loads(state)
        return np.full(len(asked), (right + self.rate) / (count + 1))

    def masteries(self, state: bytes, of: Asked | None = None) -> dict[str, float]:
        _, _, said, skills = json.loads(state)
        return dict.fromkeys(skills if of is None else of.skills, said)


class ForgetsTheAnswerBefore(OneByOne):
    def update(self, state: bytes, asked: Asked, correct: int) -> bytes:
        return super().update(self.start(), asked, correct)


class TakesAnswersTogether(OneByOne):
    def expect(self, state: bytes, asked: Sequence[Asked]) -> Floats:
        return super().expect(state, asked) / max(len(asked), 1)


class ForgetsStatesWhenLoaded(OneByOne):
    fresh = True

    @classmethod
    def load(cls, folder: Path) -> Self:
        model = super().load(folder)
        model.fresh = False
        return model

    def expect(self, state: bytes, asked: Sequence[Asked]) -> Floats:
        return super().expect(state if self.fresh else self.start(), asked)


def failing(bad: type[KnowledgeTracer], folder: Path) -> set[str]:
    """Names of the promises that `bad` breaks."""
    tests = type("Planted", (KnowledgeTracerTests,), {"model": bad})()
    more: dict[str, list[dict[str, Any]]] = {
        "test_a_flipped_answer_moves_no_prediction_at_or_before_it": [{"place": p} for p in (0.0, 0.3, 0.7, 1.0)],
        "test_another_duration_moves_no_prediction_at_or_before_its_answer": [{"place": p} for p in (0.0, 0.5, 1.0)],
        "test_training_answers_that_are_all_alike_are_allowed": [{"answer": 0}, {"answer": 1}],
        "test_a_saved_model_predicts_the_same": [{"tmp_path": folder}],
        "test_a_saved_model_reads_on_from_what_was_known": [{"tmp_path": folder}],
    }
    broken = set()
    for name in (n for n in dir(tests) if n.startswith("test_")):
        for arguments in more.get(name, [{}]):
            try:
                getattr(tests, name)(**arguments)
            except pytest.skip.Exception:
                continue
            except (AssertionError, LookupError, ValueError, pytest.fail.Exception):
                broken.add(name)
    return broken


PEEKING = "test_a_flipped_answer_moves_no_prediction_at_or_before_it"
ALONE = "test_a_learner_alone_gets_the_same_scores"


@pytest.mark.parametrize(
    ("bad", "promise"),
    [
        (PeeksAtItsAnswer, PEEKING),
        (PeeksAtItsAnswer, "test_flipping_every_answer_moves_no_first_prediction"),
        (PeeksAtTheNextAnswer, PEEKING),
        (CountsAllAnswersOfTheLearner, "test_cutting_off_the_future_moves_no_prediction"),
        (PeeksAtTheNextItem, "test_other_items_in_the_future_move_no_prediction"),
        (PeeksAtItsDuration, "test_another_duration_moves_no_prediction_at_or_before_its_answer"),
        (PeeksAtTheNextTime, "test_other_times_in_the_future_move_no_prediction"),
        (ChangesItsTimes, "test_inputs_stay_unchanged"),
        (MixesLearners, ALONE),
        (MixesLearners, "test_answers_of_others_do_not_matter"),
        (MixesLearners, "test_the_order_of_learners_does_not_matter"),
        (ComparesWithTheCohort, ALONE),
        (RemembersCodes, "test_codes_are_only_names"),
        (LeavesTheRange, "test_one_probability_a_row"),
        (IgnoresItsSeed, "test_the_same_seed_gives_the_same_scores"),
        (PredictsAtRandom, "test_the_same_seed_gives_the_same_scores"),
        (KnowsOnlyItsSkills, "test_skills_items_and_learners_not_seen_in_fit_are_allowed"),
        (CountsNames, "test_names_that_no_training_answer_has_are_unseen_all_the_same"),
        (NeedsASkill, "test_an_answer_without_a_skill_is_allowed"),
        (ChangesItsInput, "test_inputs_stay_unchanged"),
        (ForgetsWhenSaved, "test_a_saved_model_predicts_the_same"),
        (AcceptsAnyParam, "test_an_unknown_param_is_named"),
        (NeedsBothClasses, "test_training_answers_that_are_all_alike_are_allowed"),
        (GivesOneScoreALearner, "test_one_probability_a_row"),
        (MasteryPeeks, "test_mastery_never_looks_at_later_answers"),
        (MasteryIsOneAnAnswer, "test_mastery_is_a_probability_for_each_answer_and_skill"),
        (ForgetsTheAnswerBefore, "test_step_by_step_it_says_what_it_says_of_the_whole_log"),
        (TakesAnswersTogether, "test_asked_of_many_items_at_once_it_answers_as_to_each"),
        (ForgetsStatesWhenLoaded, "test_a_saved_model_reads_on_from_what_was_known"),
    ],
)
def test_a_planted_fault_breaks_its_promise(bad: type[KnowledgeTracer], promise: str, tmp_path: Path) -> None:
    assert promise in failing(bad, tmp_path)


@pytest.mark.parametrize("sound", [RunningMean, ReadsTheTimeSinceTheAnswerBefore, OneByOne])
def test_a_sound_model_breaks_no_promise(sound: type[KnowledgeTracer], tmp_path: Path) -> None:
    assert failing(sound, tmp_path) == set()


def test_a_model_without_mastery_is_not_asked_for_it() -> None:
    tests = type("Planted", (KnowledgeTracerTests,), {"model": WithoutMastery})()
    with pytest.raises(pytest.skip.Exception, match="does not say mastery"):
        tests.test_mastery_never_looks_at_later_answers()


class WithoutMastery(RunningMean):
    mastery = None  # type: ignore[assignment]  # takes the capability away again
