from dataclasses import replace

import numpy as np
import pytest

from attain.audit.goes_by import FEW, MOST, Agreement, goes_by, stability, stability_sentence
from attain.audit.small_groups import SuppressionRule
from attain.core.reasons import Reasons

RULE = SuppressionRule()
AGREED = Agreement(30, 40, 36, 40, shared=0.5, strongest=35, n=50, flagged=0.88, learners=3000)


def reasons(contribution: np.ndarray, actionable: list[bool]) -> Reasons:
    names = np.array([f"f{i}" for i in range(contribution.shape[1])], dtype=object)
    return Reasons(names, np.array(actionable), 0.0, contribution)


def test_features_are_ordered_by_how_far_they_pull_either_way() -> None:
    found = goes_by(reasons(np.tile([0.5, -2.0, 1.5], (20, 1)), [True, False, True]), RULE)
    assert [one["feature"] for one in found["features"]] == ["f1", "f2", "f0"]
    assert [one["share"] for one in found["features"]] == [0.5, 0.375, 0.125]
    assert found["not_actionable"] == 0.5


def test_only_what_raises_a_score_and_can_be_acted_on_is_a_first_reason() -> None:
    contribution = np.array([[3.0, 1.0, 0.5]] * 15 + [[3.0, -1.0, -0.5]] * 5)
    found = goes_by(reasons(contribution, [False, True, True]), RULE)
    first = {one["feature"]: one["first"] for one in found["features"]}
    assert first == {"f0": None, "f1": 0.75, "f2": 0.0}
    assert found["none"] == 0.25


def test_of_a_few_flagged_nothing_is_said() -> None:
    found = goes_by(reasons(np.ones((9, 2)), [True, True]), RULE)
    assert found == {"n": None, "features": [], "reason": FEW}


def test_many_features_become_a_rest_and_all_shares_make_up_one() -> None:
    rng = np.random.default_rng(0)
    found = goes_by(reasons(rng.normal(size=(50, 40)), [True] * 40), RULE)
    assert len(found["features"]) == MOST
    assert sum(one["share"] for one in found["features"]) + found["rest"] == pytest.approx(1, abs=0.01)


def test_a_model_that_goes_by_nothing_is_no_division_by_nothing() -> None:
    assert goes_by(reasons(np.zeros((20, 2)), [True, False]), RULE)["features"][0]["share"] == 0


def test_how_often_refits_agree_is_told_of_a_hundred() -> None:
    found = stability(AGREED, "", RULE)
    assert {key: found[key] for key in ("n", "first", "first_topic")} == {"n": 40, "first": 0.75, "first_topic": 0.9}
    said = stability_sentence({"stability": found})
    assert "learners drawn with replacement from the 3,000 that it learned from" in said
    assert "Of 100 flagged, 75 have the same first reason in both refits and 90 one of the same topic" in said
    assert "of their first three reasons 50 of 100 are in both" in said
    assert "Of 100 whom one refit would flag, the other would flag 88." in said
    assert "looks steadier" not in said


def test_reasons_that_agree_only_because_few_may_be_shown_are_said_to() -> None:
    said = stability_sentence({"stability": stability(replace(AGREED, strongest=15), "", RULE)})
    assert said.endswith("the one that raises the score most is the same for 30 of 100.")


def test_what_was_not_measured_or_is_of_a_few_has_no_number() -> None:
    few = stability(replace(AGREED, first=9, named=9, first_topic=9, named_topic=9), "", RULE)
    assert few["first"] is None
    assert "too few" in stability_sentence({"stability": few})
    assert "not known: the split is lost" in stability_sentence(
        {"stability": stability(None, "the split is lost", RULE)}
    )
    assert "was not measured" in stability_sentence({})
