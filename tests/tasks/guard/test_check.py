"""Each way to flatter a figure is caught with its evidence, and an honest fold passes."""

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from attain.core.errors import UserError
from attain.data.dataset import Dataset
from attain.data.enrolment_split import ByCourse, ByTerm, EnrolmentSplit
from attain.data.enrolments import Enrolments, Fact
from attain.data.simulate.course_options import SimulateCoursesOptions
from attain.data.simulate.courses import simulated_courses
from attain.data.split import ByLearner, Fold
from attain.tasks import guard
from attain.tasks.dropout_prediction import make_fold
from attain.tasks.guard.features import auc


def fold(split: EnrolmentSplit | None = None, **options: Any) -> Fold[Enrolments]:  # options of several types
    dataset = simulated_courses("simulated_courses", SimulateCoursesOptions(**options))
    return make_fold(split or ByTerm(), dataset, 0)


def with_fact(of: Fold[Enrolments], name: str, make: Callable[[Enrolments], Fact]) -> Fold[Enrolments]:
    train, test = (replace(p, facts={**p.facts, name: make(p)}) for p in (of.train, of.test))
    return replace(of, train=train, test=test)


def found(of: Fold[Enrolments], **how: Any) -> dict[str, list[str]]:  # as `check`
    names: dict[str, list[str]] = {}
    for finding in guard.check(of, **how):
        names.setdefault(finding.detector, []).append(finding.about)
    return names


@pytest.mark.parametrize("as_of", [0, 28, 84, 126])
@pytest.mark.parametrize("outcome", ["fail_or_withdrawn", "withdrawn_within"])
def test_an_honest_fold_passes(as_of: float, outcome: str) -> None:
    for seed in range(3):
        assert found(fold(as_of=as_of, outcome=outcome, seed=seed)) == {}


@pytest.mark.parametrize(
    ("mistakes", "expected"),
    [
        (["left_already"], {"left_already": [""]}),
        (["end_day"], {"label_in_feature": ["end_day"]}),
        (["later_events"], {"later_events": ["activity", "results", "schedule"]}),
        (
            ["left_already", "end_day", "later_events"],
            {
                "label_in_feature": ["end_day"],
                "later_events": ["activity", "results", "schedule"],
                "left_already": [""],
            },
        ),
    ],
)
def test_each_known_mistake_is_caught_and_nothing_else_said(
    mistakes: list[str], expected: dict[str, list[str]]
) -> None:
    assert found(fold(mistakes=mistakes)) == expected
    assert found(fold(mistakes=mistakes, outcome="withdrawn_within")).keys() == expected.keys()


def test_a_random_split_over_several_terms_is_said_to_flatter_but_does_not_stop() -> None:
    findings = guard.check(fold(ByLearner()), learners_apart=True)
    assert [(finding.detector, finding.stops) for finding in findings] == [("not_by_time", False)]
    guard.refuse(findings)
    assert found(fold(ByLearner(), terms=1)) == {}
    assert found(fold(ByCourse())) == {}


def test_learners_in_both_parts_are_told_where_the_split_promises_that_there_are_none() -> None:
    by_term = fold()
    assert found(by_term) == {}
    (finding,) = guard.check(by_term, learners_apart=True)
    assert finding.detector == "shared_learners"
    assert finding.evidence["learners"] == len(set(by_term.train.learner.tolist()) & set(by_term.test.learner.tolist()))


def test_copies_made_before_the_split_are_found() -> None:
    log = fold(outcome="withdrawn_within", horizon=20, mistakes=["left_already"]).train
    rare = np.flatnonzero(log.outcome == 1)
    rng = np.random.default_rng(0)
    more = log.take(np.concatenate([np.arange(len(log)), rng.choice(rare, 5 * len(rare))]))
    out = rng.random(len(more)) < 0.2
    copied = Fold(0, more.take(~out), more.take(out), np.ones(int(out.sum()), dtype=bool))
    (finding,) = [f for f in guard.check(copied) if f.detector == "copied_rows"]
    assert finding.evidence["agree"] > 0.99
    once = Fold(
        0, log.take(np.arange(len(log)) % 5 > 0), log.take(np.arange(len(log)) % 5 == 0), np.ones(1, dtype=bool)
    )
    assert "copied_rows" not in found(once)


def test_enrolments_that_are_alike_because_little_is_known_are_no_copies() -> None:
    bare = fold(as_of=-8)
    bare = replace(
        bare,
        **{
            part: replace(log, facts={"gender": log.facts["gender"]}, activity=None, results=None)
            for part, log in (("train", bare.train), ("test", bare.test))
        },
    )
    assert found(bare) == {}


def test_a_feature_that_nearly_is_the_outcome_is_found_whatever_its_form() -> None:
    clean, rng = fold(), np.random.default_rng(0)

    def number(log: Enrolments) -> Fact:
        return Fact("x", log.outcome + rng.normal(0, 0.3, len(log)))

    def below(log: Enrolments) -> Fact:
        return Fact("x", -log.outcome)

    def level(log: Enrolments) -> Fact:
        code = np.where(rng.random(len(log)) < 0.02, 1 - log.outcome, log.outcome).astype(np.int32)
        return Fact("x", code, np.array(["no", "yes"], dtype=object))

    def only_known_later(log: Enrolments) -> Fact:
        return Fact("x", np.where((log.outcome == 1) & (rng.random(len(log)) < 0.3), 5.0, np.nan))

    for make in (number, below, level, only_known_later):
        assert found(with_fact(clean, "x", make)) == {"label_in_feature": ["x"]}, make


def test_a_strong_but_honest_feature_passes() -> None:
    clean, rng = fold(), np.random.default_rng(0)
    strong = with_fact(clean, "x", lambda log: Fact("x", log.outcome + rng.normal(0, 0.8, len(log))))
    assert auc(strong.train.facts["x"].values.astype(float), strong.train.outcome) > 0.75
    assert found(strong) == {}


def test_ids_given_out_by_outcome_are_found_and_others_are_not() -> None:
    clean, rng = fold(), np.random.default_rng(0)

    def ids(*, by_outcome: float, number: bool) -> Callable[[Enrolments], Fact]:
        def make(log: Enrolments) -> Fact:
            place = np.argsort(np.argsort(by_outcome * log.outcome + rng.random(len(log))))
            if number:
                return Fact("x", place + 1e6)
            names = np.array([f"id{i:06d}" for i in range(len(log))], dtype=object)
            return Fact("x", place.astype(np.int32), names)

        return make

    for number in (True, False):
        assert found(with_fact(clean, "x", ids(by_outcome=0.4, number=number))) == {"identifiers": ["x"]}
        assert found(with_fact(clean, "x", ids(by_outcome=0, number=number))) == {}


def test_an_id_encoded_by_its_own_outcome_is_found() -> None:
    clean, rng = fold(), np.random.default_rng(0)

    def encoded(log: Enrolments) -> Fact:
        pair = rng.permutation(len(log)) // 2  # two enrolments a level
        return Fact("x", (np.bincount(pair, log.outcome) / np.bincount(pair))[pair])

    assert found(with_fact(clean, "x", encoded)) == {"label_in_feature": ["x"]}


def test_a_finding_stops_the_run_unless_a_reason_is_given_which_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    leaky = fold(mistakes=["left_already", "end_day"])
    with pytest.raises(
        UserError, match=r"(?s)guard stops this run:.*label_in_feature: 'end_day' is the day.*left_already"
    ):
        guard.refuse(guard.check(leaky))
    reason = "a comparison with published figures"
    with pytest.raises(UserError, match="left_already") as refusal:
        guard.refuse(guard.check(leaky, {"label_in_feature": reason}))
    assert "end_day" not in str(refusal.value)
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        findings = guard.check(leaky, {"label_in_feature": reason, "left_already": reason})
    guard.refuse(findings)
    assert {finding.allowed for finding in findings} == {reason}
    assert caplog.text.count(reason) == 2


@pytest.mark.parametrize(
    ("allow", "words"),
    [({"left_alredy": "x"}, "Did you mean 'left_already'"), ({"left_already": " "}, "without a reason")],
)
def test_a_wrong_allowance_is_named(allow: dict[str, str], words: str) -> None:
    with pytest.raises(UserError, match=words):
        guard.check(fold(), allow)


def test_a_fact_dated_after_the_cut_off_is_told() -> None:
    late = with_fact(fold(), "x", lambda log: Fact("x", np.zeros(len(log)), None, 40))
    (finding,) = guard.check(late)
    assert "known from day 40 only, and the cut-off is day 28" in finding.sentence


def test_nothing_is_said_of_too_few_rows() -> None:
    few = fold(courses=1, terms=2, learners=8)
    assert found(with_fact(few, "x", lambda log: Fact("x", log.outcome))) == {}


def test_the_area_is_that_of_counting_pairs() -> None:
    rng = np.random.default_rng(0)
    score, y = rng.integers(0, 5, 60).astype(float), rng.integers(0, 2, 60).astype(float)
    bad, good = score[y == 1], score[y == 0]
    assert auc(score, y) == pytest.approx((bad[:, None] > good).mean() + 0.5 * (bad[:, None] == good).mean())


def test_every_detector_can_be_allowed_by_its_name() -> None:
    assert guard.checked_allow(dict.fromkeys(guard.DETECTORS, "why")) == dict.fromkeys(guard.DETECTORS, "why")
    assert isinstance(fold(), Fold)
    assert isinstance(simulated_courses("s", SimulateCoursesOptions(learners=4)), Dataset)
