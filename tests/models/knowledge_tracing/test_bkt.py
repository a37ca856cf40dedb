from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import numpy as np
import pandas as pd
import pytest

from attain.core.errors import UserError
from attain.data.interactions import Interactions
from attain.models.knowledge_tracing._bkt_optima import EVIDENCE
from attain.models.knowledge_tracing.bkt import BKT, chance, update
from attain.tasks.context import FitContext
from attain.testing.knowledge_tracer import KnowledgeTracerTests
from attain.testing.small import make_log, small_log


class TestBKT(KnowledgeTracerTests):
    model = BKT


class TestBKTOfEachSkill(KnowledgeTracerTests):
    model = BKT
    params: ClassVar = {
        "skills": "mean",
        "forgets": True,
        "guess_plus_slip_below_one": True,
        "pseudo_counts": {"guess": [1, 4]},
    }


class TestBKTOfTheFirstSkill(KnowledgeTracerTests):
    model = BKT
    params: ClassVar = {"skills": "first", "starts": 7}


class TestBKTOfItems(KnowledgeTracerTests):
    model = BKT
    params: ClassVar = {"guess_by": "item", "learn_by": "item", "skills": "mean", "forgets": True}


class TestBKTOfPairsAfterAFirstAnswer(KnowledgeTracerTests):
    model = BKT
    params: ClassVar = {"learn_by": "pair", "prior_by": "first_answer", "starts": 1}


class TestBKTOfGroupsOfLearners(KnowledgeTracerTests):
    model = BKT
    params: ClassVar = {"learner_groups": 3, "guess_by": "item", "forgets": True}


class TestBKTOfGroupsOfLearnersAfterAFirstAnswer(KnowledgeTracerTests):
    model = BKT
    params: ClassVar = {"learner_groups": 2, "prior_by": "first_answer", "skills": "mean", "starts": 1}


class TestBKTOfItemsAtTheMaximumOfTheLikelihood(KnowledgeTracerTests):
    model = BKT
    params: ClassVar = {
        "guess_by": "item",
        "prior_by": "first_answer",
        "lean": 0,
        "guess_plus_slip_below_one": True,
        "pseudo_counts": {name: [0, 0] for name in ("prior", "learn", "guess", "slip", "forget")},
    }


def fitted(**params: object) -> BKT:
    model = BKT.create(**params)
    model.fit(small_log(0), FitContext(rng=np.random.default_rng(0)))
    return model


NOTHING_IMAGINED = {name: [0, 0] for name in ("prior", "learn", "guess", "slip", "forget")}


def test_more_starts_never_fit_worse() -> None:
    reached = []
    for starts in (1, 5, 12):
        model = BKT.create(starts=starts, pseudo_counts=NOTHING_IMAGINED)
        context = FitContext(np.random.default_rng(0), lambda step, **values: reached.append(values["log_likelihood"]))
        model.fit(small_log(0), context)
    assert reached[0] <= reached[1] + 1e-3
    assert reached[1] <= reached[2] + 1e-3


def test_a_skill_of_two_learners_does_not_make_their_opposites_impossible() -> None:
    log = make_log(np.array([0, 0, 1, 1]), np.zeros(4, dtype=int), np.ones(4, dtype=int), [[0]])
    wrong = make_log(np.zeros(3, dtype=int), np.zeros(3, dtype=int), np.array([1, 0, 0]), [[0]])
    likely, sure = BKT.create(), BKT.create(pseudo_counts=NOTHING_IMAGINED)
    for model in (likely, sure):
        model.fit(log, FitContext())
    assert sure.predict(wrong)[1] == 1
    assert 0.8 < likely.predict(wrong)[1] < 0.999


def test_negative_pseudo_counts_are_refused() -> None:
    with pytest.raises(UserError, match=r"pseudo_counts.guess.0.*greater than or equal to 0"):
        BKT.create(pseudo_counts={"guess": [-1, 4]})


def test_a_right_answer_never_speaks_against_knowing_when_so_asked() -> None:
    values = fitted(guess_plus_slip_below_one=True).learned.values
    assert (values[:, 2] + values[:, 3]).max() <= 1 + 1e-12


def test_nothing_is_forgotten_unless_so_asked() -> None:
    assert (fitted().learned.values[:, 4] == 0).all()
    assert (fitted(forgets=True).learned.values[:, 4] > 0).any()


def test_unseen_skills_get_what_all_histories_together_say() -> None:
    log = make_log(np.repeat([0, 1, 2], 4), np.tile([0, 0, 1, 1], 3), np.tile([0, 1, 1, 1, 0, 0], 2), [[0], [1]])
    together = make_log(np.repeat(np.arange(6), 2), np.zeros(12, dtype=int), log.correct, [[0]])
    model, single = BKT.create(), BKT.create()
    model.fit(log, FitContext())
    single.fit(together, FitContext())
    np.testing.assert_allclose(model.learned.values[-1], single.learned.values[0])


def test_a_skill_whose_items_differ_is_predicted_better_with_items() -> None:
    everyone = small_log(0, learners=300)
    train, log = everyone.of_learners(np.arange(200)), everyone.of_learners(np.arange(200, 300))
    loss = {}
    for by in ("skill", "item"):
        model = BKT.create(guess_by=by)
        model.fit(train, FitContext())
        scores = model.predict(log)
        loss[by] = -np.log(np.where(log.correct == 1, scores, 1 - scores)).mean()
    assert loss["item"] < loss["skill"] - 0.01


def test_learners_who_differ_are_predicted_better_by_groups() -> None:
    everyone = small_log(0, learners=300, items=7)
    train, log = everyone.of_learners(np.arange(200)), everyone.of_learners(np.arange(200, 300))
    loss = {}
    for groups in (1, 3):
        model = BKT.create(learner_groups=groups)
        model.fit(train, FitContext())
        scores = model.predict(log)
        loss[groups] = -np.log(np.where(log.correct == 1, scores, 1 - scores)).mean()
    assert loss[3] < loss[1] - 0.01


def test_how_far_the_optima_of_a_skill_agree_is_reported_and_saved_for_people(tmp_path: Path) -> None:
    said: dict[str, float] = {}
    model = BKT.create()
    model.fit(small_log(0), FitContext(report=lambda step, **values: said.update(values)))
    model.save(tmp_path)
    table = pd.read_csv(tmp_path / "skills.csv", keep_default_na=False, na_values={"mastery_gap": ""})
    assert list(table) == ["skill", "prior", "learn", "guess", "slip", "forget", *EVIDENCE]
    assert table["skill"].tolist() == model.learned.groups[0].skills.tolist()
    assert table["answers"].sum() == len(small_log(0))
    assert said["unidentified_skill_share"] == (table["mastery_gap"] > 0.1).mean()
    assert 0 < said["unidentified_skill_share"] < 1
    assert said["unidentified_skill_share/n"] == len(table)


def test_from_one_start_nothing_is_said_of_other_optima() -> None:
    said: dict[str, float] = {}
    BKT.create(starts=1).fit(small_log(0), FitContext(report=lambda step, **values: said.update(values)))
    assert list(said) == ["log_likelihood"]


def one_skill(sequences: list[list[int]]) -> Interactions:
    lengths = [len(s) for s in sequences]
    learner = np.repeat(np.arange(len(sequences)), lengths)
    item = np.arange(len(learner)) % 3
    return make_log(learner, item, np.concatenate(sequences), [[0], [0], [0]])


VARIANTS = [
    {},
    {"guess_by": "item"},
    {"learn_by": "pair", "forgets": True},
    {"guess_by": "item", "learn_by": "item", "prior_by": "first_answer", "lean": 0},
    {"learner_groups": 3},
]


@pytest.mark.parametrize("params", VARIANTS)
@pytest.mark.parametrize(
    "sequences",
    [[[1]], [[0]], [[1], [1], [0]], [[1] * 10] * 5, [[0] * 10] * 5, [[0, 1] * 3] * 20],
    ids=["a right answer", "a wrong answer", "histories of one", "all right", "all wrong", "by turns"],
)
def test_poor_data_give_probabilities(params: dict[str, object], sequences: list[list[int]]) -> None:
    model, log = BKT.create(**params), one_skill(sequences)
    model.fit(log, FitContext())
    for scores in (model.predict(log), model.predict(log.with_correct(1 - log.correct)), model.mastery(log)):
        assert np.isfinite(scores).all()
        assert ((scores >= 0) & (scores <= 1)).all()


@pytest.mark.parametrize("params", VARIANTS)
def test_a_history_of_100_000_answers_is_followed_to_its_end(params: dict[str, object]) -> None:
    right = (np.random.default_rng(0).random(100_000) < np.linspace(0.3, 0.9, 100_000)).astype(int)
    model, log = BKT.create(**params, max_iterations=3), one_skill([right.tolist(), [1], [0, 1]])
    model.fit(log, FitContext())
    scores = model.predict(log)
    assert np.isfinite(scores).all()
    assert np.isfinite(model.evidence[0, 2])


@pytest.mark.parametrize("mode", ["combination", "first", "mean"])
def test_items_with_no_skill_and_with_forty_are_read_in_each_mode(mode: str) -> None:
    item = np.tile([0, 1, 2], 20)
    log = make_log(np.repeat(np.arange(20), 3), item, np.arange(60) % 2, [[], list(range(40)), [0]])
    model = BKT.create(skills=mode, guess_by="item", prior_by="first_answer")
    model.fit(log, FitContext())
    assert np.isfinite(model.predict(log)).all()
    assert len(model.mastery(log)) == len(log.skill) == 20 * 41


def test_a_learner_is_followed_answer_by_answer_as_predict_does() -> None:
    model, log = fitted(forgets=True), one_skill([[1, 0, 0, 1, 1, 1]])
    named = replace(log, skills=model.learned.groups[0].skills[:1])
    known, learn, guess, slip, forget = model.learned.values[0]
    scores = []
    for correct in log.correct:
        scores.append(chance(known, guess, slip))
        known = update(known, correct, learn, guess, slip, forget)
    np.testing.assert_allclose(model.predict(named), scores)
